"""One client process of the comparison: reads product pages of the page server and says how long it took.

    python -m benchmarks.fetch_clients NAME PORT FIRST COUNT

Prints "ready" when everything is imported, starts at a line on standard input, prints one JSON object. Every
client reads some pages before its clock starts: what it loads and connects once is not a page's cost.
"""

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

CONNECTIONS: Final = 100
"""Of shelfbeat and of the limit; 64 to 128 are alike."""
THREADS: Final = 32
SCRAPY_CONCURRENCY: Final = 16
"""Where Scrapy is fastest: more does not help it."""
WARM: Final = 100


class Clock:
    """Counts pages; runs from the page that ends the warm-up to the last."""

    def __init__(self, total: int) -> None:
        self.products = 0
        self.seconds = self.cpu_s = self.waited_s = 0.0
        self._total = total
        self._pages = 0

    def page(self, found: bool) -> None:
        """Count one page; `found` tells whether its product was read."""
        self.products += found
        self._pages += 1
        if self._pages in {WARM, self._total}:
            self.seconds = time.perf_counter() - self.seconds
            self.cpu_s = _cpu_s() - self.cpu_s
            self.waited_s = _waited_s() - self.waited_s


def limit(urls: list[str], clock: Clock) -> Callable[[], object]:
    """Fetch and gunzip and nothing else: what any reader on aiohttp's session and isal can reach."""
    import asyncio  # noqa: PLC0415 - each contender loads only what it needs

    import aiohttp  # noqa: PLC0415
    import uvloop  # noqa: PLC0415
    from isal import isal_zlib  # noqa: PLC0415

    async def main() -> None:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        queue = iter(urls)
        async with aiohttp.ClientSession(
            connector=connector, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:

            async def work() -> None:
                for url in queue:
                    async with session.get(url) as response:
                        clock.page(bool(isal_zlib.decompress(await response.read(), wbits=31)))

            await asyncio.gather(*(work() for _ in range(CONNECTIONS)))

    return lambda: uvloop.run(main())


def shelfbeat(
    urls: list[str], clock: Clock, connections: int = CONNECTIONS, columns: tuple[str, ...] | None = None
) -> Callable[[], object]:
    """What a worker child does, batch after batch, without Celery and Redis."""
    import uvloop  # noqa: PLC0415

    from benchmarks.fetch_report import bench_report  # noqa: PLC0415
    from reports.row import ProductUrl, Row  # noqa: PLC0415
    from scraping.batch import scrape  # noqa: PLC0415
    from scraping.fetcher import Fetcher, FetcherSettings  # noqa: PLC0415
    from scraping.http.addresses import parse_allowed  # noqa: PLC0415
    from scraping.pacing.pace import Pace  # noqa: PLC0415

    report = bench_report(connections, columns)
    batch = report.fetch.urls_a_batch
    items = [ProductUrl(position, url) for position, url in enumerate(urls)]

    def on_row(row: Row) -> None:
        clock.page(row.price is not None)

    async def main() -> None:
        fetcher = Fetcher(FetcherSettings(allow_private=parse_allowed("127.0.0.0/8")), Pace(None))
        await scrape(items[:WARM], fetcher, report, deadline_s=60, on_row=on_row)
        for at in range(WARM, len(items), batch):
            await scrape(items[at : at + batch], fetcher, report, deadline_s=60, on_row=on_row)
        await fetcher.close()

    return lambda: uvloop.run(main())


def markup(urls: list[str], clock: Clock, connections: int = CONNECTIONS) -> Callable[[], object]:
    """The same with columns that JSON-LD answers."""
    from benchmarks.fetch_report import MARKUP_COLUMNS  # noqa: PLC0415

    return shelfbeat(urls, clock, connections, MARKUP_COLUMNS)


def scrapy(urls: list[str], clock: Clock) -> Callable[[], object]:
    """A spider as Scrapy's documentation writes it, with everything off that a report does not need."""
    import scrapy as library  # noqa: PLC0415
    from scrapy.crawler import CrawlerProcess  # noqa: PLC0415
    from scrapy.http import Response, TextResponse  # noqa: PLC0415

    from benchmarks.fetch_peers import read_columns  # noqa: PLC0415

    class Spider(library.Spider):
        name = "products"
        start_urls = urls

        def parse(self, response: Response, /, *_: Any, **__: Any) -> None:
            assert isinstance(response, TextResponse)
            clock.page(read_columns(response.selector.root)["price"] is not None)

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

    def run() -> None:
        process = CrawlerProcess(settings)
        process.crawl(Spider)
        process.start()

    return run


def threads(urls: list[str], clock: Clock) -> Callable[[], object]:
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

    def run() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            for found in pool.map(read, urls):
                clock.page(found)

    return run


CLIENTS: Final[dict[str, Callable[..., Callable[[], object]]]] = {
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
    clock = Clock(count)
    run = CLIENTS[name](urls, clock, *([int(connections)] if connections else []))
    gc.collect()
    gc.freeze()  # as a worker child does
    gc.set_threshold(20_000)
    print("ready", flush=True)
    sys.stdin.readline()
    run()
    print(json.dumps({"seconds": clock.seconds, "cpu_s": clock.cpu_s, "waited_s": clock.waited_s, "pages": count - WARM,
                      "products": clock.products}), flush=True)  # fmt: skip


def _waited_s() -> float:
    """How long this process waited for a CPU that others used; 0 where the system does not tell."""
    told = Path("/proc/self/schedstat")
    return int(told.read_text().split()[1]) / 1e9 if told.exists() else 0.0


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


if __name__ == "__main__":
    main()
