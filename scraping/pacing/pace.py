"""How fast the fleet may ask one host: rate, connections, back-off and the breaker, shared through Redis.

Politeness is the fleet's, not the process's (law 7). A batch costs one call to enter and one to leave; a host
with a rate costs one more for every span of turns reserved, and only a batch that lasts renews its share.
Without Redis (reading saved pages, one process) the same rules hold in the process alone.
"""

import importlib.resources
import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from reports.errors import Unavailable
from scraping.pacing.rules import HostAsk, HostShare, HostState, Turns

log = structlog.get_logger()

LEASE_S: Final = 15.0
"""A dead worker's connections come back after this time."""
WINDOW_S: Final = 2.0
"""Turns are reserved for this span at once: what a dying worker loses of a host's rate."""
LONGEST_HOLD_S: Final = 300.0
"""A Retry-After is believed up to here; the batch's deadline ends the wait sooner."""
FAILS_TO_OPEN: Final = 10
"""Failures in a row, over the fleet, after which a host counts as down."""
OPEN_S: Final = 15.0

_US: Final = 1_000_000
_COMMON: Final = (importlib.resources.files("scraping") / "lua" / "common.lua").read_text()


def _script(name: str) -> str:
    return _COMMON + (importlib.resources.files("scraping") / "lua" / f"{name}.lua").read_text()


_SCRIPTS: Final = {name: _script(name) for name in ("enter", "reserve", "slow", "fault")}


class Pace:
    """The pace of all hosts. With None for a client, of this process alone."""

    def __init__(self, client: "Redis | None") -> None:
        self._client = client
        self._local: dict[str, HostState] = {}
        self._scripts = (
            {name: client.register_script(text) for name, text in _SCRIPTS.items()} if client else {}
        )

    @property
    def client(self) -> "Redis | None":
        """The fleet's Redis; None for a process alone."""
        return self._client

    async def enter(self, token: str, asks: Sequence[HostAsk]) -> list[HostShare]:
        """Ask for a share of the connections to each host, or renew it; in one call. Raises Unavailable."""
        if self._client is None:
            now = time.monotonic()
            return [self._state(ask.host).enter(token, ask, LEASE_S, now) for ask in asks]
        keys = [key for ask in asks for key in (_state_key(ask.host), _lease_key(ask.host))]
        args: list[str | int] = [token, _us(LEASE_S)]
        for ask in asks:
            args += [ask.want, ask.in_flight, ask.per_host, _us(ask.interval_s)]
        found = await self._call("enter", keys, args)
        return [HostShare(int(row[0]), row[1] / _US, row[2] / _US, row[3] / _US) for row in found]

    async def reserve(self, host: str, count: int, interval_s: float, horizon_s: float) -> Turns:
        """Reserve the next turns at one host, none later than `horizon_s` from now. Raises Unavailable."""
        if self._client is None:
            state = self._state(host)
            return state.reserve(count, interval_s, WINDOW_S, horizon_s, time.monotonic())
        args: list[str | int] = [count, _us(interval_s), _us(WINDOW_S), _us(horizon_s)]
        wait, got, interval = await self._call("reserve", [_state_key(host)], args)
        return Turns(wait / _US, int(got), interval / _US)

    async def slow(self, host: str, retry_after_s: float, interval_s: float, seen: float) -> HostShare:
        """A host refused (429, 503): halve the fleet's rate there, hold it as long as it asks.

        `seen` is the rate this batch reached, in requests per second. Raises Unavailable.
        """
        asked_s = min(retry_after_s, LONGEST_HOLD_S)
        if self._client is None:
            return self._state(host).slow(asked_s, interval_s, seen, time.monotonic())
        args: list[str | int] = [_us(asked_s), _us(interval_s), repr(seen)]
        interval, hold = await self._call("slow", [_state_key(host), _lease_key(host)], args)
        return HostShare(0, interval / _US, hold / _US, 0.0)

    async def fault(self, host: str) -> float:
        """A host gave no answer; return for how many seconds it is left alone now. Raises Unavailable."""
        if self._client is None:
            return self._state(host).fault(FAILS_TO_OPEN, OPEN_S, time.monotonic())
        found = await self._call("fault", [_state_key(host)], [FAILS_TO_OPEN, _us(OPEN_S)])
        return int(found) / _US

    async def answered(self, host: str) -> None:
        """A host that failed before answers again. Raises Unavailable."""
        if self._client is None:
            self._state(host).answered()
            return
        try:
            await self._client.hdel(_state_key(host), "fails", "trips", "open")
        except RedisError as error:
            raise Unavailable("redis", str(error)) from error

    async def leave(self, token: str, hosts: Sequence[str]) -> None:
        """Give back the connections of a batch, in one round trip. Raises Unavailable."""
        if self._client is None:
            for host in hosts:
                self._state(host).leave(token)
            return
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                for host in hosts:
                    pipe.hdel(_lease_key(host), token)
                await pipe.execute()
        except RedisError as error:
            raise Unavailable("redis", str(error)) from error

    def _state(self, host: str) -> HostState:
        return self._local.setdefault(host, HostState())

    async def _call(self, name: str, keys: Sequence[str], args: Sequence[str | int]) -> Any:
        try:
            return await self._scripts[name](keys=keys, args=args)
        except RedisError as error:
            raise Unavailable("redis", str(error)) from error


def _state_key(host: str) -> str:
    return f"sb:pace:{host}"


def _lease_key(host: str) -> str:
    return f"sb:pace:{host}:leases"


def _us(seconds: float) -> int:
    return round(seconds * _US)
