"""URLs scraped in this process, in as little time as a test may take."""

from jobs.definition import Report
from reports.row import ProductUrl, Row
from scraping.batch import scrape
from scraping.fetcher import Fetcher

QUICK = {"timeout": "5s", "read_timeout": "1s", "connect_timeout": "1s", "retries": 0, "robots": "ignore"}
"""How such a test fetches."""


async def rows_of(fetcher: Fetcher, urls: list[str], wanted: Report, deadline_s: float = 30) -> list[Row]:
    """Scrape URLs in order."""
    items = [ProductUrl(position, url) for position, url in enumerate(urls)]
    return await scrape(items, fetcher, wanted, deadline_s=deadline_s)
