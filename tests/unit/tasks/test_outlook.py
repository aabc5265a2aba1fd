"""Whether a run will make its deadline."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from runs.record import STEPS, Run, Step
from tasks.outlook import outlook

BEGIN = datetime(2026, 11, 22, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RUN = Run(
    id="a-1",
    job="a",
    state="running",
    trigger="schedule",
    sequence=1,
    due_at=BEGIN,
    claimed_at=BEGIN,
    opened_at=BEGIN,
    deadline_at=BEGIN + 60 * MINUTE,
    progress_at=BEGIN,
    steps=tuple(Step(name=name) for name in STEPS),
)


def scraping(pages: int, urls: int = 1_000) -> Run:
    steps = (
        Step(name="collect_urls", state="done"),
        Step(name="scrape", state="running", started_at=BEGIN + MINUTE),
        *RUN.steps[2:],
    )
    return msgspec.structs.replace(RUN, steps=steps, urls=urls, pages=pages)


def test_a_run_that_keeps_its_pace_is_no_cause_for_a_warning() -> None:
    assert outlook(scraping(500), BEGIN + 21 * MINUTE) is None


def test_a_run_that_is_too_slow_is_told_with_the_time_it_will_be_done() -> None:
    found = outlook(scraping(200), BEGIN + 21 * MINUTE)
    assert found is not None
    assert (found.step, found.pages, found.urls) == ("scrape", 200, 1_000)
    assert found.expected_at == BEGIN + 21 * MINUTE + 80 * MINUTE + MINUTE


@pytest.mark.parametrize(
    ("run", "minutes", "warned"),
    [
        (scraping(1), 3, False),  # the first batches say little
        (scraping(0), 10, False),
        (scraping(0), 20, True),
        (msgspec.structs.replace(RUN, state="queued"), 10, False),
        (msgspec.structs.replace(RUN, state="queued"), 16, True),
        (RUN, 53, False),
        (RUN, 55, True),
        (RUN, 61, False),  # late: another message
        (msgspec.structs.replace(RUN, state="published"), 55, False),
    ],
)
def test_a_run_that_does_not_move_is_told_in_time(run: Run, minutes: int, warned: bool) -> None:
    found = outlook(run, BEGIN + minutes * MINUTE)
    assert (found is not None) == warned
    assert found is None or found.expected_at is None
