"""The pace in Redis follows the same rules as the pace in Python, whatever happens in whatever order."""

import asyncio
import multiprocessing
import random
import time
from collections.abc import AsyncIterator

import pytest
from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from reports.errors import Unavailable
from runs.embedded import EmbeddedRedis
from scraping.pacing.pace import FAILS_TO_OPEN, LEASE_S, OPEN_S, WINDOW_S, Pace
from scraping.pacing.rules import HostAsk, HostState

CLOSE_S = 0.5
"""Redis reads its clock a moment after the test does."""


@pytest.fixture
async def pace(redis_server: EmbeddedRedis, redis: Redis) -> AsyncIterator[Pace]:
    client = AsyncRedis.from_url(redis_server.url)
    yield Pace(client)
    await client.aclose()


async def _step(
    pace: Pace, state: HostState, dice: random.Random, now: float
) -> tuple[list[float], list[float]]:
    """Do one thing to both; return what each answered, as numbers."""
    token, host = dice.choice("abc"), "shop.example"
    match dice.choice(["enter", "enter", "reserve", "slow", "fault", "answered", "leave"]):
        case "enter":
            want, limit, in_flight = dice.randint(1, 20), dice.choice([4, 16]), dice.randint(0, 3)
            ask = HostAsk(host, want, limit, dice.choice([0.0, 0.25]), in_flight)
            theirs, ours = (await pace.enter(token, [ask]))[0], state.enter(token, ask, LEASE_S, now)
            return (
                [theirs.connections, theirs.interval_s, theirs.hold_s, theirs.open_s],
                [ours.connections, ours.interval_s, ours.hold_s, ours.open_s],
            )
        case "reserve":
            count, interval, horizon = (
                dice.randint(1, 30),
                dice.choice([0.0, 0.05, 0.5]),
                dice.choice([2.0, 600.0]),
            )
            turns = await pace.reserve(host, count, interval, horizon)
            own = state.reserve(count, interval, WINDOW_S, horizon, now)
            return [turns.wait_s, turns.count, turns.interval_s], [own.wait_s, own.count, own.interval_s]
        case "slow":
            asked, seen = dice.choice([0.0, 3.0]), dice.uniform(1, 50)
            slowed, held = await pace.slow(host, asked, 0.1, seen), state.slow(asked, 0.1, seen, now)
            return [slowed.interval_s, slowed.hold_s], [held.interval_s, held.hold_s]
        case "fault":
            return [await pace.fault(host)], [state.fault(FAILS_TO_OPEN, OPEN_S, now)]
        case "answered":
            await pace.answered(host)
            state.answered()
        case "leave":
            await pace.leave(token, [host])
            state.leave(token)
    return [], []


@pytest.mark.parametrize("seed", range(12))
async def test_the_scripts_do_what_the_rules_say(seed: int, pace: Pace) -> None:
    dice, state = random.Random(seed), HostState()
    for number in range(80):
        theirs, ours = await _step(pace, state, dice, time.monotonic())
        assert theirs == pytest.approx(ours, abs=CLOSE_S), f"step {number}"


def _reserve(url: str, share: int, turns: "multiprocessing.Queue[list[float]]") -> None:
    async def work() -> None:
        client = AsyncRedis.from_url(url)
        pace = Pace(client)
        mine: list[float] = []
        while len(mine) < share:
            seconds, micros = await client.time()
            got = await pace.reserve("shop.example", random.Random().randint(1, 7), 0.01, 600)
            mine += [seconds + micros / 1e6 + got.wait_s + turn * got.interval_s for turn in range(got.count)]
        await client.aclose()
        turns.put(mine)

    asyncio.run(work())


@pytest.mark.usefixtures("redis")
def test_processes_that_reserve_at_once_never_get_the_same_turn(redis_server: EmbeddedRedis) -> None:
    spawn = multiprocessing.get_context("spawn")
    found: multiprocessing.Queue[list[float]] = spawn.Queue()
    processes = [spawn.Process(target=_reserve, args=(redis_server.url, 150, found)) for _ in range(4)]
    for process in processes:
        process.start()
    turns = sorted(turn for _ in processes for turn in found.get(timeout=60))
    for process in processes:
        process.join()
    found.close()
    assert len(turns) >= 600
    # 600 turns at 100 a second take 6 s; the clocks read beside the calls differ by a moment.
    assert turns[-1] - turns[0] >= (len(turns) - 1) * 0.01 - CLOSE_S


async def test_a_batch_without_a_rate_costs_one_call_to_enter(pace: Pace, redis: Redis) -> None:
    hosts = [HostAsk(f"shop{number}.example", 16, 16) for number in range(5)]
    await pace.enter("warm", hosts)
    before = redis.info("commandstats")["cmdstat_evalsha"]["calls"]
    await pace.enter("batch", hosts)
    assert redis.info("commandstats")["cmdstat_evalsha"]["calls"] - before == 1


async def test_a_redis_that_is_away_is_said() -> None:
    client = AsyncRedis.from_url("redis://127.0.0.1:1/0")
    with pytest.raises(Unavailable, match="redis"):
        await Pace(client).enter("a", [HostAsk("shop.example", 1, 1)])
    await client.aclose()
