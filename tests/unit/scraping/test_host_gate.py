"""The rate that a host is taken to have borne when it refuses, against the one it was really asked at."""

import asyncio
import time
from dataclasses import dataclass

from scraping.pacing.host_gate import HostGate
from scraping.pacing.pace import Pace
from scraping.pacing.rules import HostAsk, HostShare


class Noted(Pace):
    """A pace of this process that notes the rate a refusal was told with."""

    def __init__(self) -> None:
        super().__init__(None)
        self.seen = 0.0

    async def slow(self, host: str, wait_s: float, interval_s: float, seen: float) -> HostShare:
        self.seen = seen
        return await super().slow(host, wait_s, interval_s, seen)


@dataclass(frozen=True)
class Asked:
    """How a host was asked before it refused."""

    connections: int
    page_s: float
    rounds: int
    then_quiet_s: float = 0.0

    @property
    def rate(self) -> float:
        return self.connections / self.page_s


CASES = {
    "slow pages": Asked(connections=16, page_s=1.3, rounds=2),
    "one connection": Asked(connections=1, page_s=1.3, rounds=2),
    "quick pages": Asked(connections=8, page_s=0.3, rounds=8),
    "a quiet end": Asked(connections=8, page_s=0.3, rounds=3, then_quiet_s=2),
    "its first page": Asked(connections=16, page_s=0.3, rounds=0),
}


async def told(asked: Asked) -> float:
    """Return the rate that a refusal is told with after a host was asked so."""
    pace = Noted()
    gate = HostGate("shop.example", pace, HostAsk("shop.example", 16, 16), time.monotonic() + 60)
    for _ in range(asked.rounds):
        sent = time.monotonic()
        gate.in_flight = asked.connections
        await asyncio.sleep(asked.page_s)
        for _ in range(asked.connections):
            gate.in_flight -= 1
            gate.answered(sent)
    sent = time.monotonic()
    gate.in_flight = 0 if asked.then_quiet_s else asked.connections - 1
    await asyncio.sleep(asked.page_s + asked.then_quiet_s)
    await gate.refused(1.0, sent)
    return pace.seen


async def test_a_refusal_is_told_with_the_rate_the_host_was_asked_at() -> None:
    rates = await asyncio.gather(*(told(asked) for asked in CASES.values()))
    wrong = {
        name: f"{rate:.1f} for {asked.rate:.1f}"
        for (name, asked), rate in zip(CASES.items(), rates, strict=True)
        if not 0.6 * asked.rate <= rate <= 1.7 * asked.rate
    }
    assert wrong == {}
