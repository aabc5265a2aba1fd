"""Values as people write them in definitions: durations (`1h30m`, `500ms`), shares, cron, time zones."""

import re
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Final
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

DURATION_PATTERN: Final = r"^(?=\d)(\d{1,5}d)?(\d{1,7}h)?(\d{1,8}m)?(\d{1,9}s)?(\d{1,9}ms)?$"
_PARTS: Final = re.compile(r"(\d+)(ms|[dhms])")
_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)  # CronSim checks an expression against some instant
_MILLISECONDS: Final = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}


def parse_duration(value: object) -> timedelta:
    """Return the duration written as `1h30m`. Raises ValueError naming the form."""
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str) or not re.fullmatch(DURATION_PATTERN, value):
        message = "a duration such as 90s, 30m, 1h or 1h30m"
        raise ValueError(message)
    return timedelta(
        milliseconds=sum(int(number) * _MILLISECONDS[unit] for number, unit in _PARTS.findall(value))
    )


def format_duration(value: timedelta) -> str:
    """Return a duration as `parse_duration` reads it."""
    rest, parts = round(value.total_seconds() * 1_000), []
    for unit, milliseconds in _MILLISECONDS.items():
        number, rest = divmod(rest, milliseconds)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones())


def check_cron(value: str) -> str:
    """Return a cron expression of five fields. Raises ValueError naming the form."""
    if len(value.split()) != 5:
        message = "a cron expression of five fields, such as 0 6 * * *"
        raise ValueError(message)
    try:
        next(CronSim(value, _ANY_TIME))
    except CronSimError as error:
        message = f"a cron expression of five fields, such as 0 6 * * * ({error})"
        raise ValueError(message) from error
    except StopIteration:
        message = "a cron expression that comes due at least once in 50 years"
        raise ValueError(message) from None
    return value


def check_zone(value: str) -> str:
    """Return the name of a time zone. Raises ValueError naming the form."""
    if value not in zone_names():
        near = get_close_matches(value, sorted(zone_names()), n=3)
        message = "an IANA time zone, such as Europe/Berlin" + (
            f"; nearest: {', '.join(near)}" if near else ""
        )
        raise ValueError(message)
    return value


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": DURATION_PATTERN, "examples": ["90s", "30m", "1h", "1h30m"]}
    ),
]

Share = Annotated[float, Field(ge=0, le=1)]
"""A part of a whole, 0 to 1."""
