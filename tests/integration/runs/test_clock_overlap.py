"""What the clock does when a run comes due while the one before it is under way: `overlap`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis

from tasks.start import start_backfill, start_manual
from tests.support.simulated import World, definition, make_world


@pytest.fixture
def world(redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = make_world(tmp_path, redis, monkeypatch)
    at(made, 10, 5)
    return made


def at(world: World, day: int, hour: int, minute: int = 0) -> None:
    world.ledger.at = datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_a_run_that_comes_due_over_another_is_skipped_queued_or_takes_its_place(world: World) -> None:
    for policy in ("skip", "queue", "cancel_old"):
        world.write(policy, definition(policy, schedule='"0 * * * *"', deadline="50m", overlap=policy))
    beat = world.beat()
    at(world, 10, 6)
    beat.tick()
    at(world, 10, 7)
    beat.tick()
    states = {job: [run.state for run in world.runs(job)] for job in ("skip", "queue", "cancel_old")}
    assert states == {
        "skip": ["queued", "failed"],
        "queue": ["queued"],
        "cancel_old": ["failed", "queued"],
    }
    left_out = world.runs("skip")[1]
    assert left_out.reason == f"the run before it, {world.runs('skip')[0].id}, was still under way"
    assert left_out.id in world.ledger.untold()
    world.end_all()
    beat.tick()
    assert world.due("queue") == ["10 06:00", "10 07:00"]
    assert world.due("skip") == ["10 06:00"]
    at(world, 10, 8)
    world.end_all()
    beat.tick()
    assert world.due("skip") == ["10 06:00", "10 08:00"]


@pytest.mark.parametrize("policy", ["skip", "queue", "cancel_old"])
def test_a_run_whose_report_is_out_and_whose_message_waits_holds_up_nobody(world: World, policy: str) -> None:
    world.write("a", definition("a", schedule='"0 * * * *"', deadline="50m", overlap=policy))
    beat = world.beat()
    at(world, 10, 6)
    beat.tick()
    world.publish(world.runs("a")[0].id)
    at(world, 10, 7)
    beat.tick()
    assert [run.state for run in world.runs("a")] == ["running", "queued"]


def test_a_backfilled_run_stands_in_nobodys_way(world: World) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"'))
    beat = world.beat()
    beat.tick()
    assert beat.definitions.catalogue is not None
    job = beat.definitions.catalogue.jobs["a"]
    start_backfill(world.here, job, datetime(2026, 3, 1, 6, tzinfo=UTC))
    at(world, 10, 6)
    beat.tick()
    assert world.due("a") == ["01 06:00", "10 06:00"]


def test_a_beat_that_was_frozen_ends_no_newer_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.write("a", definition("a", schedule='"0 6,7 * * *"', deadline="3h", overlap="cancel_old"))
    frozen, awake = world.beat(), world.beat()
    at(world, 10, 5, 59)
    frozen.tick()
    awake.tick()
    at(world, 10, 6, 0)
    assert frozen.definitions.catalogue is not None
    job = frozen.definitions.catalogue.jobs["a"]
    awake.tick()
    at(world, 10, 7, 0)
    awake.tick()
    # Where the frozen beat goes on: it had decided to start the run of six o'clock.
    frozen.clock._start(job, datetime(2026, 3, 10, 6, tzinfo=UTC), world.ledger.at)
    monkeypatch.setattr(
        world.ledger, "claimed", lambda *_: False
    )  # it had asked just before the other claimed it
    frozen.clock._start(job, datetime(2026, 3, 10, 6, tzinfo=UTC), world.ledger.at)
    assert [run.state for run in world.runs("a")][-2:] == ["failed", "queued"]


def test_manual_runs_do_not_hide_a_scheduled_one_from_its_overlap_policy(world: World) -> None:
    world.write("a", definition("a", schedule='"0 * * * *"', deadline="50m"))
    beat = world.beat()
    at(world, 10, 6)
    beat.tick()
    for _ in range(4):
        start_manual(world.here, world.here.job(world.runs("a")[0].id))
    at(world, 10, 7)
    beat.tick()
    scheduled = [run for run in world.runs("a") if run.trigger == "schedule"]
    assert [(run.due_at.hour, run.state) for run in scheduled] == [(6, "queued"), (7, "failed")]


def test_a_run_that_waited_for_the_one_before_it_until_its_time_had_passed_says_so(world: World) -> None:
    world.write("a", definition("a", schedule='"0 * * * *"', deadline="50m", overlap="queue"))
    beat = world.beat()
    at(world, 10, 6)
    beat.tick()
    (before,) = world.runs("a")
    at(world, 10, 7)
    beat.tick()
    assert world.due("a") == ["10 06:00"], "it waits"
    at(world, 10, 7, 51)
    beat.tick()
    missed = world.runs("a")[1]
    assert missed.reason == f"the run before it, {before.id}, was still under way"
    assert world.ledger.field(missed.id, "left_out_for") == before.id
