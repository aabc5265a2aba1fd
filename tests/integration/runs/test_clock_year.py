"""A year in five time zones, by two beats that are frozen and restarted now and then: one run per due time."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from redis import Redis

from jobs.catalogue import load_definition
from jobs.schedule import next_due
from reports.columns import known_fields
from runs import keys
from tests.support.simulated import Beat, World, definition, make_world

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`

# In each zone a time that the change of clocks skips or repeats, or that lies beside it.
JOBS = {
    "berlin": ("Europe/Berlin", "30 2 * * *"),
    "new-york": ("America/New_York", "30 1 * * *"),
    "lord-howe": ("Australia/Lord_Howe", "45 1 * * *"),
    "kathmandu": ("Asia/Kathmandu", "0 0 * * *"),
    "santiago": ("America/Santiago", "0 0 * * *"),
}
BUILT_IN = ("clean-up", "delivery-reconciliation", "history-upkeep", "self-test", "usage-summary")
BEGIN = datetime(2026, 1, 1, 12, tzinfo=UTC)
END = datetime(2027, 1, 1, 12, tzinfo=UTC)


def together(*ticks: Callable[[], None]) -> None:
    """Let several beats tick at the same moment."""
    threads = [threading.Thread(target=tick) for tick in ticks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def replay(world: World, seed: int) -> None:
    """Go through the year in steps of minutes; now and then one beat is away for hours, or comes back anew."""
    chance = random.Random(seed)
    beats: list[Beat] = [world.beat(), world.beat()]
    away_until = [BEGIN, BEGIN]
    jobs = [load_definition(path, known_fields=known_fields()) for path in world.folder.iterdir()]
    jobs = [job for job in jobs if job.schedule]
    while world.ledger.at < END:
        for number in (0, 1):
            if chance.random() < 0.005:
                # Never both at once: some beat lives, as the promise says.
                other = away_until[1 - number]
                if other <= world.ledger.at:
                    away_until[number] = world.ledger.at + timedelta(hours=chance.randint(1, 30))
                    if chance.random() < 0.5:
                        beats[number] = world.beat()
        here = [beat for beat, until in zip(beats, away_until, strict=True) if until <= world.ledger.at]
        together(*(beat.clock.tick for beat in here))
        world.end_all()
        nearest = min(due for job in jobs if (due := next_due(job, world.ledger.at)) is not None)
        world.ledger.at = max(
            world.ledger.at + timedelta(minutes=chance.randint(5, 50)),
            nearest - timedelta(minutes=chance.randint(0, 20)),  # nothing happens until then
        )


@pytest.mark.timeout(120)
def test_every_day_has_its_run_and_no_day_has_two(
    redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(tmp_path, redis, monkeypatch)
    monkeypatch.setattr(keys, "RUNS_KEPT", 1_000)
    world.ledger.at = BEGIN
    for name, (zone, cron) in JOBS.items():
        world.write(name, definition(name, timezone=zone, schedule=f'"{cron}"'))
    for name in BUILT_IN:
        world.write(name, definition(name))  # without a schedule
    replay(world, seed=7)
    days = (END - BEGIN).days
    for name, (zone, _) in JOBS.items():
        ids = world.ledger.runs_of(name, 1_000)
        due = [world.ledger.run(run_id).due_at for run_id in ids]
        by_day: Counter[date] = Counter(at.astimezone(ZoneInfo(zone)).date() for at in due)
        assert set(by_day.values()) == {1}, (name, [day for day, runs in by_day.items() if runs > 1])
        assert days - 1 <= len(by_day) <= days + 1
        first, last = min(by_day), max(by_day)
        assert len(by_day) == (last - first).days + 1, f"{name}: a day is missing"
    assert len(world.enqueued) == sum(redis.zcard(keys.job_runs(name)) for name in JOBS)
    assert len({run for run, _ in world.enqueued}) == len(world.enqueued)
