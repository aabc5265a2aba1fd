"""A definition that is broken while a beat runs: the command speaks of the version that the beat goes on with."""

import logging
import re
from pathlib import Path

import pytest
import structlog
from redis import Redis

from beat.definitions import Definitions
from console.catalogue import catalogue
from console.doctor.outside import check_definitions
from tasks import start
from tasks.context import context
from tasks.start import trigger
from tests.integration.conftest import Run
from tests.support.simulated import definition

# Celery warns of the task attribute `queue`, which each of our tasks names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
IN_FORCE = re.compile(
    r"five\.yaml is broken \(line \d+, schedule\): its last good version of [-\d]{10} [:\d]{5} UTC is in force"
)
GOOD = definition("five", schedule='"0 6 * * *"', notify="[secret:HOOK]")


@pytest.fixture
def five(run: Run, redis: Redis, jobs: Path) -> Path:
    """Return a file that a beat saw right, and that is broken now."""
    (jobs / "daily.yaml").unlink()
    file = jobs / "five.yaml"
    file.write_text(GOOD)
    Definitions(context()).look()
    file.write_text(GOOD.replace("0 6 * * *", "0 99 * * *"))
    return file


@pytest.mark.usefixtures("five")
def test_a_job_whose_file_is_broken_is_shown_paused_and_resumed_as_it_is_in_force(run: Run) -> None:
    for line in (
        ("pause", "five"),
        ("resume", "five"),
        ("next", "five"),
        ("next",),
        ("list",),
        ("show", "five"),
    ):
        assert IN_FORCE.search(run("jobs", *line, raw=True)), line
    assert "0 6 * * *" in run("jobs", "show", "five", raw=True)
    assert [one["job"] for one in run("jobs", "next", "five", "-n", "1")] == ["five"]


@pytest.mark.usefixtures("five")
def test_a_job_whose_file_is_broken_is_triggered_as_it_is_in_force(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "enqueue", lambda *_: None)  # no worker is to take it
    run_id = run("jobs", "trigger", "five")["run"]
    assert '"0 6 * * *"' in context().ledger.definition(run_id)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with structlog.testing.capture_logs() as logs:
        trigger("five")
    assert ("last_good_version_in_force", "five.yaml") in [(one["event"], one.get("file")) for one in logs]


@pytest.mark.usefixtures("five")
def test_a_job_whose_file_is_broken_is_backfilled_as_it_is_in_force(run: Run) -> None:
    said = run("backfill", "five", "--from", "2026-01-05", "--to", "2026-01-05", "--dry-run", raw=True)
    assert IN_FORCE.search(said)
    assert "Mon 2026-01-05 06:00 would start" in said
    assert "sends its own message to the job's people" in said


@pytest.mark.usefixtures("five")
def test_the_doctor_says_whether_a_broken_file_runs_on(run: Run, jobs: Path) -> None:
    (jobs / "six.yaml").write_text(definition("six", schedule='"0 99 * * *"'))
    found = {one.found for one in check_definitions(catalogue())}
    assert found == {
        "five.yaml: a mistake: line 4, schedule; its last good version is in force",
        "six.yaml: a mistake: line 4, schedule",
    }


@pytest.mark.usefixtures("five")
def test_the_secrets_and_channels_of_a_last_good_version_are_looked_at(run: Run) -> None:
    said = run("secrets", "check", code=1, raw=True)
    assert "HOOK" in said
    assert IN_FORCE.search(said)
    assert "secret:HOOK" in run("notify", "test", "five", code=1)


@pytest.mark.usefixtures("five")
def test_the_check_of_definitions_stays_strict(run: Run) -> None:
    said = run("jobs", "check", code=2)
    assert '"jobs": []' in said
    assert "five.yaml" in said
    assert "is in force" not in said


def test_of_two_files_that_claim_one_job_the_one_in_force_has_it(run: Run, redis: Redis, jobs: Path) -> None:
    (jobs / "daily.yaml").unlink()
    (jobs / "one.yaml").write_text(definition("one", schedule='"0 6 * * *"'))
    beat = Definitions(context())
    beat.look()
    (jobs / "a-copy.yaml").write_text(definition("one", schedule='"0 7 * * *"'))
    beat._look_at = 0.0
    assert beat.look() is not None
    assert run("jobs", "show", "one")["schedule"] == "0 6 * * *"
    (jobs / "one.yaml").unlink()
    beat._look_at = 0.0
    beat.look()
    (jobs / "a-copy.yaml").write_text("job: one\nurls: broken\n")
    assert run("jobs", "show", "one")["schedule"] == "0 7 * * *"


def test_a_file_that_took_over_another_job_is_not_in_force_for_it(run: Run, redis: Redis, jobs: Path) -> None:
    (jobs / "daily.yaml").unlink()
    (jobs / "b.yaml").write_text(definition("y", schedule='"0 6 * * *"'))
    (jobs / "z.yaml").write_text(definition("x", schedule='"0 7 * * *"'))
    beat = Definitions(context())
    beat.look()
    (jobs / "z.yaml").write_text(definition("y", schedule='"0 7 * * *"'))
    beat._look_at = 0.0
    beat.look()
    assert run("jobs", "show", "y")["schedule"] == "0 6 * * *"


@pytest.mark.parametrize("text", ["job: typo-daily\nurls: broken\n", "urls: [\njob: typo-daily\n"])
def test_a_job_is_known_to_be_broken_by_the_name_that_its_file_says(run: Run, jobs: Path, text: str) -> None:
    (jobs / "typo.yaml").write_text(text)
    assert "typo.yaml:" in run("jobs", "trigger", "typo-daily", code=2)
    assert "no job 'typo-weekly'" in run("jobs", "trigger", "typo-weekly", code=2)
