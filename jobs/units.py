"""Durations and shares as people write them in definitions: `90s`, `1h`, `1h30m`, `2d`."""

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

DURATION_PATTERN: Final = r"^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?$"
_PARTS: Final = re.compile(r"(\d+)([dhms])")
_SECONDS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def parse_duration(value: object) -> timedelta:
    """Return the duration written as `1h30m`. Raises ValueError naming the form."""
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str) or not re.match(DURATION_PATTERN, value):
        message = "a duration such as 90s, 30m, 1h or 1h30m"
        raise ValueError(message)
    return timedelta(seconds=sum(int(number) * _SECONDS[unit] for number, unit in _PARTS.findall(value)))


def format_duration(value: timedelta) -> str:
    """Return a duration as `parse_duration` reads it."""
    rest, parts = int(value.total_seconds()), []
    for unit, seconds in _SECONDS.items():
        number, rest = divmod(rest, seconds)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"


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
