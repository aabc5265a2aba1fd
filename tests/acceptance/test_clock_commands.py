"""The commands of the clock from outside, and what happens to beats that are frozen or killed."""

import json
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.demo.shop import DemoShop
from tests.acceptance.conftest import Services, json_lines, json_of, shelfbeat
from tests.acceptance.test_people import wait_until, write
from tests.support.receivers import Hook

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`


def define(folder: Path, name: str, urls: list[str], **keys: Any) -> Path:
    path = folder / f"{name}.yaml"
    write(path, json.dumps({"job": name, "urls": [{"list": urls}], "publish": {"files": ["jsonl"]}, **keys}))
    return path


def command(services: Services, *arguments: str, code: int = 0) -> Any:
    """Run a command with --json, check its exit code, and return what it printed."""
    done = shelfbeat(*arguments, "--json", env=services.env)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return json.loads(done.stdout) if done.stdout.strip() else done.stderr


def rows_of(view: dict[str, Any]) -> list[dict[str, Any]]:
    (path,) = [place["path"] for place in view["published"]]
    return json_lines(Path(path))


def test_a_held_run_is_released_or_dropped_and_failed_urls_are_asked_again(
    services: Services, shop: DemoShop, tmp_path: Path
) -> None:
    with Hook(200) as team:
        good, missing = shop.urls()[:2], shop.url("/nothing-here")
        gates = {"min_coverage": 0.9, "otherwise": "hold"}
        define(tmp_path / "jobs.d", "held", [*good, missing], gates=gates, notify=[team.open_address()])
        define(tmp_path / "jobs.d", "gaps", [*good, "http://127.0.0.1:1/refused"], fetch={"retries": 0})
        services.worker()
        first, second = (command(services, "jobs", "trigger", "held")["run"] for _ in range(2))
        assert services.wait_for_end(first)["state"] == "held"
        assert services.wait_for_end(second)["state"] == "held"
        # Each is told, for each waits for somebody's decision.
        wait_until(lambda: len(team.bodies) == 2, 10, "nobody was asked")
        assert all("HELD" in str(body["title"]) for body in team.bodies)

        command(services, "runs", "release", first)
        released = services.wait_for_end(first)
        assert released["state"] == "published"
        assert len(rows_of(released)) == 3
        command(services, "runs", "cancel", second)
        assert services.wait_for_end(second)["state"] == "cancelled"
        assert "not held" in command(services, "runs", "release", second, code=2)
        assert "has ended" in command(services, "runs", "cancel", second, code=2)

        run = command(services, "jobs", "trigger", "gaps")["run"]
        before = rows_of(services.wait_for_end(run))
        assert [row["failure"] for row in before] == [None, None, "connect"]
        assert command(services, "runs", "rerun", run, "--failed-urls")["urls"] == 1
        after = rows_of(services.wait_for_end(run))
        assert [row["fetched_at"] for row in after[:2]] == [row["fetched_at"] for row in before[:2]]
        assert after[2]["failure"] == "connect"


def test_backfill_starts_what_a_past_period_lacks(services: Services, shop: DemoShop, tmp_path: Path) -> None:
    define(tmp_path / "jobs.d", "daily", shop.urls()[:1], schedule="${NIGHTLY}", timezone="Europe/Berlin")
    command(services, "variables", "set", "NIGHTLY", "0 6 * * *", "--type", "cron")
    services.worker()
    planned = command(
        services, "backfill", "daily", "--from", "2026-03-28", "--to", "2026-03-30", "--dry-run"
    )
    assert planned["due"] == [
        f"2026-03-{day}T0{hour}:00:00+00:00" for day, hour in ((28, 5), (29, 4), (30, 4))
    ]
    assert planned["started"] == []
    started = command(services, "backfill", "daily", "--from", "2026-03-28", "--to", "2026-03-30")["started"]
    assert len(started) == 3
    for run in started:
        view = services.wait_for_end(run)
        assert (view["state"], view["trigger"]) == ("published", "backfill")
        assert "Produced afterwards: pages as they were on" in view["message"]["text"]
        assert "not on the day it was due" in view["message"]["text"]
        assert "may have been delivered" not in view["message"]["text"]
    assert "2026-03-29" in view["published"][0]["path"] or "2026-03-30" in view["published"][0]["path"]
    again = command(services, "backfill", "daily", "--from", "2026-03-28", "--to", "2026-03-30")
    assert (len(again["due"]), again["open"], again["started"]) == (3, [], [])


@pytest.mark.chaos
def test_beats_that_are_frozen_or_killed_lose_and_double_nothing(
    services: Services, shop: DemoShop, tmp_path: Path
) -> None:
    jobs = tmp_path / "jobs.d"

    def due_now() -> str:
        past = datetime.now(UTC) - timedelta(minutes=1)
        return f"{past.minute} {past.hour} * * *"

    def started(name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json_of(shelfbeat("runs", "list", name, "--json", env=services.env))
        return found

    with Hook(200) as ops:
        services.env |= {"SHELFBEAT_OPERATORS": ops.address()}
        first, second = services.beat("first"), services.beat("second")
        wait_until(lambda: "Starting" in services.log("first") + services.log("second"), 30, "no beat")
        first.send_signal(signal.SIGSTOP)
        define(jobs, "one", shop.urls()[:1], schedule=due_now())
        wait_until(lambda: started("one"), 30, services.log("second"))
        first.send_signal(signal.SIGCONT)
        second.kill()
        schedule = due_now()  # once: a minute later it would be another due time
        define(jobs, "two", shop.urls()[:1], schedule=schedule)
        wait_until(lambda: started("two"), 30, services.log("first"))
        services.beat("third")
        (jobs / "two.yaml").write_text("job: two\nurls: wrong\n")
        (jobs / "three.yaml").write_text("job: [")
        wait_until(lambda: ops.bodies, 30, services.log("third"))
        (jobs / "three.yaml").unlink()
        define(jobs, "two", shop.urls()[:1], schedule=schedule)
        wait_until(lambda: "right again" in str(ops.bodies[-1]), 30, str(ops.bodies))
        time.sleep(3)
        titles = [str(body["title"]) for body in ops.bodies]
        assert [title for title in titles if "right again" in title] == [titles[-1]]
        assert len([title for title in titles if "in the definitions" in title]) <= 2
        assert [len(started(name)) for name in ("one", "two")] == [1, 1]
