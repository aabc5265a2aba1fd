"""What may be tried again, and when."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraping.pacing.retrying import backoff_s, can_pass, parse_retry_after

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "failure", ["timeout", "not_asked", "connect", "http_429", "http_502", "http_503", "http_504"]
)
def test_what_can_pass_is_tried_again(failure: str) -> None:
    assert can_pass(failure)


@pytest.mark.parametrize(
    "failure",
    ["http_404", "http_403", "http_500", "dns", "tls", "robots", "forbidden_host", "too_large", "parse"],
)
def test_what_will_not_pass_is_not(failure: str) -> None:
    assert not can_pass(failure)


@given(tries=st.integers(min_value=1, max_value=50), dice=st.floats(min_value=0, max_value=1))
def test_waits_grow_and_are_bounded(tries: int, dice: float) -> None:
    assert 0.25 <= backoff_s(tries, dice) <= 30
    assert backoff_s(tries, 1) <= backoff_s(tries + 1, 1)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        ("0", 0.0),
        ("Sat, 21 Nov 2026 06:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 05:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1" * 400, 111_111_111.0),
        ("²", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(st.text(max_size=40))
def test_no_retry_after_breaks_a_visit(value: str) -> None:
    wait = parse_retry_after(value, NOW)
    assert wait is None or wait >= 0
