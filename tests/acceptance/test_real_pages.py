"""The main job on real input: the saved pages of 26 shops, fetched and read by real worker processes.

The pages lie beside the repository in `../shared/pages` (its README names their sources); they are data to
test with and no part of the project. How well each field is read is `make accuracy`'s subject; here a report
over them must come out whole, and mostly right.
"""

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from tests.acceptance.conftest import json_lines, json_of, shelfbeat

PAGES: Final = Path(__file__).parents[3] / "shared" / "pages"
STOCK: Final = {"InStock": {"in_stock", "limited", "online_only"}, "OutOfStock": {"out_of_stock"}}
ENOUGH: Final = {
    "price": 0.95,
    "currency": 0.9,
    "availability": 0.85,
    "name": 0.75,
    "sku": 0.75,
    "brand": 0.75,
}
"""Least share of the judged pages on which a field must be right. On loopback no domain settles a currency."""

pytestmark = [
    pytest.mark.skipif(not PAGES.is_dir(), reason="../shared/pages is absent"),
    pytest.mark.xdist_group("real-pages"),  # one report serves all of them
]


@dataclass(frozen=True)
class SavedPage:
    """One page as its shop sent it, and what is true of it."""

    id: str
    body: bytes
    """Gzipped."""
    place: str
    """Path and query of its address at the shop."""
    truth: dict[str, Any]


def saved_pages() -> list[SavedPage]:
    lines = (json.loads(line) for line in (PAGES / "truth.jsonl").read_text().splitlines())
    return [_saved_page(line) for line in lines]


def _saved_page(line: dict[str, Any]) -> SavedPage:
    parts = urlsplit(line["url"])
    place = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return SavedPage(line["id"], (PAGES / line["file"]).read_bytes(), place, line["truth"])


@contextmanager
def site_of(pages: list[SavedPage]) -> Iterator[str]:
    """Serve each page under `/<its id>/…` on a loopback port, gzipped as it is stored; yield the address."""
    bodies = {page.id: page.body for page in pages}

    async def answer(request: web.Request) -> web.Response:
        body = bodies.get(request.match_info["id"])
        if body is None:
            raise web.HTTPNotFound
        return web.Response(body=body, headers={"Content-Type": "text/html", "Content-Encoding": "gzip"})

    async def start(runner: web.AppRunner) -> str:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    app = web.Application()
    app.router.add_get("/{id}{place:.*}", answer)
    runner, loop = web.AppRunner(app, access_log=None), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(start(runner), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def folded(text: str) -> str:
    return "".join(text.split()).casefold()


def judged(row: dict[str, Any], truth: dict[str, Any]) -> dict[str, bool]:
    """Return for each field that the truth judges whether the row has it right. `[]` is seen and absent."""
    found: dict[str, bool] = {}
    if "price" in truth:
        accepted = {Decimal(price) for price in truth["price"]}
        found["price"] = Decimal(row["price"]) in accepted if row["price"] else not accepted
    if "currency" in truth and row["currency_source"] != "domain":
        found["currency"] = row["currency"] == truth["currency"]
    if truth.get("availability") and not truth.get("availability_disputed"):
        found["availability"] = row["availability"] in STOCK[truth["availability"]]
    if "name" in truth:
        found["name"] = folded(row["name"] or "") == folded(truth["name"])
    for field in ("sku", "brand"):
        if field in truth:
            accepted_words = {folded(word) for word in truth[field]}
            found[field] = folded(row[field]) in accepted_words if row[field] else not accepted_words
    return found


Report = list[tuple[dict[str, Any], SavedPage]]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The rows of one report over all pages, beside the pages."""
    folder = tmp_path_factory.mktemp("real-pages")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHELFBEAT_")}
    environment = {**kept, "SHELFBEAT_HOME": str(folder), "SHELFBEAT_ALLOW_PRIVATE_HOSTS": "127.0.0.1"}
    pages = saved_pages()
    with site_of(pages) as site:
        (folder / "urls.txt").write_text("".join(f"{site}/{page.id}{page.place}\n" for page in pages))
        arguments = ["--urls", str(folder / "urls.txt"), "--out", str(folder / "out"), "--json"]
        done = shelfbeat("report", *arguments, "--batch-size", "15", env=environment)
    assert done.returncode == 0, done.stderr
    run = json_of(done)
    assert (run["urls"], run["products"], run["failures"]) == (len(pages), len(pages), {})
    return list(zip(json_lines(folder / "out" / "rows.jsonl"), pages, strict=True))


def test_a_report_over_real_shop_pages_has_every_page_in_order(report: Report) -> None:
    assert [row["url"].split("/")[3] for row, _ in report] == [page.id for _, page in report]
    assert {(row["http_status"], row["page_type"], row["failure"]) for row, _ in report} == {
        (200, "product", None)
    }


def test_most_fields_of_real_shop_pages_are_right(report: Report) -> None:
    marks: dict[str, list[bool]] = {}
    for row, page in report:
        for field, right in judged(row, page.truth).items():
            marks.setdefault(field, []).append(right)
    shares = {field: sum(rights) / len(rights) for field, rights in marks.items()}
    assert sorted(shares) == sorted(ENOUGH)
    assert {field: share for field, share in shares.items() if share < ENOUGH[field]} == {}


def test_no_real_page_is_read_as_the_opposite_of_what_it_says(report: Report) -> None:
    """An availability that is not found is `unknown`: nobody stops an advertisement for a guess."""
    for row, page in report:
        if page.truth.get("availability") and not page.truth.get("availability_disputed"):
            assert row["availability"] in STOCK[page.truth["availability"]] | {"unknown"}, page.id
