"""The fleet's pace, held by real processes against a loopback site and a real Redis."""

import asyncio
import bisect
import time

import pytest
from redis import Redis

from runs.embedded import EmbeddedRedis
from tests.support.clocked import Clocked
from tests.support.shop_worker import fleet
from tests.support.site_hostile import PRODUCT, HostileSite, Request, send

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`


@pytest.mark.usefixtures("redis")
async def test_four_processes_never_exceed_the_rate_of_a_host(
    site: HostileSite, redis_server: EmbeddedRedis
) -> None:
    clocked = Clocked()
    site.on("/p", clocked)
    rate = 20
    found = await fleet(
        4,
        redis_server.url,
        site.url("/p?{}"),
        65,
        30,
        rate=rate,
        concurrency=16,
        per_host=64,
        robots="ignore",
    )
    assert found == {"None": 260}
    assert clocked.most_within(10.0) <= rate * 10 * 1.05
    # And the rate is used, not only kept: four processes share it without idle turns.
    assert clocked.times[-1] - clocked.times[0] <= 260 / rate * 1.1


@pytest.mark.usefixtures("redis")
async def test_connections_to_a_host_are_the_fleet_s(site: HostileSite, redis_server: EmbeddedRedis) -> None:
    clocked = Clocked(latency_s=0.05)
    site.on("/p", clocked)
    found = await fleet(
        3, redis_server.url, site.url("/p?{}"), 40, 30, concurrency=16, per_host=4, robots="ignore"
    )
    assert found == {"None": 120}
    assert clocked.most == 4


@pytest.mark.usefixtures("redis")
async def test_a_least_delay_is_kept_between_processes(
    site: HostileSite, redis_server: EmbeddedRedis
) -> None:
    clocked = Clocked()
    site.on("/p", clocked)
    found = await fleet(2, redis_server.url, site.url("/p?{}"), 2, 30, delay="1s", robots="ignore")
    assert found == {"None": 4}
    gaps = [later - at for at, later in zip(clocked.times, clocked.times[1:], strict=False)]
    assert min(gaps) >= 0.9


async def test_a_refusal_slows_the_whole_fleet(
    site: HostileSite, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    asked: list[float] = []

    async def refuse_bursts(writer: asyncio.StreamWriter, _request: Request) -> bool:
        now = time.monotonic()
        asked.append(now)
        busy = len(asked) - bisect.bisect_left(asked, now - 1) > 30
        return send(
            writer, PRODUCT, status=429 if busy else 200, headers="Retry-After: 1\r\n" if busy else ""
        )

    site.on("/p", refuse_bursts)
    found = await fleet(
        2, redis_server.url, site.url("/p?{}"), 60, 40, concurrency=8, per_host=16, robots="ignore", retries=5
    )
    assert found["None"] >= 110
    assert redis.hget("sb:pace:127.0.0.1", "rate") is not None
    # Without slowing down, two processes would have asked all 120 within a second or two, refusals included.
    assert asked[-1] - asked[0] > 3


async def test_a_host_that_is_down_costs_little(redis_server: EmbeddedRedis, redis: Redis) -> None:
    began = time.monotonic()
    found = await fleet(
        2, redis_server.url, "http://127.0.0.1:1/p?{}", 200, 60, concurrency=8, robots="ignore"
    )
    assert found == {"connect": 400}
    assert time.monotonic() - began < 10
    assert redis.hget("sb:pace:127.0.0.1", "open") is not None


async def test_every_key_of_the_pace_expires(
    site: HostileSite, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    async def refused(writer: asyncio.StreamWriter, _request: Request) -> bool:
        return send(writer, b"", status=429)

    site.on("/p", refused)
    await fleet(1, redis_server.url, site.url("/p?{}"), 3, 3, rate=50)
    await fleet(1, redis_server.url, "http://127.0.0.2:1/p?{}", 2, 3)
    keys = [key.decode() for key in redis.scan_iter("sb:*")]
    assert {"sb:pace:127.0.0.1", f"sb:robots:http://127.0.0.1:{site.port}"} <= set(keys)
    assert all(redis.ttl(key) > 0 for key in keys)
