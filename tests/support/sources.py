"""Sources of URLs out of memory, and files of every kind to put there."""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from openpyxl import Workbook
from pydantic import TypeAdapter

from jobs.url_sources import UrlSource
from reports.row import ProductUrl
from scraping.sources.collect import Places, collect
from scraping.sources.distinct import Distinct
from scraping.sources.errors import Unreachable
from scraping.sources.reader import decoded

BASE = Path("/jobs")
SITE = "https://shop.example"
SOURCE: TypeAdapter[UrlSource] = TypeAdapter(UrlSource)


class Memory:
    """A reader of files that are in memory; what is not there is unreachable."""

    def __init__(self, files: dict[str, bytes], cap: int = 10_000_000) -> None:
        self._files = files
        self._cap = cap
        self.opened: list[str] = []

    @contextmanager
    def open(self, address: str) -> Iterator[BinaryIO]:
        self.opened.append(address)
        if address not in self._files:
            message = "the server answered 503"
            raise Unreachable(message)
        yield decoded(cast("BinaryIO", io.BytesIO(self._files[address])), self._cap)


def no_sheet(spreadsheet: str, cells: str) -> Iterable[Sequence[str]]:
    raise AssertionError((spreadsheet, cells))


def gather(sources: list[dict[str, object]], files: dict[str, bytes] | None = None) -> list[ProductUrl]:
    reader = Memory(files or {})
    parsed = [SOURCE.validate_python(source) for source in sources]
    return list(collect(parsed, read=reader, read_sheet=no_sheet, places=Places(BASE), seen=Distinct()))


def urls(source: dict[str, object], content: bytes) -> list[str]:
    (address,) = [value for key, value in source.items() if key in {"file", "sitemap", "feed"}]
    assert isinstance(address, str)
    place = address if "://" in address else str(BASE / address)
    return [found.url for found in gather([source], {place: content})]


def xlsx(*tabs: tuple[str, list[list[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in tabs:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def sitemap(*locs: str) -> bytes:
    body = "".join(f"<url><loc>{loc}</loc><lastmod>2026-01-01</lastmod></url>" for loc in locs)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>'.encode()


def index(*locs: str) -> bytes:
    body = "".join(f"<sitemap><loc> {loc} </loc></sitemap>" for loc in locs)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</sitemapindex>'.encode()
