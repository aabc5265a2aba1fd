"""The rules of pace for one host, pure: the clock comes in. Times in seconds, rates in requests per second.

The fleet keeps the same rules in Redis (scraping/lua); this form serves a process without Redis, and the tests
hold the two against each other.
"""

import math
from dataclasses import dataclass, field
from typing import Final

STEP_S: Final = 5.0
"""A tenth of the refused rate comes back every step: additive increase."""
REGAIN: Final = 0.1
FREE_AT: Final = 2.0
"""At this multiple of the refused rate a host is free again."""
SLOWEST: Final = 1 / 30
ONE_REFUSAL_S: Final = 1.0
"""Refusals within this time are one."""
PROBE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class HostAsk:
    """What a batch asks of one host."""

    host: str
    want: int
    """Connections it can use."""
    per_host: int
    """Connections of the whole fleet at the most."""
    interval_s: float = 0.0
    """Least time between two requests of the fleet; 0 for none."""
    in_flight: int = 0


@dataclass(frozen=True, slots=True)
class HostShare:
    """What a batch may do at one host."""

    connections: int
    interval_s: float
    """Time between turns; 0: no turns, only connections."""
    hold_s: float
    """Ask nothing for so long."""
    open_s: float
    """The host is down: leave it alone for so long."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Turns that were reserved: the first after `wait_s`, the next `interval_s` apart. Count 0: none in time."""

    wait_s: float
    count: int
    interval_s: float


@dataclass(slots=True)
class HostState:
    """What is known of one host."""

    free_at: float = 0.0
    """When the next turn may be."""
    hold_until: float = 0.0
    rate: float | None = None
    """Requests per second after the last refusal; None: never refused."""
    ceiling: float = 0.0
    """Requests per second that were refused."""
    cut_at: float = 0.0
    fails: int = 0
    trips: int = 0
    open_until: float = 0.0
    leases: dict[str, tuple[float, int, int]] = field(default_factory=dict)
    """Per batch: when it ends, connections granted, connections wanted."""

    def learned_rate(self, now: float) -> float | None:
        """Return the rate the host is held to after a refusal; None when it has recovered."""
        if self.rate is None:
            return None
        steps = math.floor(max(0.0, now - max(self.cut_at, self.hold_until)) / STEP_S)
        current = self.rate + self.ceiling * REGAIN * steps
        return None if current >= FREE_AT * self.ceiling else current

    def interval(self, asked_s: float, now: float) -> float:
        """Return the time between turns: what was asked, or longer after a refusal."""
        rate = self.learned_rate(now)
        return asked_s if rate is None else max(asked_s, 1 / rate)

    def enter(self, token: str, ask: HostAsk, lease_s: float, now: float) -> HostShare:
        """Give a batch its share of the connections, or renew it: what others left, the fair part if they lack."""
        self.leases = {key: lease for key, lease in self.leases.items() if lease[0] > now and key != token}
        others = list(self.leases.values())
        fair = max(1, ask.per_host // (len(others) + 1))
        share = max(0, min(ask.want, ask.per_host - sum(granted for _, granted, _ in others)))
        if any(granted < min(wanted, fair) for _, granted, wanted in others):
            share = min(share, fair)
        open_s = max(0.0, self.open_until - now)
        if self.open_until and not open_s:
            # Half open: this batch may probe with one connection, the others wait for what it finds.
            share = min(share, 1)
            self.open_until = now + PROBE_S
        # What is on the wire cannot be taken back at once.
        self.leases[token] = (now + lease_s, max(share, ask.in_flight), ask.want)
        return HostShare(share, self.interval(ask.interval_s, now), max(0.0, self.hold_until - now), open_s)

    def reserve(self, count: int, interval_s: float, window_s: float, horizon_s: float, now: float) -> Turns:
        """Reserve up to `count` turns within `window_s`, none that begins later than `horizon_s` from now."""
        interval = self.interval(interval_s, now)
        start = max(now, self.free_at, self.hold_until)
        if start - now > horizon_s:
            return Turns(start - now, 0, interval)
        if interval == 0:
            return Turns(start - now, count, 0.0)
        count = min(count, max(1, math.floor(window_s / interval)))
        self.free_at = start + count * interval
        return Turns(start - now, count, interval)

    def slow(self, asked_s: float, interval_s: float, seen: float, now: float) -> HostShare:
        """Halve the rate after a refusal and hold the host for `asked_s`: multiplicative decrease."""
        current = self.learned_rate(now)
        if current is None or now - self.cut_at >= ONE_REFUSAL_S:
            if current is None:
                current = seen * max(1, len(self.leases))
                current = min(current, 1 / interval_s) if interval_s else current
            self.rate, self.ceiling, self.cut_at = max(SLOWEST, current / 2), current, now
        self.hold_until = max(self.hold_until, now + asked_s)
        return HostShare(0, self.interval(interval_s, now), self.hold_until - now, 0.0)

    def fault(self, threshold: int, open_s: float, now: float) -> float:
        """Count a failure to answer; return how long the host is left alone, 0 while it is not."""
        self.fails += 1
        if self.fails >= (2 if self.trips else threshold):
            self.open_until = now + open_s * 2.0 ** min(self.trips, 4)
            self.fails = 0
            self.trips += 1
        return max(0.0, self.open_until - now)

    def answered(self) -> None:
        """Forget the failures: the host answers."""
        self.fails, self.trips, self.open_until = 0, 0, 0.0

    def leave(self, token: str) -> None:
        """Give back a batch's connections."""
        self.leases.pop(token, None)
