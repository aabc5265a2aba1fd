"""Every service as its own user of a Redis that compose/redis/start.sh started: each does all of its work."""

import base64
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from console.demo.shop import DemoShop
from runs.embedded import EmbeddedRedis
from tests.acceptance.conftest import Services, json_of, shelfbeat
from tests.support.compose_redis import address_of, client_of, started_redis

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`


COMMANDS = (
    ("runs", "list"),
    ("variables", "set", "X", "1"),
    ("jobs", "pause", "acme"),
    ("runs", "rerun", "RUN", "--from", "write_to_sheet"),
)


def flower_page(port: int, page: str) -> str:
    """Return a page of Flower once it shows the workers."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/{page}")
    asked.add_header("Authorization", "Basic " + base64.b64encode(b"shelfbeat:pw").decode())
    with urllib.request.urlopen(asked, timeout=20) as answer:  # noqa: S310
        return str(answer.read().decode())


def test_every_role_does_its_work_and_is_refused_nothing_that_it_asks_for(
    environment: dict[str, str], shop: DemoShop, tmp_path: Path
) -> None:
    (tmp_path / "jobs.d").mkdir()
    urls = "".join(f"  - {url}\n" for url in shop.urls()[:60])
    (tmp_path / "jobs.d" / "acme.yaml").write_text(
        f'job: acme\nschedule: "* * * * *"\nurls:\n- list:\n{urls}'
        "fetch: {batch_size: 10}\npublish: {files: [csv]}\n"
    )
    with started_redis(tmp_path / "redis") as port, client_of(port) as owner:
        owner.execute_command("ACL LOG RESET")
        redis = cast("EmbeddedRedis", SimpleNamespace(url=address_of(port, "console")))
        services = Services(dict(environment), tmp_path, redis)
        worker = ("-A", "worker.app", "worker", "-c", "1", "--events", "--loglevel", "INFO")

        def act(role: str) -> None:
            services.env["SHELFBEAT_REDIS_URL"] = address_of(port, role)

        try:
            act("worker")
            services.start("worker", *worker, "-Q", "control", "-n", "worker@%h")
            act("fetch")
            services.start("fetch", *worker, "-Q", "fetch", "-n", "fetch@%h")
            act("beat")
            services.beat()
            act("flower")
            services.env["FLOWER_BASIC_AUTH"] = "shelfbeat:pw"
            services.start(
                "flower", "-A", "worker.app", "flower", "--address=127.0.0.1", f"--port={port + 1}"
            )
            act("console")
            run = services.wait_for_run("acme", timeout_s=90)
            assert services.wait_for_end(run)["state"].startswith("published"), services.log("worker")
            assert services.log("fetch").count("Task scrape_batch[") >= 6
            for command in COMMANDS:
                done = shelfbeat(*(run if word == "RUN" else word for word in command), env=services.env)
                assert done.returncode == 0, done.stderr
            services.wait_for_end(run)
            found = json_of(shelfbeat("doctor", "--json", env=services.env))
            assert {"Redis", "eviction"} <= {one["check"] for one in found}
            ends = time.monotonic() + 30
            while "fetch@" not in flower_page(port + 1, "workers"):
                assert time.monotonic() < ends, services.log("flower")
                time.sleep(0.5)
            assert "control" in flower_page(port + 1, "broker")
        finally:
            services.stop()
            log = cast("list[dict[str, Any]]", owner.execute_command("ACL LOG", 100))
            refused = {(one["username"], one["reason"], one["object"]) for one in log}
            print("refused", refused)  # noqa: T201 - for whoever reads a failure
        assert refused == set()
