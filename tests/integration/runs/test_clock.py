"""The clock on a real Redis, at a time that the test sets: policies, pauses, changed schedules, broken files."""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from beat import clock
from jobs.variables import Variable
from runs.agenda import Agenda
from runs.variables import VariableStore
from tasks.start import cancel, is_open, start_backfill, start_run
from tests.support.simulated import World, definition, make_world

MORNING = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)


@pytest.fixture
def world(redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = make_world(tmp_path, redis, monkeypatch)
    made.ledger.at = MORNING
    return made


def at(world: World, day: int, hour: int, minute: int = 0) -> None:
    world.ledger.at = datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def test_a_run_missed_by_less_than_its_deadline_still_starts(world: World) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"', deadline="1h"))
    world.beat().tick()
    at(world, 10, 6, 59)
    world.beat().tick()
    assert world.due("a") == ["10 06:00"]


def test_a_run_missed_by_more_is_recorded_and_people_are_told_that_it_never_started(world: World) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"', deadline="1h"))
    world.beat().tick()
    at(world, 12, 8)
    world.beat().tick()
    world.beat().tick()
    assert world.due("a") == []
    (missed,) = world.runs("a")
    assert missed.state == "failed"
    assert missed.due_at == datetime(2026, 3, 12, 6, tzinfo=UTC)
    assert missed.reason.startswith("3 due times since 2026-03-10 06:00 UTC passed")
    assert missed.id in world.ledger.untold()


@pytest.mark.parametrize(("catchup", "started"), [("skip", []), ("last", ["12 06:00"])])
def test_missed_runs_are_caught_up_as_the_job_says(world: World, catchup: str, started: list[str]) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"', catchup=catchup))
    world.beat().tick()
    at(world, 12, 9)
    world.beat().tick()
    assert world.due("a") == started


def test_catching_up_all_starts_every_one_each_after_the_other_with_its_whole_deadline(world: World) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"', catchup="all"))
    world.beat().tick()
    at(world, 12, 9)
    beat = world.beat()
    beat.tick()
    assert world.due("a") == ["10 06:00"]
    for _ in range(3):
        world.end_all()
        beat.tick()
    assert world.due("a") == ["10 06:00", "11 06:00", "12 06:00"]
    assert all(run.deadline_at - world.ledger.at >= timedelta(minutes=59) for run in world.runs("a"))


def test_a_due_time_recorded_as_missed_is_open_for_backfill_and_for_no_beat(world: World) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"', deadline="1h"))
    beat = world.beat()
    beat.tick()
    at(world, 11, 8)
    beat.tick()
    (missed,) = world.runs("a")
    assert beat.definitions.catalogue is not None
    job = beat.definitions.catalogue.jobs["a"]
    assert start_run(world.here, job, missed.due_at) is None
    assert is_open(world.here, job, missed.due_at)
    assert start_backfill(world.here, job, missed.due_at) == missed.id
    (run,) = world.runs("a")
    assert (run.state, run.trigger, run.reason, run.ended_at) == ("queued", "backfill", "", None)
    assert run.sequence > missed.sequence  # what it publishes is the newest there is
    assert missed.id not in world.ledger.untold()
    assert missed.id in world.ledger.active()
    assert not is_open(world.here, job, missed.due_at)
    assert start_backfill(world.here, job, missed.due_at) is None


def test_a_paused_job_starts_nothing_and_catches_nothing_up(world: World) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"', catchup="all"))
    beat = world.beat()
    beat.tick()
    assert Agenda(world.redis).pause("a", "me", "holidays")
    at(world, 11, 9)
    beat.tick()
    Agenda(world.redis).resume("a")
    at(world, 11, 10)
    beat.tick()
    assert world.runs("a") == []
    at(world, 12, 6)
    beat.tick()
    assert world.due("a") == ["12 06:00"]


def test_a_changed_cron_variable_applies_at_once_and_counts_from_its_change(world: World) -> None:
    store = VariableStore(world.redis)
    store.put([Variable("NIGHTLY", "0 6 * * *", "cron")], "me")
    world.write("a", definition("a", schedule='"${NIGHTLY}"'))
    beat = world.beat()
    beat.tick()
    # Redis stamps the change with its own time: the world's time goes on from there.
    now = datetime.now(UTC).replace(microsecond=0)
    world.ledger.at = now
    beat.tick()
    world.end_all()
    before = len(world.runs("a"))
    soon, past = now + timedelta(minutes=2), now - timedelta(minutes=3)
    store.put([Variable("NIGHTLY", f"{past.minute} {past.hour} * * *", "cron")], "me")
    world.ledger.at = now + timedelta(seconds=2)
    beat.tick()
    assert len(world.runs("a")) == before  # three minutes ago this was not its time
    store.put([Variable("NIGHTLY", f"{soon.minute} {soon.hour} * * *", "cron")], "me")
    world.ledger.at = soon
    beat.tick()
    assert world.runs("a")[-1].due_at == soon.replace(second=0)


def test_a_new_file_a_changed_one_and_a_deleted_one_count_without_a_restart(world: World) -> None:
    beat = world.beat()
    beat.tick()
    path = world.write("a", definition("a", schedule='"0 6 * * *"'))
    at(world, 10, 6)
    beat.tick()
    assert world.due("a") == ["10 06:00"]
    frozen = world.ledger.definition(world.runs("a")[0].id)
    world.write("a", definition("a", schedule='"0 7 * * *"', customer="New GmbH"))
    at(world, 10, 7)
    beat.tick()
    assert world.ledger.definition(world.runs("a")[0].id) == frozen  # a run under way keeps its copy
    world.end_all()
    at(world, 11, 7)
    beat.tick()
    assert "New GmbH" in world.ledger.definition(world.runs("a")[-1].id)
    world.end_all()
    path.unlink()
    at(world, 12, 7)
    beat.tick()
    assert world.due("a") == ["10 06:00", "11 07:00"]


def test_a_broken_file_keeps_its_last_good_version_also_over_a_restart_of_beat(world: World) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"', customer="Good GmbH"))
    world.beat().tick()
    world.write("a", definition("a", schedule='"0 99 * * *"'))
    at(world, 10, 6)
    restarted = world.beat()
    restarted.tick()
    assert world.due("a") == ["10 06:00"]
    assert "Good GmbH" in world.ledger.definition(world.runs("a")[0].id)
    assert "a cron expression" in restarted.definitions.complaint


def test_one_job_that_cannot_be_dealt_with_does_not_stop_the_others(world: World) -> None:
    for name in ("a", "b", "c"):
        world.write(name, definition(name, schedule='"0 6 * * *"'))
    beat = world.beat()
    beat.tick()
    world.redis.set("sb:job:b:seq", "not a number")
    at(world, 10, 6)
    beat.tick()
    assert world.due("a") == world.due("c") == ["10 06:00"]
    beat.tick()
    assert beat.definitions.complaint.startswith("b: cannot be started: ResponseError")
    world.redis.delete("sb:job:b:seq")
    beat.tick()
    beat.tick()
    assert beat.definitions.complaint == ""
    assert world.due("b") == ["10 06:00"]


def test_a_run_that_was_cancelled_is_not_started_again(world: World) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"'))
    beat = world.beat()
    beat.tick()
    at(world, 10, 6)
    beat.tick()
    cancel(world.here, world.runs("a")[0].id, "a person said so")
    world.beat().tick()
    beat.tick()
    assert [run.state for run in world.runs("a")] == ["cancelled"]


def test_the_seed_file_sets_what_is_missing_and_leaves_what_a_person_set(
    redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = tmp_path / "variables.yaml"
    seed.write_text('A: "1"\nB: {type: cron, value: "0 4 * * *"}\n')
    world = make_world(tmp_path, redis, monkeypatch)
    world.here = replace(world.here, settings=replace(world.here.settings, variables=seed))
    VariableStore(redis).put([Variable("A", "mine")], "me")
    world.beat().tick()
    stored = VariableStore(redis).all()
    assert (stored["A"].value, stored["B"].value) == ("mine", "0 4 * * *")
    assert stored["B"].changed.by == "seed file variables.yaml"


def test_a_redis_that_was_emptied_is_given_its_variables_again_and_loses_no_due_time(
    redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = tmp_path / "variables.yaml"
    seed.write_text('NIGHTLY: {type: cron, value: "0 6 * * *"}\n')
    os.utime(seed, (MORNING.timestamp(), MORNING.timestamp()))
    world = make_world(tmp_path, redis, monkeypatch)
    world.ledger.at = MORNING
    world.here = replace(world.here, settings=replace(world.here.settings, variables=seed))
    world.write("a", definition("a", schedule='"${NIGHTLY}"'))
    good = world.write("b", definition("b"))
    beat = world.beat()
    beat.tick()
    good.write_text("job: b\nurls: broken\n")
    beat.tick()
    at(world, 10, 6, 1)  # it was away when the job came due
    redis.flushall()
    beat.clock.forget()
    beat.tick()
    assert VariableStore(redis).all()["NIGHTLY"].value == "0 6 * * *"
    assert world.due("a") == ["10 06:00"]
    assert sorted(Agenda(redis).good()) == ["a.yaml", "b.yaml"]  # the last good version, too


def test_a_missed_due_time_is_told_even_if_beat_dies_while_it_records_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"', deadline="1h"))
    world.beat().tick()
    at(world, 12, 8)
    with monkeypatch.context() as dying:
        dying.setattr(clock, "record_missed", lambda *_: sys.exit("killed"))
        with pytest.raises(SystemExit):
            world.beat().tick()
    world.beat().tick()
    assert [run.state for run in world.runs("a")] == ["failed"]


def test_a_good_version_that_a_newer_version_cannot_read_stops_no_other_job(world: World) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"'))
    world.write("b", "job: b")
    kept = '{"job": "b", "urls": 7, "notify": ["slack://a-token-of-old"]}'
    Agenda(world.redis).put_good({"b.yaml": kept}, set())
    beat = world.beat()
    beat.tick()
    at(world, 10, 6)
    beat.tick()
    assert world.due("a") == ["10 06:00"]
    assert "b.yaml" in beat.definitions.complaint


def test_a_redis_whose_clock_was_ahead_and_is_right_again_starts_what_comes_due(world: World) -> None:
    world.write("a", definition("a", schedule='"0 6 * * *"', deadline="1h"))
    beat = world.beat()
    beat.tick()
    world.ledger.at += timedelta(days=365)
    beat.tick()
    at(world, 10, 5, 1)
    beat.tick()
    world.beat().tick()
    at(world, 10, 6)
    beat.tick()
    assert world.due("a") == ["10 06:00"]
