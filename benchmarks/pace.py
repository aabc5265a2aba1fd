"""Politeness, measured: the rate that one host sees from four processes, and how long a slow host holds a batch.

python -m benchmarks.pace
"""

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.goals import Goal, print_goals
from reports.row import ProductUrl
from runs.embedded import EmbeddedRedis
from scraping.batch import scrape, was_not_asked
from scraping.fetcher import Fetcher, FetcherSettings
from scraping.http.addresses import parse_allowed
from scraping.pacing.pace import Pace
from tasks.steps.batch import TURN_S
from tests.support.clocked import Clocked
from tests.support.shop_worker import fleet, report
from tests.support.site_hostile import Request, hostile_site, send

RATE: Final = 20
SPAN_S: Final = 10.0
PROCESSES: Final = 4
PAGES: Final = 150
"""Of each process: enough for three spans."""
FAST_HOSTS: Final = 10
FAST_PAGES: Final = 10
SLOW_PAGES: Final = 20
CRAWL_DELAY_S: Final = 5


def print_pace() -> list[Goal]:
    """Print both."""
    print(f"\nPoliteness: {RATE} requests/s allowed to one host, asked by {PROCESSES} processes")
    over = asyncio.run(_rate())
    print(f"\nOne host with a Crawl-delay of {CRAWL_DELAY_S} s and {FAST_HOSTS} fast ones in one batch")
    held_s = asyncio.run(_slow_host())
    return [
        Goal(f"{PROCESSES} processes: most requests of any {SPAN_S:.0f} s, of those allowed", over, 1.05,
             at_least=False),
        Goal("a batch that waits for one slow host: slot held for, s", held_s, TURN_S + 5, ".1f", at_least=False),
    ]  # fmt: skip


async def _rate() -> float:
    clocked = Clocked()
    async with hostile_site() as site:
        site.on("/p", clocked)
        with tempfile.TemporaryDirectory(prefix="shelfbeat-bench-") as folder:
            redis = EmbeddedRedis(Path(folder))
            redis.start()
            try:
                await fleet(PROCESSES, redis.url, site.url("/p?{}"), PAGES, 60, rate=RATE, concurrency=16,
                            per_host=64, robots="ignore")  # fmt: skip
            finally:
                redis.stop()
    most, allowed = clocked.most_within(SPAN_S), RATE * SPAN_S
    took_s = clocked.times[-1] - clocked.times[0]
    print(f"  {len(clocked.times)} requests in {took_s:.1f} s; at most {most} in any {SPAN_S:.0f} s, "
          f"{allowed:.0f} are allowed")  # fmt: skip
    return most / allowed


async def _slow_host() -> float:
    """Return for how long the batch held its slot, in seconds."""

    async def crawl_delay(writer: asyncio.StreamWriter, _request: Request) -> bool:
        return send(writer, b"User-agent: *\nCrawl-delay: %d\n" % CRAWL_DELAY_S)

    fetcher = Fetcher(FetcherSettings(allow_private=parse_allowed("127.0.0.0/8")), Pace(None))
    async with contextlib.AsyncExitStack() as stack:
        urls = []
        for number in range(FAST_HOSTS + 1):
            host = f"127.0.0.{number + 2}"
            site = await stack.enter_async_context(hostile_site(host))
            slow = number == FAST_HOSTS
            if slow:
                site.on("/robots.txt", crawl_delay)
            pages = SLOW_PAGES if slow else FAST_PAGES
            urls += [site.url(f"/ok?{page}", host) for page in range(pages)]
        items = [ProductUrl(position, url) for position, url in enumerate(urls)]
        began = time.monotonic()
        fast_s: list[float] = []
        rows = await scrape(items, fetcher, report(), deadline_s=60, patience_s=TURN_S,
                            on_row=lambda _: fast_s.append(time.monotonic() - began))  # fmt: skip
        held_s = time.monotonic() - began
        await fetcher.close()
    left = sum(was_not_asked(row) for row in rows)
    fast = FAST_HOSTS * FAST_PAGES
    print(f"  the {fast} pages of the fast hosts were read after {sorted(fast_s)[fast - 1]:.1f} s, the slot was free "
          f"after {held_s:.1f} s; {left} of {SLOW_PAGES} pages of the slow host were left for later turns")  # fmt: skip
    return held_s


if __name__ == "__main__":
    print_goals(print_pace())
