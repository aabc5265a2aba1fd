"""Turns at the Google APIs: quotas and the one writer per spreadsheet, over the whole fleet or one process.

Google allows 60 reads and 60 writes a minute per user and 300 per project, and serves about one request a
second per spreadsheet. Source: https://developers.google.com/workspace/sheets/api/limits
"""

import hashlib
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final, Literal, Protocol
from uuid import uuid4

import redis

from reports.errors import Unavailable

Kind = Literal["read", "write"]
PREFIX: Final = "sb:sheet:"
_LONGEST_WAIT_S: Final = 120.0


@dataclass(frozen=True)
class Limits:
    """Least seconds between two requests of a kind (zero: no limit), and the waits after answers of 429."""

    spreadsheet_s: float = 1.0
    user_s: float = 1.0
    project_s: float = 0.2
    after_429_s: tuple[float, ...] = (2.0, 4.0, 8.0, 16.0, 32.0, 60.0)


@dataclass(frozen=True)
class Turn:
    """One bucket and how long a request occupies it, in ms."""

    key: str
    interval_ms: int


class Lease(Protocol):
    """The right to write one spreadsheet."""

    def renew(self) -> None:
        """Prolong it. Raises Unavailable when another writer has it by now."""


class Pace(Protocol):
    """Who may ask Google now."""

    def wait_turn(self, turns: Sequence[Turn]) -> None:
        """Sleep until every bucket has room; the place is taken. Raises Unavailable when it is far off."""

    def writer(self, spreadsheet: str, run_id: str) -> AbstractContextManager[Lease]:
        """Be the one writer of a spreadsheet for a while."""


def turns(kind: Kind, spreadsheet: str, user: str, project: str, limits: Limits) -> list[Turn]:
    """Return the buckets that a request takes from. Users are kept as a digest: keys are shown to people."""
    digest = hashlib.sha256(user.encode()).hexdigest()[:12]
    wanted = [
        (f"{PREFIX}pace:spreadsheet:{spreadsheet}", limits.spreadsheet_s),
        (f"{PREFIX}pace:user:{digest}:{kind}", limits.user_s),
        (f"{PREFIX}pace:project:{project}:{kind}", limits.project_s),
    ]
    return [Turn(key, round(seconds * 1000)) for key, seconds in wanted if seconds > 0]


class LocalPace:
    """Turns among the threads of this process, for a report without Redis."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._next_ms: dict[str, float] = {}
        self._writers: dict[str, threading.Lock] = {}

    def wait_turn(self, turns: Sequence[Turn]) -> None:
        """Sleep until every bucket has room."""
        with self._guard:
            now = time.monotonic() * 1000
            start = max([now, *(self._next_ms.get(turn.key, 0.0) for turn in turns)])
            for turn in turns:
                self._next_ms[turn.key] = start + turn.interval_ms
        _sleep_ms(start - now)

    @contextmanager
    def writer(self, spreadsheet: str, run_id: str) -> Iterator[Lease]:  # noqa: ARG002 - the protocol's
        """Be the one writer among the threads of this process."""
        with self._guard:
            lock = self._writers.setdefault(spreadsheet, threading.Lock())
        if not lock.acquire(timeout=_LONGEST_WAIT_S):
            raise Unavailable("Google Sheets", "another publish to the same spreadsheet is under way")
        try:
            yield _NoLease()
        finally:
            lock.release()


class _NoLease:
    def renew(self) -> None:
        """Held until released: nothing to prolong."""


# One Redis clock for all machines. The place is taken even when the caller has to sleep for it.
_WAIT_TURN: Final = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local start = now
for _, key in ipairs(KEYS) do
  start = math.max(start, tonumber(redis.call('GET', key) or '0'))
end
if start - now > tonumber(ARGV[#ARGV]) then return -1 end
for i, key in ipairs(KEYS) do
  local free = start + ARGV[i]
  redis.call('SET', key, string.format('%.0f', free), 'PX', string.format('%.0f', free - now + 1000))
end
return start - now
"""
# The same run may take over: what is left of its killed attempt must not block its repeat.
_TAKE: Final = """
local held = redis.call('HGET', KEYS[1], 'run')
if held and held ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'run', ARGV[1], 'token', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""
_RENEW: Final = """
if redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
_RELEASE: Final = """
if redis.call('HGET', KEYS[1], 'token') == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""


class RedisPace:
    """Turns over the whole fleet. A lease outlives the longest request (210 s) and ends by itself."""

    def __init__(self, client: redis.Redis, *, lease_s: float = 300.0, lock_wait_s: float = 60.0) -> None:
        self._client = client
        self._lease_ms = round(lease_s * 1000)
        self._lock_wait_s = lock_wait_s
        self._wait_turn = client.register_script(_WAIT_TURN)
        self._take = client.register_script(_TAKE)
        self._renew = client.register_script(_RENEW)
        self._release = client.register_script(_RELEASE)

    def wait_turn(self, turns: Sequence[Turn]) -> None:
        """Sleep until every bucket has room on every machine."""
        if not turns:
            return
        wait_ms = int(
            self._wait_turn(
                keys=[turn.key for turn in turns],
                args=[*(turn.interval_ms for turn in turns), round(_LONGEST_WAIT_S * 1000)],
            )
        )
        if wait_ms < 0:
            raise Unavailable(
                "Google Sheets", f"the fleet's quota is taken for {_LONGEST_WAIT_S:.0f} s and more"
            )
        _sleep_ms(wait_ms)

    @contextmanager
    def writer(self, spreadsheet: str, run_id: str) -> Iterator[Lease]:
        """Be the one writer in the fleet. The fence itself is at Google: the generation tab."""
        key, token = f"{PREFIX}lock:{spreadsheet}", uuid4().hex
        deadline = time.monotonic() + self._lock_wait_s
        while not self._take(keys=[key], args=[run_id, token, self._lease_ms]):
            if time.monotonic() > deadline:
                raise Unavailable("Google Sheets", "another publish to the same spreadsheet is under way")
            time.sleep(0.25)
        try:
            yield _RedisLease(self._renew, key, token, self._lease_ms)
        finally:
            self._release(keys=[key], args=[token])


class _RedisLease:
    def __init__(self, script: "redis.commands.core.Script", key: str, token: str, lease_ms: int) -> None:
        self._script, self._key, self._token, self._lease_ms = script, key, token, lease_ms

    def renew(self) -> None:
        """Prolong the lease, or stop: another attempt has taken over."""
        if not self._script(keys=[self._key], args=[self._token, self._lease_ms]):
            raise Unavailable("Google Sheets", "another attempt has taken over this publish")


def _sleep_ms(wait_ms: float) -> None:
    if wait_ms > 0:
        time.sleep(wait_ms / 1000)
