"""When a job comes due, and what to do about the times it missed. Pure: the clock comes in.

Cron in the job's own zone. Where the clocks change: a time in the skipped hour comes due once, at the hour's
end; a time in the repeated hour comes due once, the first time round. A job of every hour (`*` as hour) goes
by real hours: none is left out, none comes twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from functools import lru_cache
from itertools import islice, takewhile
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim

from jobs.job import Job

MAX_CATCHUP: Final = 1_000
"""Missed runs that `catchup: all` starts at the most, the newest."""
_DAY: Final = timedelta(days=1)
_MARGIN: Final = timedelta(hours=3)  # above any change of clocks


@dataclass(frozen=True)
class Decision:
    """What to do about the due times since a job was last looked after. All in UTC, ascending."""

    start: tuple[datetime, ...]
    """Due times to start a run for."""
    missed: tuple[datetime, ...]
    """Due times that pass without a run."""


def due_times(job: Job, after: datetime, until: datetime, most: int | None = None) -> list[datetime]:
    """Return the due times later than `after` and not later than `until`, in UTC, ascending, each once.

    No more than the first `most` are looked for. None before the job's start date, none for a job without schedule.
    Raises ValueError on naive times.
    """
    return list(islice(takewhile(lambda due: due <= until, _following(job, after)), most))


def next_due(job: Job, after: datetime) -> datetime | None:
    """Return the first due time later than `after`, in UTC; None for a job without schedule."""
    if after.tzinfo is None:
        message = "a time without zone says nothing of when"
        raise ValueError(message)
    if job.schedule is None:
        return None
    if job.start is not None:
        begins = datetime.combine(job.start, time(), tzinfo=_zone(job.timezone)).astimezone(UTC)
        after = max(after, begins - timedelta(seconds=1))
    return _next(job.schedule, job.timezone, after.astimezone(UTC))


def decide(job: Job, after: datetime, now: datetime, *, paused: bool = False) -> Decision:
    """Return which runs to start now and which due times to let pass.

    `after` is the last due time that was dealt with, or when the job was first seen. A time missed by less
    than the deadline still starts, whatever the policy. Beyond it: `skip` starts none, `last` the newest where
    nothing newer starts, `all` every one. A paused job starts none and catches none up.
    """
    due = due_times(job, after, now)
    if paused:
        return Decision((), tuple(due))
    in_time = [at for at in due if now - at < job.deadline]
    late = due[: len(due) - len(in_time)]
    if job.catchup == "all":
        caught_up = late[-MAX_CATCHUP:]
    elif job.catchup == "last" and not in_time:
        caught_up = late[-1:]
    else:
        caught_up = []
    return Decision((*caught_up, *in_time), tuple(late[: len(late) - len(caught_up)]))


@lru_cache(maxsize=8_192)  # beat asks the same question for every job every second
def _next(cron: str, timezone: str, after: datetime) -> datetime | None:
    return next(_ticks(cron, _zone(timezone), after), None)


def upcoming(job: Job, after: datetime, count: int) -> list[datetime]:
    """Return the next `count` due times after `after`, in UTC."""
    return list(islice(_following(job, after), count))


def _following(job: Job, after: datetime) -> Iterator[datetime]:
    at: datetime | None = after
    while at is not None and (at := next_due(job, at)) is not None:
        yield at


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)


def _ticks(cron: str, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    """Yield the instants of a cron expression later than `after`, each once."""
    begin = after
    if (after - _DAY).astimezone(zone).utcoffset() != (after + _DAY).astimezone(zone).utcoffset():
        # CronSim counts fixed times in wall-clock time, in which an instant in the repeated hour stands twice.
        begin = after - _MARGIN
    latest = after
    for tick in CronSim(_plain(cron), begin.astimezone(zone)):
        instant: datetime = tick.astimezone(UTC)
        if instant > latest:
            latest = instant
            yield instant


def _plain(cron: str) -> str:
    """Return an expression with `*/2` as hour written out.

    CronSim, as Debian's cron, holds to the rules for changing clocks only where neither minute nor hour starts
    with `*`. Every second hour is a fixed time of the day all the same.
    """
    minute, hour, *rest = cron.split()
    if hour == "*":
        return cron
    return " ".join([_written_out(minute, "0-59"), _written_out(hour, "0-23"), *rest])


def _written_out(field: str, full: str) -> str:
    return full + field[1:] if field.startswith("*") else field
