"""`python -m tests.chaos.retention`: months of reports in a minute; Redis must not grow once the oldest expire.

A day lasts `--day` seconds here, and so do the lifetimes of runs/keys.py: what they are in days stays what it is.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final, cast

from redis import Redis

from reports.row import ProductUrl, Row
from runs import keys
from runs.deliveries import Deliveries
from runs.embedded import embedded_redis
from runs.ledger import Attempt, Ledger, Unit
from runs.log import note
from runs.record import STEPS
from runs.store import RunStore, pack_rows, pack_snapshot
from tests.chaos.figures import say

_TTLS: Final = ("CLAIM_TTL", "RUN_TTL", "ROWS_TTL", "SNAPSHOT_TTL")


def shorten(day_s: float) -> None:
    """Let a day of every lifetime last `day_s` seconds, at least one."""
    for name in _TTLS:
        days = cast("timedelta", getattr(keys, name)) / timedelta(days=1)
        setattr(keys, name, timedelta(seconds=max(1, round(days * day_s))))


def one_report(redis: Redis, job: str, day: int, urls: int) -> None:
    """Do to the ledger and the store what a day's report does."""
    ledger, run_id = Ledger(redis), f"{job}-{day}"
    due = ledger.now()
    ledger.claim(run_id, job, definition='{"job": "x"}' * 40, deadline=timedelta(hours=1), due_at=due)
    store = RunStore(redis, run_id)
    store.put_urls(
        1, [(0, [ProductUrl(position=at, url=f"https://{job}.example/{at}") for at in range(urls)])]
    )
    for step in STEPS:
        if step == "scrape":
            batch = _begun(ledger, run_id, Unit("scrape", 0))
            rows = [Row(position=at, url=f"https://{job}.example/{at}") for at in range(urls)]
            ledger.finish_batch(batch, pack_rows(rows), pages=urls, products=urls)
            continue
        attempt = _begun(ledger, run_id, Unit(step))
        if step == "reduce_rows":
            ledger.save_snapshot(attempt, pack_snapshot(bytes(urls * 40)))
        ledger.finish_step(attempt, b'{"figures": 1}' * 30, urls=urls, batches=1, url_edition=1)
        note(redis, run_id, "step_done", step=step)
    deliveries = Deliveries(redis, run_id)
    _, number = deliveries.intend("result:0", "E-mail", lease=timedelta(minutes=1), most_attempts=5)
    deliveries.confirm("result:0", number, "sent", "250 OK")
    ledger.end(run_id, "published", tell=False)
    ledger.deal_with(job, due)


def _begun(ledger: Ledger, run_id: str, unit: Unit) -> Attempt:
    attempt = ledger.begin(run_id, unit, "task")
    assert isinstance(attempt, Attempt), attempt
    return attempt


def simulate(redis: Redis, *, days: int, reports: int, urls: int, day_s: float) -> list[tuple[int, int]]:
    """Return (bytes used, keys) at the end of each day."""
    found = []
    for day in range(days):
        began = time.monotonic()
        for number in range(reports):
            one_report(redis, f"job-{number}", day, urls)
        time.sleep(max(0.0, day_s - (time.monotonic() - began)))
        found.append((int(redis.info("memory")["used_memory"]), int(redis.dbsize())))
    return found


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def main() -> int:
    """Print each tenth day; return 1 when Redis still grows after the longest lifetime."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.retention", description=__doc__)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--reports", type=int, default=200, help="a day")
    parser.add_argument("--urls", type=int, default=50, help="a report")
    parser.add_argument("--day", type=float, default=2.0, help="seconds, at least")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded_redis(Path(folder)) as url,
        Redis.from_url(url) as redis,
    ):
        first_s = _seconds(
            lambda: simulate(redis, days=1, reports=options.reports, urls=options.urls, day_s=0)
        )
        redis.flushall()
        day_s = max(options.day, 1.5 * first_s)
        shorten(day_s)
        say(
            f"a day of {options.reports} reports of {options.urls} URLs lasts {day_s:.1f} s, and lifetimes alike"
        )
        found = simulate(redis, days=options.days, reports=options.reports, urls=options.urls, day_s=day_s)
    for day, (used, count) in enumerate(found, start=1):
        if day % 10 == 0 or day in {1, 7}:
            say(f"day {day:3}: {used / 1e6:6.1f} MB, {count} keys")
    flat, last = max(used for used, _ in found[42:49]), max(used for used, _ in found[-7:])
    say(f"most on days 42 to 49: {flat / 1e6:.1f} MB, on the last seven: {last / 1e6:.1f} MB")
    return 1 if last > flat * 1.05 else 0


if __name__ == "__main__":
    sys.exit(main())
