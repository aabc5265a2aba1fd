"""A report of 500 URLs behind one of a million. Part of `make chaos`."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runs.ledger import Ledger
from runs.record import PUBLISHED_STATES, Run
from tests.chaos.figures import say
from tests.chaos.world import World, running, wait_until, world

LARGE, SMALL = 1_000_000, 500


def define(made: World, job: str, urls: int) -> None:
    """Write a report of so many URLs of 50 shops, due a minute ago."""
    lines = (f"https://shop{number % 50}.example/{job}/{number}\n" for number in range(urls))
    (made.folder / "jobs.d" / f"{job}.txt").write_text("".join(lines))
    past = datetime.now(UTC) - timedelta(minutes=1)
    path = made.folder / "jobs.d" / f"{job}.yaml"
    path.write_text(
        f"job: {job}\nschedule: '{past.minute} {past.hour} * * *'\ndeadline: 4h\n"
        f"urls: [{{file: {job}.txt}}]\npublish: {{files: [csv]}}\n"
        f"notify: ['{made.mail.address(f'{job}@acme.example')}']\n"
    )
    long_ago = time.time() - 600
    os.utime(path, (long_ago, long_ago))


def run_of(ledger: Ledger, job: str) -> Run | None:
    """Return the job's newest run."""
    ids = ledger.runs_of(job, 1)
    return ledger.run(ids[0]) if ids else None


def warm_up(made: World, ledger: Ledger) -> None:
    """Let every child do every step, as the children of a fleet have: the first message of each costs a second."""
    jobs = [f"warm-{number}" for number in range(12)]
    for job in jobs:
        define(made, job, SMALL)
    wait_until(lambda: all((run := run_of(ledger, job)) is not None and run.ended for job in jobs), 180)


def small_report(made: World, ledger: Ledger, job: str) -> tuple[float, float]:
    """Let a small report come due; return after how many seconds it fetched its first page, and ended."""
    define(made, job, SMALL)

    def ended() -> bool:
        run = run_of(ledger, job)
        return run is not None and run.ended

    wait_until(ended, 120)
    run = run_of(ledger, job)
    assert run is not None
    assert run.ended_at is not None
    assert (run.state in PUBLISHED_STATES, run.pages) == (True, SMALL)
    claimed_ms = run.claimed_at.timestamp() * 1_000
    first_ms = int(ledger.redis.get(f"fetching:{job}") or 0)
    return (first_ms - claimed_ms) / 1_000, (run.ended_at - run.claimed_at).total_seconds()


@pytest.mark.timeout(300)
def test_a_small_report_behind_batches_that_take_half_a_minute_starts_within_ten_seconds(
    tmp_path: Path,
) -> None:
    with world(tmp_path / "world", workers=1, longest_answer_s=4.0) as made:
        made.fetch = "batch_size: 250, per_host: 32"
        made.write_jobs(1, sheets=0, prefix="large", urls=3_000)
        with running(made):
            wait_until(lambda: made.shop.visits.total() >= 100)
            made.shop.longest_answer_s = 8.0
            time.sleep(2)
            made.write_jobs(1, sheets=0, prefix="small")
            wait_until(lambda: len(made.runs()) == 1, 30)
            began = time.monotonic()
            wait_until(lambda: any(path.startswith("/small-00/") for path in made.shop.visits), 60)
            started = time.monotonic() - began
    say(f"a small report behind batches of 30 s and more: first page after {started:.1f} s")
    assert started < 10


@pytest.mark.timeout(900)
def test_a_report_of_500_urls_behind_one_of_a_million_is_hardly_later_than_alone(tmp_path: Path) -> None:
    with (
        world(tmp_path / "world", module="tests.chaos.crowded") as made,
        running(made),
        made.client() as client,
    ):
        ledger = Ledger(client)
        wait_until(lambda: all(worker.pool for worker in made.workers))
        warm_up(made, ledger)
        alone = small_report(made, ledger, "alone")
        define(made, "large", LARGE)
        wait_until(lambda: (run := run_of(ledger, "large")) is not None and run.next_step() == "scrape", 200)
        first = small_report(made, ledger, "behind-its-head")
        wait_until(lambda: (run := run_of(ledger, "large")) is not None and run.batches_done >= 100, 300)
        second = small_report(made, ledger, "behind-its-tail")
        large = run_of(ledger, "large")
        assert large is not None
    say(
        f"{SMALL} URLs alone: first page after {alone[0]:.1f} s, ended after {alone[1]:.1f} s; behind the head of "
        f"{large.urls} URLs: {first[0]:.1f} s, {first[1]:.1f} s; behind their tail ({large.pages} pages done): "
        f"{second[0]:.1f} s, {second[1]:.1f} s"
    )
    assert large.urls == LARGE
    for started, ended in (first, second):
        assert started < 10
        assert ended < 2 * alone[1]
