"""`shelfbeat demo`: what a newcomer sees first."""

import time
from pathlib import Path

from tests.acceptance.conftest import json_of, shelfbeat
from tests.acceptance.test_report_command import processes_with


def test_the_demo_shows_two_mornings_and_leaves_nothing_running(
    environment: dict[str, str], tmp_path: Path
) -> None:
    mark = {**environment, "SHELFBEAT_CONTACT": f"mark-{tmp_path.name}"}
    began = time.monotonic()
    done = shelfbeat("demo", env=mark)
    took_s = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    for words in (
        "Morning 1: published",
        "Morning 2: published",
        "Price",
        "xlsx",
        "the message",
        "while this runs",
        "shelfbeat report URL",
    ):
        assert words in done.stdout
    assert sorted(path.suffix for path in (tmp_path / "home").rglob("demo_*")) == [
        *(".csv", ".csv"),
        *(".jsonl", ".jsonl"),
        *(".xlsx", ".xlsx"),
    ]
    assert processes_with(mark["SHELFBEAT_CONTACT"]) == []
    # Under 30 s on an idle machine; here other tests run beside it.
    assert took_s < 75


def test_the_demo_as_json_has_both_runs_whole(environment: dict[str, str]) -> None:
    views = json_of(shelfbeat("demo", "--json", env=environment))
    assert [view["urls"] for view in views] == [300, 300]
    assert views[1]["compared_with"] == views[0]["run"]
    assert views[1]["message"]["subject"]
    assert all(step["state"] == "done" for view in views for step in view["steps"])
