"""The figures of a day: what was done for each customer, and what each channel took.

Counted from the ledger once the day is over, and kept far longer than runs are. Counting again gives the same.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final, cast

import msgspec
from redis import Redis

from runs import keys
from runs.deliveries import Deliveries
from runs.ledger import UnknownRun
from runs.record import PUBLISHED_STATES, DeliveryRecord, Run
from tasks.context import Context
from tasks.delivered import MESSAGE

_DONE_AGAIN: Final = timedelta(days=7)
"""How long after its claim a run may be done again and still count on the day it ended; rows are gone before."""


class CustomerDay(msgspec.Struct, kw_only=True):
    """What was done for a customer."""

    runs: int = 0
    published: int = 0
    failed: int = 0
    urls: int = 0
    pages: int = 0
    products: int = 0
    bytes: int = 0
    """Over the wire."""
    worker_ms: int = 0

    def add(self, other: "CustomerDay") -> None:
        """Count another one in."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that is not what the ledger's run says."""

    run: str
    channel: str
    what: str


class Day(msgspec.Struct, kw_only=True):
    """The figures of one day (UTC)."""

    day: str
    customers: dict[str, CustomerDay] = {}
    channels: dict[str, dict[str, int]] = {}
    """Channel to state to count: sent, refused, unknown, retry, repeated."""
    open: list[Open] = []


def count_day(here: Context, day: date) -> Day:
    """Return a day's figures as the ledger has them now."""
    found = Day(day=day.isoformat())
    for run in runs_ended(here, day):
        job = here.job_or_name(run)
        customer = found.customers.setdefault(job.customer or job.job, CustomerDay())
        customer.add(_cost(here, run))
        records = Deliveries(here.redis, run.id).records()
        _count_channels(found, records.values())
        found.open += differences(run, len(job.notify), records)
    return found


def runs_ended(here: Context, day: date) -> Iterator[Run]:
    """Yield the runs that ended on a day, of all jobs."""
    for job in here.ledger.jobs():
        for run_id in here.ledger.runs_of(job, keys.RUNS_KEPT):
            try:
                run = here.ledger.run(run_id)
            except UnknownRun:
                break  # so are all before it
            if run.ended_at is not None and run.ended_at.date() == day:
                yield run
            if run.claimed_at.date() < day - _DONE_AGAIN:
                break


def differences(run: Run, people: int, records: dict[str, DeliveryRecord]) -> Iterator[Open]:
    """Yield where what the channels answered is not what the run's state promises. Pure."""
    result = {field: record for field, record in records.items() if field.split(":")[0] == MESSAGE}
    if run.state in PUBLISHED_STATES:
        for place in range(people):
            if f"{MESSAGE}:{place}" not in result:
                yield Open(run=run.id, channel=f"number {place + 1} of notify", what="nothing was sent to it")
    for field, record in sorted(records.items()):
        name = field.split(":")[0]
        if record.state == "unknown":
            yield Open(
                run=run.id, channel=record.channel, what=f"{name}: the answer was lost, it may have arrived"
            )
        elif record.state != "sent":
            yield Open(run=run.id, channel=record.channel, what=f"{name}: {record.answer or record.state}")
        elif record.repeated:
            yield Open(
                run=run.id, channel=record.channel, what=f"{name}: sent a second time after a lost answer"
            )


def keep_day(redis: Redis, day: Day) -> None:
    """Keep a day's figures in place of those counted before, unless those saw more: runs leave the ledger in time."""
    before = kept_days(redis, [date.fromisoformat(day.day)])
    if before and _runs(before[0]) > _runs(day):
        return
    redis.set(keys.figures(day.day), msgspec.json.encode(day), ex=keys.FIGURES_TTL)


def _runs(day: Day) -> int:
    return sum(customer.runs for customer in day.customers.values())


def kept_days(redis: Redis, days: Iterable[date]) -> list[Day]:
    """Return the figures that are kept of these days."""
    raw = cast("list[bytes | None]", redis.mget([keys.figures(day.isoformat()) for day in days]))
    return [msgspec.json.decode(value, type=Day) for value in raw if value is not None]


def _cost(here: Context, run: Run) -> CustomerDay:
    def figure(name: str) -> int:
        return int(here.ledger.field(run.id, name) or 0)

    return CustomerDay(
        runs=1,
        published=int(run.state in PUBLISHED_STATES),
        failed=int(run.state == "failed"),
        urls=run.urls or 0,
        pages=run.pages,
        products=run.products,
        bytes=figure("bytes"),
        worker_ms=figure("worker_ms"),
    )


def _count_channels(found: Day, records: Iterable[DeliveryRecord]) -> None:
    for record in records:
        counts = Counter(found.channels.get(record.channel, {}))
        counts[record.state] += 1
        counts["repeated"] += int(record.repeated)
        found.channels[record.channel] = dict(+counts)


def month_before(now: datetime) -> tuple[date, date]:
    """Return the first and the last day of the month before."""
    last = now.date().replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last
