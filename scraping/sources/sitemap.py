"""Sitemaps: `<urlset>`, `<sitemapindex>` to any number of files, and the plain-text form.

Source: sitemaps.org protocol 0.9. An index inside an index is not allowed there, and common.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import BinaryIO, Final
from urllib.parse import urljoin

from jobs.url_sources import SitemapSource
from scraping.sources.errors import UnusableContent, shown_address
from scraping.sources.reader import Reader, is_http
from scraping.sources.tables import text_lines
from scraping.sources.xml import elements, local_name, looks_like_xml, root_name, text_of

MAX_DEPTH: Final = 5
MAX_FILES: Final = 50_000
_LOC_PARENTS: Final = frozenset({"url", "sitemap"})


def sitemap_urls(source: SitemapSource, address: str, reader: Reader) -> Iterator[str]:
    """Yield the `<loc>`s that pass the source's filters, files in the order of their index."""
    passes = _filter(source)
    seen = passed = 0
    for url in _Walk(reader).urls(address, depth=0):
        seen += 1
        if passes(url):
            passed += 1
            yield url
    if seen and not passed:
        message = f"none of its {seen:,} addresses passes include and exclude"
        raise UnusableContent(message)


def _filter(source: SitemapSource) -> Callable[[str], bool]:
    include = [re.compile(pattern) for pattern in source.include]
    exclude = [re.compile(pattern) for pattern in source.exclude]

    def passes(url: str) -> bool:
        wanted = not include or any(pattern.search(url) for pattern in include)
        return wanted and not any(pattern.search(url) for pattern in exclude)

    return passes


class _Walk:
    """Goes through an index and what it names, each file once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._visited: set[str] = set()

    def urls(self, address: str, depth: int) -> Iterator[str]:
        """Yield the addresses of pages in one file and in those it names."""
        if address in self._visited:
            return
        if len(self._visited) >= MAX_FILES:
            message = f"more than {MAX_FILES:,} files"
            raise UnusableContent(message)
        self._visited.add(address)
        children: list[str] = []
        with self._open(address) as stream:
            if not looks_like_xml(stream):
                yield from text_lines(stream)
                return
            yield from _pages(stream, children)
        if children and depth >= MAX_DEPTH:
            message = f"indexes inside indexes, deeper than {MAX_DEPTH}"
            raise UnusableContent(message)
        for child in children:
            yield from self.urls(_resolve(address, child), depth + 1)

    def _open(self, address: str) -> AbstractContextManager[BinaryIO]:
        return self._reader.open(address)


def _pages(stream: BinaryIO, children: list[str]) -> Iterator[str]:
    """Yield the pages of one file; the files that it names go into `children`."""
    kind = root_name(stream)
    if kind not in {"urlset", "sitemapindex"}:
        message = f"no sitemap: its root is <{kind}>, not <urlset> or <sitemapindex>"
        raise UnusableContent(message)
    for element in elements(stream, _LOC_PARENTS):
        loc = next((text_of(child) for child in element if local_name(child) == "loc"), "")
        if not loc:
            continue
        if local_name(element) == "url":
            yield loc
        elif len(children) < MAX_FILES:
            children.append(loc)
        else:
            message = f"an index of more than {MAX_FILES:,} files"
            raise UnusableContent(message)


def _resolve(parent: str, child: str) -> str:
    """Return where a file of an index is. What came over the network never names a local file."""
    if is_http(child):
        return child
    if is_http(parent):
        joined = urljoin(parent, child)
        if not is_http(joined):
            message = f"its index names {shown_address(child)!r}, which is no http(s) address"
            raise UnusableContent(message)
        return joined
    return parent.rpartition("/")[0] + "/" + child if "/" in parent else child
