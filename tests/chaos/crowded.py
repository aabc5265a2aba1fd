"""`celery -A tests.chaos.crowded worker`: ours, whose pages are simulated; a page takes PAGE_S, CONNECTIONS at once.

When the first page of a job was asked for is noted in Redis.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import tasks.steps.batch
from benchmarks.simulated_worker import simulated_scrape
from jobs.definition import Report
from reports.row import ProductUrl, Row
from scraping.batch import GiveWay
from scraping.pacing.host_gate import NOT_ASKED
from tasks.context import context
from tests.chaos.app import app

__all__ = ["app"]

PAGE_S: Final = 0.3
CONNECTIONS: Final = 32


async def scrape(
    urls: Sequence[ProductUrl], _fetcher: Any, report: Report, *, give_way: GiveWay, **_: Any
) -> list[Row]:
    """Return the rows of products after the time that their pages would take; of those not asked, rows that say so."""
    redis = context().redis
    redis.set(f"fetching:{report.job}", redis.time()[0] * 1_000 + redis.time()[1] // 1_000, nx=True, ex=3_600)
    asked = 0
    while asked < len(urls) and not await give_way():
        await asyncio.sleep(PAGE_S)
        asked += CONNECTIONS
    rest = [Row(position=item.position, url=item.url, failure=NOT_ASKED) for item in urls[asked:]]
    return await simulated_scrape(urls[:asked]) + rest


vars(tasks.steps.batch)["scrape"] = scrape
