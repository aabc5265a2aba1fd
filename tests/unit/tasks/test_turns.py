"""When a batch comes back for pages that failed for a passing reason."""

from datetime import timedelta

import pytest

from reports.row import Row
from tasks.steps.turns import further_pass

HOURS = timedelta(hours=3)
MINUTES_5 = timedelta(minutes=5)


def rows(failed: int, read: int, host: str = "shop.example", failure: str = "connect") -> list[Row]:
    """Return rows of one host, some of them failed."""
    return [
        Row(position=at, url=f"https://{host}/{at}", failure=failure if at < failed else None)
        for at in range(failed + read)
    ]


def test_a_page_that_failed_is_asked_for_once_more() -> None:
    assert further_pass(rows(1, 9), 0, HOURS) == MINUTES_5
    assert further_pass(rows(1, 9), 1, HOURS) is None


def test_a_host_that_is_out_is_asked_again_for_more_than_an_hour() -> None:
    batch = [*rows(0, 50, "fine.example"), *rows(20, 0)]
    pauses = [further_pass(batch, passes, HOURS) for passes in range(30)]
    assert pauses[0] == MINUTES_5
    assert timedelta(hours=1) < sum((pause for pause in pauses if pause), timedelta()) < HOURS


def test_a_host_of_a_page_or_two_holds_no_report_up() -> None:
    assert further_pass([*rows(2, 0, "tiny.example"), *rows(0, 20)], 1, HOURS) is None


@pytest.mark.parametrize("failure", ["dns", "http_404", "robots", "forbidden_host"])
def test_what_cannot_pass_is_not_asked_for_again(failure: str) -> None:
    assert further_pass(rows(20, 0, failure=failure), 0, HOURS) is None


def test_the_deadline_comes_before_any_outage() -> None:
    left, passes = timedelta(minutes=50), 0
    while (pause := further_pass(rows(20, 0), passes, left)) is not None:
        left, passes = left - pause, passes + 1
    assert left > timedelta(0)
    assert passes > 5
