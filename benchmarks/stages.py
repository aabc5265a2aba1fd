"""Where a page's CPU goes, stage by stage, in one process: `python -m benchmarks.stages`."""

import asyncio
import gc
import resource
import statistics
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import aiohttp
import uvloop

from benchmarks.fetch import PAGES, SEED, PageServer
from benchmarks.fetch_pages import generate
from benchmarks.fetch_report import MARKUP_COLUMNS, bench_report
from scraping.bounded.parsing import wanted_fields
from scraping.extraction import extract
from scraping.fetcher import Fetcher, FetcherSettings
from scraping.http.addresses import parse_allowed
from scraping.http.decoding import decode
from scraping.limits import Limits
from scraping.pacing.pace import Pace
from scraping.page import Page

CONNECTIONS: Final = 100
READ: Final = 4_000
ROUNDS: Final = 5


def print_stages() -> None:
    """Print the median CPU of each stage, in microseconds a page."""
    with PageServer() as server:
        found = uvloop.run(_wire(server.port))
    found |= _reading()
    print(f"\nCPU of one page, stage by stage, microseconds; medians of {ROUNDS}, one process")
    for name, values in found.items():
        print(f"  {name:58}{statistics.median(values):8.0f}")


async def _wire(port: int) -> dict[str, list[float]]:
    fetcher = Fetcher(FetcherSettings(allow_private=parse_allowed("127.0.0.0/8")), Pace(None))
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )
    limits = Limits()

    async def plain(url: str) -> None:
        async with session.get(url) as response:
            await response.read()

    async def visit(url: str) -> None:
        await fetcher.visit(url, limits)

    stages = {
        "aiohttp's session: request, answer, no gunzip": plain,
        "our visit: request, answer, guard, gunzip": visit,
    }
    found: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(ROUNDS):
        for name, stage in stages.items():
            found[name].append(await _drive(port, stage))
    await session.close()
    await fetcher.close()
    return found


async def _drive(port: int, stage: Callable[[str], Awaitable[None]]) -> float:
    numbers = iter(range(READ))

    async def work() -> None:
        for number in numbers:
            await stage(f"http://127.0.0.1:{port}/p/{number % PAGES}")

    gc.collect()
    began = _cpu_s()
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    return (_cpu_s() - began) / READ * 1e6


def _reading() -> dict[str, list[float]]:
    """Time the reading of pages by what they need: markup, a look at the bytes, a part, the whole visible page."""
    generated = generate(300, SEED)
    default, markup = (wanted_fields(bench_report(1, columns)) for columns in (None, MARKUP_COLUMNS))
    bodies = [page.html for page in generated]
    jsonld = [body for body in bodies if b"ld+json" in body]
    struck = [body for body in jsonld if b"<del" in body]
    cases: dict[str, tuple[list[bytes], frozenset[str] | None]] = {
        "markup columns, pages with JSON-LD": (jsonld, markup),
        "default columns, JSON-LD, no list price": ([body for body in jsonld if body not in struck], default),
        "default columns, JSON-LD, a list price struck through": (struck, default),
        "default columns, microdata": ([body for body in bodies if b"itemscope" in body], default),
        "default columns, OpenGraph": ([body for body in bodies if b"og:type" in body], default),
        "default columns, all pages": (bodies, default),
        "default columns, no markup at all": (
            [body.replace(b"application/ld+json", b"text/plain") for body in jsonld],
            default,
        ),
        "every field, all pages": (bodies, None),
    }
    found: dict[str, list[float]] = {f"extract, {name}": [] for name in cases}
    found["gunzip alone (isal)"] = []
    for _ in range(ROUNDS):
        for name, (pages, wanted) in cases.items():
            found[f"extract, {name}"].append(_read(pages, wanted))
        found["gunzip alone (isal)"].append(
            _timed(lambda: deque((decode(page.gzipped, "gzip", 20_000_000) for page in generated), maxlen=0))
            / len(generated)
        )
    return found


def _read(bodies: list[bytes], wanted: frozenset[str] | None) -> float:
    now = datetime.now(UTC)
    pages = [
        Page(url=url, final_url=url, status=200, body=body, content_type="text/html; charset=utf-8", fetched_at=now)
        for number, body in enumerate(bodies)
        for url in [f"https://shop.example/p/{number}"]
    ]  # fmt: skip
    return _timed(lambda: [extract(page, wanted=wanted) for page in pages]) / len(pages)


def _timed(stage: Callable[[], object]) -> float:
    began = time.process_time()
    stage()
    return (time.process_time() - began) * 1e6


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    print_stages()
