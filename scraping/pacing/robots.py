"""robots.txt as RFC 9309 has it: fetched once a day for the fleet, obeyed unless the definition says otherwise.

4xx means there are no rules. 5xx, 429 and no answer mean wait: nothing of the host is asked until it answers.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import structlog
from protego import Protego
from redis.asyncio import Redis
from redis.exceptions import RedisError

from reports.errors import PageError
from scraping.limits import ANYTHING, Limits
from scraping.page import Answer
from scraping.urls import Target

log = structlog.get_logger()

KEEP_S: Final = 86_400
"""RFC 9309, 2.4: no longer than 24 hours."""
WAIT_S: Final = 60
"""How long a host rests whose robots.txt cannot be had; then it is asked again."""
READ_BYTES: Final = 512_000
"""RFC 9309, 2.5: at least 500 KiB are read; what comes after is ignored."""
LONGEST_DELAY_S: Final = 60.0
_NO_HOST: Final = frozenset({"forbidden_host", "dns", "tls", "bad_url"})
_KEPT_HERE: Final = 10_000


class Found(msgspec.Struct, frozen=True):
    """What asking for a robots.txt gave: its text, or why a host must wait."""

    text: str = ""
    wait: str | None = None
    failure: str = "robots"
    """The word for rows while the host waits: its own fault where it does not answer at all."""
    lasting: bool = True
    """Whether this holds for a day; otherwise it is asked again soon."""


@dataclass(frozen=True)
class Rules:
    """The rules of one origin for us."""

    wait: PageError | None
    """Why nothing may be asked now."""
    parsed: Protego | None
    agent: str
    delay_s: float
    """Crawl-delay, or what Request-rate comes to; 0 for none."""

    def refusal(self, target: Target) -> PageError | None:
        """Return why a URL must not be asked for; None when it may be."""
        if self.wait is not None:
            return self.wait
        if self.parsed is None or self.parsed.can_fetch(target.url, self.agent):
            return None
        return PageError("robots", "robots.txt disallows it")


class Robots:
    """The rules of all hosts: in memory, else in Redis, else from the host."""

    def __init__(
        self, visit: Callable[[str, Limits], Awaitable[Answer]], agent: str, client: "Redis | None"
    ) -> None:
        self._visit = visit
        self._agent = agent.partition("/")[0]
        self._client = client
        self._rules: dict[tuple[str, str, int], tuple[float, Rules]] = {}
        self._asking: dict[tuple[str, str, int], asyncio.Lock] = {}

    async def rules(self, target: Target, limits: Limits) -> Rules:
        """Return the rules of a target's origin. Never raises: what cannot be had means wait."""
        origin = target.origin
        known = self._rules.get(origin)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        turn = self._asking.setdefault(origin, asyncio.Lock())
        try:
            async with turn:
                known = self._rules.get(origin)
                if known is None or known[0] <= time.monotonic():
                    if len(self._rules) >= _KEPT_HERE:
                        self._rules.clear()
                    known = self._rules[origin] = await self._learn(target, limits)
                return known[1]
        finally:
            if not turn.locked():
                self._asking.pop(origin, None)

    async def _learn(self, target: Target, limits: Limits) -> tuple[float, Rules]:
        key = f"sb:robots:{target.origin[0]}://{target.authority}"
        found, ttl_s = await self._recall(key)
        if found is None:
            found = await self._fetch(target, limits)
            ttl_s = KEEP_S if found.lasting else WAIT_S
            await self._remember(key, found, ttl_s)
        return time.monotonic() + ttl_s, read_rules(found, self._agent)

    async def _fetch(self, target: Target, limits: Limits) -> Found:
        url = f"{target.origin[0]}://{target.authority}/robots.txt"
        # RFC 9309, 2.3.1.2: five redirects at least are followed; what is too long is cut, not refused.
        own = replace(limits, redirects=5, accept=ANYTHING, total_s=min(30.0, limits.total_s), cut=READ_BYTES)
        try:
            page = (await self._visit(url, own)).page
        except PageError as error:
            if error.failure in _NO_HOST:  # its pages cannot be asked for either, and their rows say why
                return Found(lasting=False)
            wait = f"robots.txt cannot be had, so the host is left alone for a minute: {error.detail}"[:300]
            unreachable = error.failure if error.failure in {"connect", "timeout"} else "robots"
            return Found(wait=wait, failure=unreachable, lasting=False)
        if page.status >= 500 or page.status == 429:
            wait = f"robots.txt answered {page.status}, so the host is left alone for a minute"
            return Found(wait=wait, lasting=False)
        return Found(page.body[:READ_BYTES].decode("utf-8", "replace") if page.status == 200 else "")

    async def _recall(self, key: str) -> tuple[Found | None, float]:
        if self._client is None:
            return None, 0.0
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                pipe.get(key)
                pipe.pttl(key)
                data, ttl_ms = await pipe.execute()
        except RedisError as error:
            log.warning("robots_cache_unreachable", error=str(error))
            return None, 0.0
        if data is None or ttl_ms <= 0:
            return None, 0.0
        return msgspec.msgpack.decode(data, type=Found), ttl_ms / 1000

    async def _remember(self, key: str, found: Found, ttl_s: float) -> None:
        if self._client is None:
            return
        try:
            await self._client.set(key, msgspec.msgpack.encode(found), px=round(ttl_s * 1000))
        except RedisError as error:
            log.warning("robots_cache_unreachable", error=str(error))


def read_rules(found: Found, agent: str) -> Rules:
    """Return the rules that a robots.txt holds for us. A byte order mark and broken lines are ignored."""
    if found.wait is not None or not found.text.strip():
        wait = PageError(found.failure, found.wait) if found.wait is not None else None
        return Rules(wait, None, agent, 0.0)
    parsed = Protego.parse(found.text.removeprefix("\ufeff"))
    delay = parsed.crawl_delay(agent) or 0.0
    rate = parsed.request_rate(agent)
    if rate is not None and rate.requests:
        delay = max(delay, rate.seconds / rate.requests)
    return Rules(None, parsed, agent, min(float(delay), LONGEST_DELAY_S))
