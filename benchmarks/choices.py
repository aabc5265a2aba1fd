"""What each library earns: decoders, JSON, event loop, TLS connections kept; microseconds of CPU a page.

python -m benchmarks.choices
"""

import asyncio
import gc
import gzip
import json
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import brotli
import msgspec
import orjson
import uvloop
from isal import isal_zlib

from benchmarks.fetch import PAGES, SEED, PageServer
from benchmarks.fetch_pages import generate
from benchmarks.simulated_worker import simulated_scrape
from reports.row import ProductUrl, Row
from scraping.fetcher import Fetcher, FetcherSettings
from scraping.http.addresses import parse_allowed
from scraping.http.decoding import decode
from scraping.limits import Limits
from scraping.pacing.pace import Pace
from tests.support.certificate import write_certificate

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROUNDS: Final = 5
_CAP: Final = 20_000_000
_VISITS: Final = 2_000
_CONNECTIONS: Final = 50


def print_choices() -> None:
    """Print all of it."""
    print(f"\nWhat each choice earns: CPU of one page, microseconds; medians of {ROUNDS}")
    bodies = [page.html for page in generate(200, SEED)]
    for name, values in (_decoders(bodies) | _json(bodies) | _rows() | _loops() | _tls()).items():
        print(f"  {name:58}{statistics.median(values):8.1f}", flush=True)


def _decoders(bodies: Sequence[bytes]) -> dict[str, list[float]]:
    gzipped, deflated = [gzip.compress(body, 6) for body in bodies], [zlib.compress(body) for body in bodies]
    small = {"br": [brotli.compress(body, quality=5) for body in bodies],
             "zstd": [zstd.compress(body, 6) for body in bodies]}  # fmt: skip
    found = {
        f"gunzip by zlib ({_kb(gzipped)} on the wire)": _each(
            lambda data: zlib.decompress(data, 31), gzipped
        ),
        "gunzip by isal": _each(lambda data: isal_zlib.decompress(data, 31), gzipped),
        "gunzip, ours: isal, capped": _each(lambda data: decode(data, "gzip", _CAP), gzipped),
        "deflate, ours": _each(lambda data: decode(data, "deflate", _CAP), deflated),
    }
    for name, packed in small.items():
        work = partial(decode, encoding=name, cap=_CAP)
        found[f"{name}, ours ({_kb(packed)} on the wire)"] = _each(work, packed)
    return found


def _kb(packed: Sequence[bytes]) -> str:
    return f"{statistics.median(len(data) for data in packed) / 1000:.1f} KB"


def _json(bodies: Sequence[bytes]) -> dict[str, list[float]]:
    """A page's JSON-LD block, as found in the page."""
    mark, end = b'application/ld+json">', b"</script>"
    blocks = [body.split(mark)[-1].split(end)[0] for body in bodies if mark in body]
    return {
        "JSON-LD by json": _each(json.loads, blocks),
        "JSON-LD by msgspec": _each(msgspec.json.decode, blocks),
        "JSON-LD by orjson": _each(orjson.loads, blocks),
    }


def _rows() -> dict[str, list[float]]:
    """Rows as they are stored: made once by the worker, read by every later step."""
    urls = [ProductUrl(position, f"https://shop.example/p/{position}") for position in range(250)]
    batches = [asyncio.run(simulated_scrape(urls))]
    packed = [msgspec.json.encode(batch) for batch in batches]
    plain = [[msgspec.to_builtins(row) for row in batch] for batch in batches]
    decoder = msgspec.json.Decoder(list[Row])
    found = {
        "a row to JSON by json, from dicts": _each(lambda rows: json.dumps(rows).encode(), plain),
        "a row to JSON by orjson, from dicts": _each(orjson.dumps, plain),
        "a row to JSON by msgspec, from rows": _each(msgspec.json.encode, batches),
        "a row from JSON by json, to dicts": _each(json.loads, packed),
        "a row from JSON by orjson, to dicts": _each(orjson.loads, packed),
        "a row from JSON by msgspec, to checked rows": _each(decoder.decode, packed),
    }
    return {name: [value / len(urls) for value in values] for name, values in found.items()}


def _loops() -> dict[str, list[float]]:
    with PageServer() as server:
        url = f"http://127.0.0.1:{server.port}/p/"
        return _interleaved(
            {
                "a visit on asyncio's loop": lambda: asyncio.run(_visits(url, None)),
                "a visit on uvloop": lambda: uvloop.run(_visits(url, None)),
            }
        )


def _tls() -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as folder:
        certificate = write_certificate(Path(folder), "localhost")
        with PageServer(certificate=certificate) as server:
            url = f"https://localhost:{server.port}"
            return _interleaved({
                "a visit by TLS, connection kept": lambda: uvloop.run(_visits(f"{url}/p/", certificate)),
                "a visit by TLS, a new connection": lambda: uvloop.run(_visits(f"{url}/once/", certificate)),
            })  # fmt: skip


async def _visits(url: str, certificate: Path | None) -> float:
    """Return the CPU of one visit, in microseconds."""
    settings = FetcherSettings(
        allow_private=parse_allowed("127.0.0.0/8,::1/128"), ca_file=str(certificate) if certificate else None
    )
    fetcher, limits = Fetcher(settings, Pace(None)), Limits()

    async def some(count: int) -> None:
        numbers = iter(range(count))

        async def work() -> None:
            for number in numbers:
                await fetcher.visit(f"{url}{number % PAGES}", limits)

        await asyncio.gather(*(work() for _ in range(_CONNECTIONS)))

    await some(_CONNECTIONS)
    gc.collect()
    began = time.process_time()
    await some(_VISITS)
    used = time.process_time() - began
    await fetcher.close()
    return used / _VISITS * 1e6


def _interleaved(stages: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(ROUNDS):
        for name, stage in stages.items():
            found[name].append(stage())
    return found


def _each(work: Callable[[Any], object], items: Sequence[Any]) -> list[float]:
    """Return the CPU of `work` on one item in microseconds, once a round of at least a hundred."""
    times = max(1, 100 // len(items))

    def stage() -> float:
        began = time.process_time()
        for _ in range(times):
            for item in items:
                work(item)
        return (time.process_time() - began) / (len(items) * times) * 1e6

    return [stage() for _ in range(ROUNDS)]


if __name__ == "__main__":
    print_choices()
