"""One host within one batch: its queue, its share of connections, its turns, and why it was given up if it was."""

import asyncio
import contextlib
import time
from collections import deque
from typing import Final

from reports.errors import PageError
from scraping.pacing.pace import Pace
from scraping.pacing.rules import HostAsk, HostShare
from scraping.urls import Target

_LATE_S: Final = 0.25
"""A turn missed by more is void: using many late ones at once would exceed the rate."""
_FIRST_HOLD_S: Final = 1.0
"""How long a host rests that refuses without saying how long."""
_SHORTEST_S: Final = 0.1
"""A rate is not judged by a shorter time."""
_SPELL_S: Final = 1.0
"""A spell of asking is judged anew after this time, so that quiet ones do not thin out what a host bore before."""
NOT_ASKED: Final = "not_asked"
"""The failure of a URL that was never asked for, because the time was up; the host has no part in it."""

Job = tuple[int, Target]
"""Index of a URL in its batch, and where it leads."""


class HostGate:
    """Lets the workers of a batch through to one host, as fast as the fleet's pace allows."""

    def __init__(self, host: str, pace: Pace, ask: HostAsk, ends: float) -> None:
        self.host = host
        self.queue: deque[Job] = deque()
        self.closed: PageError | None = None
        """Why what is left is not asked; None while the host is open."""
        self.opened = False
        """Whether what robots.txt forbids has been taken out of the queue."""
        self.share = 0
        self.workers = 0
        self.in_flight = 0
        self._ask = ask
        self._pace = pace
        self._ends = ends
        self._interval_s = ask.interval_s
        self._hold_until = 0.0
        self._turns: deque[float] = deque()
        self._line = asyncio.Lock()
        self._since = self._last_answer = time.monotonic()
        self._answers = 0
        self._fastest = 0.0
        self.failing = False
        """Whether it gave no answer when it was last asked."""
        self._closing = asyncio.Event()

    @property
    def slow(self) -> bool:
        """Whether the host gives turns or makes us wait, instead of answering as fast as it can."""
        return self._interval_s > 0 or self.share == 0 or self._hold_until > time.monotonic()

    def ask(self) -> HostAsk:
        """Return what to ask the fleet for."""
        ask = self._ask
        want = min(ask.want, max(self.in_flight, len(self.queue) + self.in_flight))
        return HostAsk(ask.host, want, ask.per_host, ask.interval_s, self.in_flight)

    def no_faster_than(self, interval_s: float) -> None:
        """Keep at least this time between requests: the Crawl-delay of robots.txt."""
        ask = self._ask
        interval_s = max(ask.interval_s, interval_s)
        self._ask = HostAsk(ask.host, ask.want, ask.per_host, interval_s, ask.in_flight)
        self._interval_s = max(self._interval_s, interval_s)

    def heed(self, share: HostShare) -> None:
        """Take over what the fleet grants."""
        self.share = share.connections
        self._interval_s = share.interval_s
        self._hold_until = max(self._hold_until, time.monotonic() + share.hold_s if share.hold_s else 0.0)
        if share.open_s:
            self._down(share.open_s)

    def give_up(self, why: str) -> None:
        """Ask nothing more of this host in this batch."""
        self._close(PageError(NOT_ASKED, why))

    @property
    def free(self) -> bool:
        """Whether the host may be asked at once, as often as there are connections to it."""
        return self.closed is None and not self._interval_s and self._hold_until <= time.monotonic()

    async def turn(self) -> None:
        """Wait until the host may be asked. Raises PageError when that is not within the batch's time."""
        while not self.free:
            # One at a time: who reserved beside others would take turns that lie ever further ahead.
            async with self._line:
                if await self._wait():
                    return

    async def _wait(self) -> bool:
        """Wait for what comes first, the end of a hold or a turn; return whether the host may now be asked."""
        if self.closed is not None:
            raise self.closed
        now = time.monotonic()
        if self._hold_until > now:
            if self._hold_until >= self._ends:
                self.give_up(f"the host asked to wait {self._hold_until - now:.0f} s")
            await self.pause(self._hold_until - now)
            return False
        if not self._interval_s:
            return True
        if not self._turns:
            await self._reserve()
            return False
        when = self._turns.popleft()
        if now - when > _LATE_S:
            return False
        if when > now:
            await self.pause(when - now)
        return self.closed is None and self._hold_until <= time.monotonic()

    def answered(self, sent: float) -> None:
        """The host answered a request that was sent then, on the monotonic clock."""
        self._end_spell(sent)
        self._answers += 1
        self._last_answer = time.monotonic()

    async def recovered(self) -> None:
        """The host answers after a failure: the fleet forgets what it counted."""
        self.failing = False
        await self._pace.answered(self.host)

    async def refused(self, retry_after_s: float | None, sent: float) -> None:
        """The host said 429 or 503: the whole fleet slows down."""
        self._end_spell(sent)
        seen = self._reached(time.monotonic())
        wait_s = _FIRST_HOLD_S if retry_after_s is None else retry_after_s
        slowed = await self._pace.slow(self.host, wait_s, self._ask.interval_s, seen)
        self._interval_s = max(self._interval_s, slowed.interval_s)
        self._hold_until = max(self._hold_until, time.monotonic() + slowed.hold_s)
        self._turns.clear()

    def _end_spell(self, sent: float) -> None:
        """Once the spell is long enough, keep its rate; the next begins when what ends this one was sent."""
        now = time.monotonic()
        if now - self._since > _SPELL_S:
            self._fastest = self._reached(now)
            self._since = self._last_answer = sent
            self._answers = 0

    def _reached(self, now: float) -> float:
        """Return the requests per second that the host was asked in the fastest spell so far.

        By what it answered, and by what is on the wire: a batch that has just begun has few answers yet.
        """
        answered = self._answers / max(_SHORTEST_S, self._last_answer - self._since)
        on_the_wire = (self.in_flight + 1) / max(_SHORTEST_S, now - self._since)
        return max(self._fastest, answered, on_the_wire)

    async def failed(self) -> None:
        """The host gave no answer; enough of these in a row over the fleet, and it counts as down."""
        self.failing = True
        open_s = await self._pace.fault(self.host)
        if open_s:
            self._down(open_s)

    def _down(self, open_s: float) -> None:
        self._close(PageError("connect", f"not asked: the host is down, it is left alone for {open_s:.0f} s"))

    def _close(self, why: PageError) -> None:
        if self.closed is None:
            self.closed = why
            self._closing.set()

    async def pause(self, seconds: float) -> None:
        """Wait, but not longer than the host is open to this batch."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def _reserve(self) -> None:
        now = time.monotonic()
        count = max(1, len(self.queue) + self.in_flight)
        turns = await self._pace.reserve(self.host, count, self._ask.interval_s, max(0.0, self._ends - now))
        self._interval_s = turns.interval_s
        if not turns.count:
            self.give_up(f"the host's rate has no turn for it in the next {self._ends - now:.0f} s")
        elif turns.interval_s:
            # Counted from after the call: a turn may come a little late, never early.
            first = time.monotonic() + turns.wait_s
            self._turns.extend(first + turn * turns.interval_s for turn in range(turns.count))
        elif turns.wait_s:
            self._hold_until = max(self._hold_until, now + turns.wait_s)
