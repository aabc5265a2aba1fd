"""Whether a run will make its deadline."""

from datetime import datetime

import msgspec
import pytest

from runs.record import STEPS, Run, Step
from tasks.people.outlook import FAIR_SHARE, last_moment, outlook
from tests.support.run_record import BEGIN, MINUTE, RUN


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


def test_its_own_pace_is_told_as_long_as_pages_are_fetched() -> None:
    slow = msgspec.structs.replace(scraping(0), too_slow="60 URLs take 30 s; fetching has 10 s")
    found = outlook(slow, BEGIN + 20 * MINUTE)
    assert found is not None
    assert found.too_slow == slow.too_slow
    found = outlook(msgspec.structs.replace(RUN, too_slow=slow.too_slow), BEGIN + 55 * MINUTE)
    assert found is not None
    assert not found.too_slow


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


def out(written: int, sent: int | None) -> Run:
    """Return a run whose report was written and whose message was first sent so many minutes after its begin."""
    steps = [Step(name=name, state="done") for name in STEPS[:-1]]
    steps[STEPS.index("write_to_sheet")] = Step(
        name="write_to_sheet", state="done", ended_at=BEGIN + written * MINUTE
    )
    begun = None if sent is None else BEGIN + sent * MINUTE
    return msgspec.structs.replace(RUN, steps=(*steps, Step(name="write_message", started_at=begun)))


@pytest.mark.parametrize(
    ("run", "latest"),
    [
        (RUN, RUN.deadline_at),
        (out(30, 31), RUN.deadline_at),
        (out(30, None), RUN.deadline_at),
        (out(59, None), BEGIN + 59 * MINUTE + FAIR_SHARE),
        (out(59, 61), BEGIN + 61 * MINUTE + FAIR_SHARE),
    ],
)
def test_a_run_ends_at_its_deadline_or_when_its_message_had_its_fair_share(
    run: Run, latest: datetime
) -> None:
    assert last_moment(run) == latest


def test_a_report_whose_message_is_being_sent_is_at_no_risk_and_one_that_tells_nobody_is() -> None:
    assert outlook(out(30, 31), BEGIN + 55 * MINUTE) is None
    assert outlook(out(30, None), BEGIN + 55 * MINUTE) is not None
