"""Which failures can pass, and how long to wait before the next try. Pure: the clock and the dice come in."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

PASSING_STATUS: Final = frozenset({429, 502, 503, 504})
_PASSING: Final = frozenset(
    {"timeout", "not_asked", "connect"} | {f"http_{status}" for status in PASSING_STATUS}
)
_FIRST_S: Final = 0.5
_LONGEST_S: Final = 30.0


def can_pass(failure: str) -> bool:
    """Return whether asking again may help: connection faults, time-outs, ours too, 429, 502, 503, 504."""
    return failure in _PASSING


def backoff_s(tries: int, dice: float) -> float:
    """Return the seconds after `tries` failed tries: doubling from 0.5, jittered by `dice` (0 to 1)."""
    return min(_LONGEST_S, _FIRST_S * 2.0 ** (tries - 1)) * (0.5 + dice / 2)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for; None when there is none or it cannot be read.

    Source: RFC 9110, 10.2.3: seconds, or an HTTP date.
    """
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    if not text:
        return None
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())
