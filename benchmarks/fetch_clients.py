"""One client process of the comparison: reads product pages of the page server and says how long it took.

    python -m benchmarks.fetch_clients NAME PORT FIRST COUNT

Prints "ready" when everything is imported, starts at a line on standard input, prints one JSON object.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any, Final

CONNECTIONS: Final = 100
"""Of shelfbeat and of the limit; 64 to 128 are alike."""
THREADS: Final = 32
SCRAPY_CONCURRENCY: Final = 16
"""Where Scrapy is fastest: more does not help it."""


def limit(urls: list[str]) -> tuple[Callable[[], int], str]:
    """Fetch and gunzip and nothing else: what any reader on aiohttp's session and isal can reach."""
    import asyncio  # noqa: PLC0415 - each contender loads only what it needs

    import aiohttp  # noqa: PLC0415
    import uvloop  # noqa: PLC0415
    from isal import isal_zlib  # noqa: PLC0415

    async def main() -> int:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        queue, done = iter(urls), 0
        async with aiohttp.ClientSession(
            connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:

            async def work() -> None:
                nonlocal done
                for url in queue:
                    async with session.get(url) as response:
                        done += bool(isal_zlib.decompress(await response.read(), wbits=31))

            await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
        return done

    return lambda: uvloop.run(main()), "fetch + gunzip, aiohttp's session"


def shelfbeat(
    urls: list[str], connections: int = CONNECTIONS, columns: tuple[str, ...] | None = None
) -> tuple[Callable[[], int], str]:
    """What a worker child does, batch after batch, without Celery and Redis."""
    import uvloop  # noqa: PLC0415

    from benchmarks.fetch_report import bench_report  # noqa: PLC0415
    from reports.row import ProductUrl  # noqa: PLC0415
    from scraping.addresses import parse_allowed  # noqa: PLC0415
    from scraping.batch import scrape  # noqa: PLC0415
    from scraping.fetcher import Fetcher, FetcherSettings  # noqa: PLC0415
    from scraping.pace import Pace  # noqa: PLC0415

    report = bench_report(connections, columns)
    batch = report.fetch.urls_a_batch
    items = [ProductUrl(position, url) for position, url in enumerate(urls)]

    async def main() -> int:
        fetcher = Fetcher(FetcherSettings(allow_private=parse_allowed("127.0.0.0/8")), Pace(None))
        products = 0
        for at in range(0, len(items), batch):
            rows = await scrape(items[at : at + batch], fetcher, report, deadline_s=60)
            products += sum(row.price is not None for row in rows)
        await fetcher.close()
        return products

    return lambda: uvloop.run(main()), "shelfbeat"


def markup(urls: list[str], connections: int = CONNECTIONS) -> tuple[Callable[[], int], str]:
    """The same with columns that JSON-LD answers."""
    from benchmarks.fetch_report import MARKUP_COLUMNS  # noqa: PLC0415

    return shelfbeat(urls, connections, MARKUP_COLUMNS)


def scrapy(urls: list[str]) -> tuple[Callable[[], int], str]:
    """A spider as Scrapy's documentation writes it, with everything off that a report does not need."""
    import scrapy as library  # noqa: PLC0415
    from scrapy.crawler import CrawlerProcess  # noqa: PLC0415
    from scrapy.http import Response, TextResponse  # noqa: PLC0415

    from benchmarks.fetch_peers import read_columns  # noqa: PLC0415

    products = 0

    class Spider(library.Spider):
        name = "products"
        start_urls = urls

        def parse(self, response: Response, /, *_: Any, **__: Any) -> None:
            nonlocal products
            assert isinstance(response, TextResponse)
            products += read_columns(response.selector.root)["price"] is not None

    settings = {
        "CONCURRENT_REQUESTS": SCRAPY_CONCURRENCY,
        "CONCURRENT_REQUESTS_PER_DOMAIN": SCRAPY_CONCURRENCY,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": False,
        "COOKIES_ENABLED": False,
        "RETRY_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_ENABLED": False,
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
    }

    def run() -> int:
        process = CrawlerProcess(settings)
        process.crawl(Spider)
        process.start()
        return products

    return run, "Scrapy"


def threads(urls: list[str]) -> tuple[Callable[[], int], str]:
    """Requests in a pool of threads, lxml behind it: the reader that teams write first."""
    import threading  # noqa: PLC0415
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    import lxml.html  # noqa: PLC0415
    import requests  # noqa: PLC0415

    from benchmarks.fetch_peers import read_columns  # noqa: PLC0415

    local = threading.local()

    def read(url: str) -> bool:
        if not hasattr(local, "session"):
            local.session = requests.Session()
            local.parser = lxml.html.HTMLParser(encoding="utf-8")
        body = local.session.get(url, timeout=60).content
        return read_columns(lxml.html.document_fromstring(body, parser=local.parser))["price"] is not None

    def run() -> int:
        with ThreadPoolExecutor(THREADS) as pool:
            return sum(pool.map(read, urls))

    return run, "requests + threads"


CLIENTS: Final[dict[str, Callable[..., tuple[Callable[[], int], str]]]] = {
    "limit": limit,
    "shelfbeat": shelfbeat,
    "markup": markup,
    "scrapy": scrapy,
    "threads": threads,
}


def main() -> None:
    """Run one client over its part of the pages."""
    name, port, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    urls = [f"http://127.0.0.1:{port}/p/{number}" for number in range(first, first + count)]
    name, _, connections = name.partition(":")  # "shelfbeat:64" sets the connections of a batch
    run, _ = CLIENTS[name](urls, int(connections)) if connections else CLIENTS[name](urls)
    print("ready", flush=True)
    sys.stdin.readline()
    began, cpu = time.perf_counter(), _cpu_s()
    products = run()
    took = time.perf_counter() - began
    print(json.dumps({"seconds": took, "cpu_s": _cpu_s() - cpu, "products": products}), flush=True)


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


if __name__ == "__main__":
    main()
