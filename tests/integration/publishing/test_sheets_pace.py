"""Turns and the one writer, over a real Redis server shared by several clients."""

import threading
import time

import pytest
from redis import Redis

from exporters.google.pace import PREFIX, Limits, LocalPace, Pace, RedisPace, turns
from reports.errors import Unavailable

FAST = Limits(spreadsheet_s=0.05, user_s=0.0, project_s=0.02)


def test_two_machines_share_one_spreadsheets_turns(redis: Redis) -> None:
    machines = [RedisPace(redis), RedisPace(redis)]
    started = time.monotonic()
    threads = [
        threading.Thread(
            target=lambda pace=pace: [pace.wait_turn(turns("write", "s1", "u", "p", FAST)) for _ in range(4)]
        )
        for pace in machines
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.05 * 7 <= time.monotonic() - started < 2


def test_reads_and_writes_have_quotas_of_their_own_and_a_users_name_stays_out_of_the_keys() -> None:
    found = {
        kind: {turn.key for turn in turns(kind, "s", "bot@acme.example", "p", Limits())}
        for kind in ("read", "write")
    }
    assert len(found["read"] & found["write"]) == 1  # the spreadsheet's own second
    assert not [key for key in found["read"] if "acme" in key]
    # One a second for the spreadsheet, 60 a minute for the user, 300 for the project.
    assert [turn.interval_ms for turn in turns("write", "s", "u", "p", Limits())] == [1_000, 1_000, 200]


def test_turns_leave_nothing_behind_for_ever(redis: Redis) -> None:
    RedisPace(redis).wait_turn(turns("write", "s2", "u", "p", FAST))
    keys = list(redis.scan_iter(f"{PREFIX}*"))
    assert keys
    assert all(redis.pttl(key) > 0 for key in keys)


def test_a_quota_that_is_taken_for_minutes_is_unavailable_at_once(redis: Redis) -> None:
    pace = RedisPace(redis)
    pace.wait_turn(turns("write", "s3", "u", "p", Limits(spreadsheet_s=500)))
    with pytest.raises(Unavailable):
        pace.wait_turn(turns("write", "s3", "u", "p", Limits(spreadsheet_s=500)))


def test_a_second_run_waits_for_the_first_and_then_gives_up(redis: Redis) -> None:
    first, second = RedisPace(redis), RedisPace(redis, lock_wait_s=0.1)
    with first.writer("s4", "run-1"):
        with pytest.raises(Unavailable, match="another publish"), second.writer("s4", "run-2"):
            pytest.fail("two writers")
        with second.writer("s5", "run-2"):
            pass  # another spreadsheet is free
    with second.writer("s4", "run-2"):
        pass


def test_a_repeat_of_the_same_run_takes_over_and_the_old_attempt_stops(redis: Redis) -> None:
    old, new = RedisPace(redis), RedisPace(redis, lock_wait_s=0.1)
    with old.writer("s6", "run-1") as before:
        before.renew()
        with new.writer("s6", "run-1") as after:
            after.renew()
            with pytest.raises(Unavailable, match="taken over"):
                before.renew()


def test_a_dead_writers_lease_ends_by_itself(redis: Redis) -> None:
    dead = RedisPace(redis, lease_s=0.1).writer("s7", "run-1")
    dead.__enter__()  # and never comes back
    with RedisPace(redis, lock_wait_s=2).writer("s7", "run-2"):
        pass


@pytest.mark.parametrize("kind", ["local", "redis"])
def test_only_one_of_many_threads_writes_at_a_time(kind: str, redis: Redis) -> None:
    pace: Pace = LocalPace() if kind == "local" else RedisPace(redis)
    inside, most = 0, 0

    def write(number: int) -> None:
        nonlocal inside, most
        with pace.writer("s8", f"run-{number}"):
            inside += 1
            most = max(most, inside)
            time.sleep(0.005)
            inside -= 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
