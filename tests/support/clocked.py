"""A shop that notes when it is asked."""

import asyncio
import bisect
import time

from tests.support.site_hostile import PRODUCT, Request, send


class Clocked:
    """Answers every page and notes when it was asked, and how many were under way at once."""

    def __init__(self, latency_s: float = 0.0) -> None:
        self.times: list[float] = []
        self.most = 0
        self._now = 0
        self._latency_s = latency_s

    async def __call__(self, writer: asyncio.StreamWriter, _request: Request) -> bool:
        self.times.append(time.monotonic())
        self._now += 1
        self.most = max(self.most, self._now)
        await asyncio.sleep(self._latency_s)
        self._now -= 1
        return send(writer, PRODUCT)

    def most_within(self, span_s: float) -> int:
        """Return the largest number of requests within any span."""
        return max(
            bisect.bisect_right(self.times, at + span_s) - place for place, at in enumerate(self.times)
        )
