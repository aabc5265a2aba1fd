"""What the doctor says of Redis and of clocks."""

from typing import Any

import pytest

from console.doctor.finding import Health
from console.doctor.redis_health import judge_clock, judge_redis

GOOD: dict[str, Any] = {
    "redis_version": "7.2.4",
    "aof_enabled": 1,
    "aof_last_write_status": "ok",
    "maxmemory_policy": "noeviction",
    "used_memory": 1_000_000,
    "maxmemory": 1_000_000_000,
}


def test_a_redis_as_it_should_be_has_no_fix() -> None:
    assert {(one.health, one.fix) for one in judge_redis(GOOD)} == {("good", "")}


@pytest.mark.parametrize(
    ("answer", "check", "health"),
    [
        ({"redis_version": "5.0.7"}, "Redis", "problem"),
        ({"aof_enabled": 0}, "persistence", "problem"),
        ({"aof_last_write_status": "err"}, "persistence", "problem"),
        ({"maxmemory_policy": "allkeys-lru"}, "eviction", "problem"),
        ({"used_memory": 900_000_000}, "memory", "warning"),
        ({"used_memory": 1_000_000_001}, "memory", "problem"),
    ],
)
def test_each_finding_says_what_to_do(answer: dict[str, Any], check: str, health: Health) -> None:
    (found,) = [one for one in judge_redis(GOOD | answer) if one.health != "good"]
    assert (found.check, found.health) == (check, health)
    assert found.fix


@pytest.mark.parametrize(
    ("skew_s", "health"), [(0.5, "good"), (-1.9, "good"), (5, "warning"), (-7_200, "problem")]
)
def test_a_clock_that_is_wrong_is_told_with_its_machine(skew_s: float, health: Health) -> None:
    found = judge_clock("worker@vm", skew_s)
    assert (found.check, found.health) == ("clock of worker@vm", health)
