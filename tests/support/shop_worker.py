"""One worker process of a fleet: scrapes URLs of a site and prints what became of them.

    python -m tests.support.shop_worker REDIS_URL URL COUNT DEADLINE_S FETCH_JSON

URL holds `{}` for the number of the page. Prints one JSON object: failures, how often each.
"""

import asyncio
import json
import sys
from collections import Counter

import redis.asyncio
import uvloop

from jobs.definition import Fetch, Publish, Report
from jobs.url_sources import ListSource
from reports.row import ProductUrl
from scraping.batch import scrape
from scraping.fetcher import Fetcher, FetcherSettings
from scraping.http.addresses import parse_allowed
from scraping.pacing.pace import Pace


def report(**fetch: object) -> Report:
    """Return a report that fetches as given."""
    return Report(
        job="fleet",
        urls=(ListSource(list=("http://shop.example/",)),),
        publish=Publish(files=("jsonl",)),
        fetch=Fetch.model_validate(fetch),
    )


async def work(redis_url: str, url: str, count: int, deadline_s: float, fetch: dict[str, object]) -> None:
    """Scrape one batch and print its failures."""
    client = redis.asyncio.Redis.from_url(redis_url)
    fetcher = Fetcher(FetcherSettings(allow_private=parse_allowed("127.0.0.0/8")), Pace(client))
    urls = [ProductUrl(number, url.format(number)) for number in range(count)]
    rows = await scrape(urls, fetcher, report(**fetch), deadline_s=deadline_s)
    await fetcher.close()
    await client.aclose()
    print(json.dumps(Counter(str(row.failure) for row in rows)))  # noqa: T201 - its only output


async def fleet(
    size: int, redis_url: str, url: str, count: int, deadline_s: float, **fetch: object
) -> Counter[str]:
    """Run worker processes at once; return how often each failure came, "None" for pages."""
    workers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.shop_worker",
            redis_url, url, str(count), str(deadline_s), json.dumps(fetch),
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(size)
    ]  # fmt: skip
    total: Counter[str] = Counter()
    for worker in workers:
        output, _ = await worker.communicate()
        total.update(json.loads(output))
    return total


if __name__ == "__main__":
    uvloop.run(work(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), json.loads(sys.argv[5])))
