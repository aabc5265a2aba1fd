"""The service's own jobs: listed beside the reports, scheduled and run as they are, and what they find."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from console.demo.shop import DemoShop
from runs import keys
from tests.acceptance.conftest import Services, json_of, shelfbeat
from tests.support.receivers import Hook

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`


def write_shop(folder: Path, shop: DemoShop, notify: list[str]) -> None:
    (folder / "kettles.yaml").write_text(
        json.dumps(
            {
                "job": "kettles",
                "customer": "ACME GmbH",
                "urls": [{"list": shop.urls()[:3]}],
                "publish": {"files": ["jsonl"]},
                "notify": notify,
            }
        )
    )


def run_to_end(services: Services, job: str) -> dict[str, Any]:
    done = shelfbeat("jobs", "trigger", job, "--json", env=services.env)
    assert done.returncode == 0, done.stderr
    return services.wait_for_end(json_of(done)["run"])


def test_the_service_keeps_itself_clean_and_accounts_for_itself(
    services: Services, shop: DemoShop, tmp_path: Path
) -> None:
    with Hook(200) as ops, Hook(410) as gone:
        services.env |= {"SHELFBEAT_OPERATORS": ops.address()}
        write_shop(tmp_path / "jobs.d", shop, [gone.open_address()])
        services.worker()
        listed = json_of(shelfbeat("jobs", "list", "--category", "Maintenance", "--json", env=services.env))
        names = {job["job"] for job in listed}
        assert names >= {
            "clean-up",
            "usage-summary",
            "delivery-reconciliation",
            "history-upkeep",
            "self-test",
        }
        assert all(job["schedule"] and job["next"] and job["description"] for job in listed)

        assert run_to_end(services, "kettles")["deliveries"][0]["state"] == "refused"
        tested = run_to_end(services, "self-test")
        assert [step["state"] for step in tested["steps"]] == ["done"] * 7
        assert tested["failures"] == {"dns": 1}

        with Redis.from_url(services.redis.url) as redis:
            redis.zadd(keys.DEALT, {"a-job-long-gone": 1})
            redis.zadd(keys.job_runs("kettles"), {"kettles-19990101T000000Z": 1})
            redis.set("sb:run:lost:snapshot", "x")
            part = tmp_path / "home" / "reports" / "kettles" / f".x.{'0' * 32}.part.csv"
            part.write_text("half")

            os.utime(part, (1, 1))
            cleaned = run_to_end(services, "clean-up")
            assert cleaned["state"] == "published"
            assert [step["name"] for step in cleaned["steps"]] == ["maintain"]
            found = cleaned["result"]
            assert (found["notes"], found["run_ids"], found["unfinished_files"]) == (1, 1, 1)
            assert found["keys_without_expiry"] == 1
            assert redis.ttl("sb:run:lost:snapshot") > 0
            assert not part.exists()
            runs = redis.keys("sb:run:*")
            assert [key for key in runs if redis.ttl(key) == -1] == []

        yesterday = datetime.now(UTC) - timedelta(days=1)
        with Redis.from_url(services.redis.url) as redis:
            for key in redis.keys("sb:run:kettles-*Z-????"):
                redis.hset(key, "ended_at", int(yesterday.timestamp() * 1_000))
        reconciled = run_to_end(services, "delivery-reconciliation")
        assert reconciled["result"]["customers"]["ACME GmbH"]["pages"] == 3
        assert reconciled["result"]["customers"]["ACME GmbH"]["bytes"] > 1_000
        assert reconciled["result"]["customers"]["ACME GmbH"]["worker_ms"] > 0
        assert [one["what"] for one in reconciled["result"]["open"]] == ["result: HTTP 410"]
        assert "1 refused" in str(ops.bodies[-1]["message"])
