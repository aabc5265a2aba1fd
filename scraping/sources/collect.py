"""Collecting the URLs of a report: every source in turn, each URL once, in the order they are first seen.

    source ── open ──> bytes ── rows / elements ──> (url, what the feed claims) ── new? ──> ProductUrl

Streamed from end to end: what stays in memory is a digest of each URL.
"""

import csv
import functools
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from gzip import BadGzipFile
from pathlib import Path
from typing import Final, assert_never

from lxml import etree

from jobs.addresses import without_login
from jobs.secrets import is_reference, resolve
from jobs.url_sources import FeedSource, FileSource, ListSource, SheetSource, SitemapSource, UrlSource
from reports.errors import Unavailable
from reports.row import FeedClaim, ProductUrl
from scraping.sources.distinct import Distinct
from scraping.sources.errors import Unreachable, UnusableContent, UnusableSource, shown_address
from scraping.sources.feed import feed_products
from scraping.sources.reader import Reader, is_http
from scraping.sources.sitemap import sitemap_urls
from scraping.sources.tables import column, csv_rows, text_lines
from scraping.sources.xlsx import is_old_excel, is_xlsx, xlsx_rows
from scraping.sources.xml import looks_like_xml

ReadSheet = Callable[[str, str], Iterable[Sequence[str]]]
"""Spreadsheet id and A1 range to its rows of shown text."""

Resolve = Callable[[str], str]
"""A secret reference to the address that it stands for."""
NO_SECRETS: Final[Resolve] = functools.partial(resolve, providers=())

Found = tuple[str, FeedClaim | None]

_TABLE_SUFFIXES: Final = (".csv", ".tsv", ".tab", ".csv.gz", ".tsv.gz")


@dataclass(frozen=True)
class Places:
    """Where the addresses of definitions lead."""

    base: Path
    """Local paths are relative to it."""
    resolve: Resolve = NO_SECRETS

    def locate(self, address: str) -> str:
        """Return the http(s) address or path that is opened; a secret is looked up now and not before."""
        if is_reference(address):
            secret = self.resolve(address)
            if not is_http(secret):
                raise UnusableContent("the secret is no http(s) address")
            return secret
        return address if is_http(address) else str(self.base / address)


def collect(
    sources: Iterable[UrlSource], *, read: Reader, read_sheet: ReadSheet, places: Places, seen: Distinct
) -> Iterator[ProductUrl]:
    """Yield each URL that is new to `seen`, positions from 0; also what is no http(s) URL: it becomes a row.

    A login in a URL is left out: rows are kept and shown. Raises
    UnusableSource for a source that a person must mend (one that holds no URL among them), Unavailable for one
    that may answer later, MissingSecret; what was yielded until then stands.
    """
    for index, source in enumerate(sources):
        key, name = f"urls.{index}", describe(source)
        any_url = False
        with _explained(key, name):
            for found, claim in _found(source, read, read_sheet, places):
                any_url = True
                url = without_login(found)
                if seen.add(url):
                    yield ProductUrl(len(seen) - 1, url, claim)
            if not any_url:
                raise UnusableContent("it holds no URL")


def describe(source: UrlSource) -> str:
    """Return a source as people know it: its kind and where it is."""
    match source:
        case ListSource():
            return "list"
        case FileSource():
            return f"file {shown_address(source.file)}"
        case SitemapSource():
            return f"sitemap {shown_address(source.sitemap)}"
        case FeedSource():
            return f"feed {shown_address(source.feed)}"
        case SheetSource():
            return f"sheet {source.sheet} {source.range}"
    assert_never(source)


def _found(source: UrlSource, read: Reader, read_sheet: ReadSheet, places: Places) -> Iterator[Found]:
    """Yield every URL of one source, repeated ones too."""
    match source:
        case ListSource():
            yield from _plain(source.list)
        case FileSource():
            yield from _plain(_file_urls(source, places.locate(source.file), read))
        case SitemapSource():
            yield from _plain(sitemap_urls(source, places.locate(source.sitemap), read))
        case FeedSource():
            with read.open(places.locate(source.feed)) as stream:
                yield from feed_products(stream)
        case SheetSource():
            rows = read_sheet(source.sheet, source.range)
            yield from _plain(next((cell for cell in row if cell.strip()), "") for row in rows)


def _plain(urls: Iterable[str]) -> Iterator[Found]:
    return ((url.strip(), None) for url in urls if url.strip())


def _file_urls(source: FileSource, address: str, read: Reader) -> Iterator[str]:
    with read.open(address) as stream:
        if is_xlsx(stream):
            yield from column(xlsx_rows(stream, source.sheet), source.column)
        elif is_old_excel(stream):
            raise UnusableContent("an .xls or password-protected file; save it as .xlsx without a password")
        elif source.column is not None or _looks_like_table(address):
            yield from column(csv_rows(stream), source.column)
        elif looks_like_xml(stream):
            raise UnusableContent("a page of HTML or XML, not a list of URLs")
        else:
            yield from text_lines(stream)


def _looks_like_table(address: str) -> bool:
    return address.partition("?")[0].lower().endswith(_TABLE_SUFFIXES)


@contextmanager
def _explained(key: str, name: str) -> Iterator[None]:
    """Say of every fault which source it is in, and whether asking again may help."""
    try:
        yield
    except Unreachable as error:
        raise Unavailable(name, str(error)) from error
    except UnusableContent as error:
        raise UnusableSource(key, name, str(error)) from error
    except EOFError as error:
        # An upload or download that was cut short: it may be whole the next time.
        raise Unavailable(name, "the compressed file ends early") from error
    except (BadGzipFile, zlib.error, zipfile.BadZipFile) as error:
        raise UnusableSource(key, name, f"the file is damaged or not of its kind ({error})") from error
    except etree.XMLSyntaxError as error:
        raise UnusableSource(key, name, f"no well-formed XML ({error.msg})") from error
    except csv.Error as error:
        raise UnusableSource(key, name, f"no readable table ({error})") from error
