"""A deadline missed with every worker dead: who hears what, once, from two beats; and the word that all is well."""

import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.demo.shop import DemoShop
from tests.acceptance.conftest import Services, json_of, shelfbeat
from tests.support.monitor import Monitor
from tests.support.receivers import Hook

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`


def wait_until(true: Callable[[], object], timeout_s: float, what: str) -> None:
    ends = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < ends, what
        time.sleep(0.2)


def kinds(hook: Hook) -> Counter[str]:
    """Count the messages of a channel by what their subject says."""
    words = (
        "may miss its deadline",
        "LATE",
        "NOT STARTED",
        "FAILED",
        "recovered",
        "products from",
        "with gaps",
    )
    subjects = [str(body["title"]) for body in hook.bodies]
    return Counter(next((word for word in words if word in subject), subject) for subject in subjects)


def write(path: Path, text: str, *, age_s: float = 3_600) -> None:
    path.write_text(text)
    past = time.time() - age_s
    os.utime(path, (past, past))


def test_people_are_warned_called_and_told_that_all_is_well(
    services: Services, shop: DemoShop, tmp_path: Path
) -> None:
    with Hook(200) as team, Hook(200) as boss, Hook(200) as late_boss, Hook(200) as ops, Monitor() as monitor:
        services.env |= {
            "SHELFBEAT_OPERATORS": ops.address(),
            "SHELFBEAT_MONITOR": monitor.address("beat-check"),
            "TEAM_HOOK": team.address(),
            "JOB_CHECK": monitor.address("job-check"),
        }
        due = datetime.now(UTC) - timedelta(seconds=5)
        write(
            tmp_path / "jobs.d" / "kettles.yaml",
            f"""\
job: kettles
schedule: "{due.minute} {due.hour} * * *"
deadline: {due.second + 5 + 22}s
urls: [{{list: ["{shop.urls()[0]}"]}}]
publish: {{files: [jsonl]}}
notify: ["secret:TEAM_HOOK"]
escalation:
  - to: ["{boss.open_address()}"]
    on: [late]
  - to: ["{late_boss.open_address()}"]
    on: [late]
    after: 3s
monitor: secret:JOB_CHECK
""",
        )
        services.beat()
        services.beat("second-beat")
        wait_until(lambda: team.bodies, 30, services.log("beat") if "beat" in services.running else "")
        assert kinds(team) == {"may miss its deadline": 1}
        wait_until(lambda: late_boss.bodies, 45, f"nobody escalated {kinds(team)}")
        assert kinds(team) == {"may miss its deadline": 1, "LATE": 1}
        assert kinds(boss) == {"LATE": 1}
        assert kinds(late_boss) == {"LATE": 1}
        assert kinds(ops) == {"may miss its deadline": 1, "LATE": 1}
        wait_until(lambda: "fail" in monitor.signals("job-check"), 15, str(monitor.pings))
        (run,) = json_of(shelfbeat("runs", "list", "kettles", "--json", env=services.env))
        assert run["state"] == "failed"

        services.worker()
        done = shelfbeat("runs", "rerun", run["run"], "--from", "collect_urls", "--json", env=services.env)
        assert done.returncode == 0, done.stderr
        assert services.wait_for_end(run["run"])["state"] == "published"
        wait_until(lambda: kinds(late_boss)["recovered"], 20, str(kinds(late_boss)))
        time.sleep(6)  # one more look of both beats: nothing is told twice
        assert kinds(team) == {"may miss its deadline": 1, "LATE": 1, "recovered": 1, "products from": 1}
        assert kinds(boss) == kinds(late_boss) == {"LATE": 1, "recovered": 1}
        assert monitor.signals("job-check")[-1] == "success"
        assert set(monitor.signals("job-check")) == {"start", "fail", "success"}
        assert set(monitor.signals("beat-check")) == {"success"}
