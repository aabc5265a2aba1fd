"""A page opened for reading, lazily: bytes first, text and tree only when a source asks.

One Document belongs to one call of `extract` in one thread, and so does its parser: a parser shared between
threads makes a small page wait behind a big one.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

import lxml.html
from lxml.etree import ErrorTypes
from selectolax.lexbor import LexborHTMLParser
from w3lib.encoding import (
    html_body_declared_encoding,
    html_to_unicode,
    http_content_type_encoding,
    resolve_encoding,
)
from w3lib.html import get_base_url

from scraping.extraction.document.bounds import Budget, bounded, lean
from scraping.extraction.document.embedded import Worth, read_states
from scraping.extraction.document.heading import heading_text
from scraping.extraction.document.lazy import lazy
from scraping.extraction.document.lenient_json import Json
from scraping.extraction.document.metas import read_metas
from scraping.extraction.document.outline import Outline
from scraping.extraction.document.parts import items_part
from scraping.extraction.document.product_heading import find_heading
from scraping.extraction.document.prose import Prose
from scraping.extraction.document.scan import find, places
from scraping.extraction.document.spans import clean
from scraping.extraction.language.words import fold
from scraping.page import Page

MAX_TREE_BYTES: Final = 6_000_000
"""Bytes of a page that are parsed into a tree; real pages stay below, 10 MB must not cost a second."""
MAX_XPATH_CHARACTERS: Final = 3_000_000
"""lxml takes 35 bytes of memory for each byte of a page."""
_HEAD_BYTES: Final = 30_000
MAX_HEADING_BYTES: Final = 3_000
MAX_HEADINGS: Final = 5
_LANGUAGE: Final = re.compile(
    rb"<html\b[^>]*?\blang\s*=\s*[\"']?([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)", re.IGNORECASE
)
_HEAD_LIMIT: Final = 600_000
_BETWEEN: Final = 300
"""Bytes between a head's end and its page's body, at the most."""
_LONGEST_LINK: Final = 400
"""Bytes of a tag in front of the word that makes it the canonical link."""
_CANONICAL: Final = re.compile(
    rb"<link\b[^<>]{0,400}?\brel\s*=\s*[\"']?canonical\b[^<>]{0,2000}>", re.IGNORECASE
)
_OG_URL: Final = re.compile(rb"<meta\b[^<>]{0,400}?[\"']og:url[\"'][^<>]{0,2000}>", re.IGNORECASE)
_PLAIN_ADDRESS: Final = re.compile(r"https?://[\w.:-]+/[\w./~%+,=&@!-]*(?:\?[\w./~%+,=&@!-]+)?\Z", re.ASCII)
"""An absolute address that joining leaves as it is."""
_HREF: Final = re.compile(rb"\b(href|content)\s*=\s*(?:[\"']([^\"'<>]*)[\"']|([^\s<>\"']+))", re.IGNORECASE)


@lru_cache(maxsize=256)
def _sent_encoding(content_type: str) -> str | None:
    declared = http_content_type_encoding(content_type)
    return _codec(declared) if declared else None


def _codec(declared: str) -> str:
    return str(resolve_encoding(declared) or "utf-8")


class Document:
    """The answer to one URL, as bytes, text and tree."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.url = page.final_url or page.url
        self.body = page.body
        self.budget = Budget()
        self.names: list[str] = []
        """What sources called the product so far."""
        self.cut = False
        """Whether a parser was given, or kept, less than the whole page."""

    @lazy
    def encoding(self) -> str:
        """Name of the codec: header, then BOM or meta, then UTF-8 where it decodes, then Windows-1252."""
        sent = _sent_encoding(self.page.content_type)
        if sent is not None:
            return sent
        declared = html_body_declared_encoding(self.body[:4096])
        if declared:
            return _codec(declared)
        if self.body.isascii():
            return "utf-8"
        try:
            self.body.decode("utf-8")
        except UnicodeDecodeError:
            return "cp1252"
        return "utf-8"

    def decode(self, chunk: bytes) -> str:
        """Return a part of the body as text."""
        return chunk.decode(self.encoding, "replace")

    @lazy
    def text(self) -> str:
        """The whole body as text, at most MAX_TREE_BYTES of it."""
        body = self.body[:MAX_TREE_BYTES]
        if self.encoding == "utf-8":
            return body.decode("utf-8", "replace")
        return str(html_to_unicode(f"text/html; charset={self.encoding}", body)[1])

    @lazy
    def source(self) -> bytes:
        """The page in UTF-8, at most MAX_TREE_BYTES of it."""
        if self.encoding == "utf-8" and self.body.isascii():
            return self.body[:MAX_TREE_BYTES]
        return self.text.encode("utf-8", "replace")

    @lazy
    def lean(self) -> bytes:
        """The page in UTF-8 without what nobody sees: scripts, styles, drawings, comments."""
        return self.lean_of(self.body[:MAX_TREE_BYTES])

    def lean_of(self, chunk: bytes) -> bytes:
        """Return a part of the body in UTF-8 without what nobody sees."""
        if chunk.isascii():
            return lean(chunk)
        if self.encoding == "utf-8":
            # A letter of more bytes holds none of a tag: what is dropped need not be decoded.
            kept = lean(chunk)
            try:
                kept.decode()
            except UnicodeDecodeError:
                return kept.decode("utf-8", "replace").encode()
            return kept
        return lean(self.decode(chunk).encode("utf-8", "replace"))

    @lazy
    def tree(self) -> LexborHTMLParser:
        """The parsed page without what nobody sees. Costs about 1.5 ms per 100 KB."""
        return self.parsed(self.lean)

    @lazy
    def items_tree(self) -> LexborHTMLParser:
        """The parsed part of the page that holds its microdata."""
        part = items_part(self.lean)
        return self.tree if part is None else self.parsed(part)

    @lazy
    def whole_tree(self) -> LexborHTMLParser:
        """The parsed page with all that is on it, for rules."""
        return self.parsed(self.source)

    @lazy
    def lxml(self) -> lxml.html.HtmlElement:
        """The page as an lxml tree, for XPath rules only."""
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=False)
        html = self._bounded(self.text[:MAX_XPATH_CHARACTERS].encode("utf-8", "replace"))
        tree = lxml.html.document_fromstring(html or b"<html/>", parser=parser)
        # Beyond 256 levels it drops what comes, and says so here alone.
        limits = any(entry.type == ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log)
        self.cut = self.cut or limits or len(self.text) > MAX_XPATH_CHARACTERS
        return tree

    def parsed(self, html: bytes) -> LexborHTMLParser:
        """Return the tree of a page's text, or of a part of it."""
        return LexborHTMLParser(self._bounded(html))

    def _bounded(self, html: bytes) -> bytes:
        kept = bounded(html)
        self.cut = self.cut or len(kept) < len(html) or len(self.body) > MAX_TREE_BYTES
        return kept

    @lazy
    def base_url(self) -> str:
        """What relative addresses on the page are relative to."""
        if not places(self.body[:_HEAD_BYTES], b"<base", b"<BASE"):
            return self.url
        return str(get_base_url(self.decode(self.body[:_HEAD_BYTES]), self.url))

    def absolute(self, url: str) -> str | None:
        """Return an address of the page made absolute; None where it is no http(s) address."""
        if _PLAIN_ADDRESS.match(url):
            return url
        try:
            joined = urljoin(self.base_url, url.strip())
        except ValueError:
            return None
        return joined if joined.startswith(("http://", "https://")) else None

    @lazy
    def head_end(self) -> int:
        """Where the part of the page ends that says what it is: at its body, unless a meta tag stands in that.

        A body that begins right behind a head's end is one; a word in a script or a comment of the head is none.
        """
        end = find(self.body, b"<body", 0, _HEAD_LIMIT)
        if end == -1 or find(self.body, b"</head", max(0, end - _BETWEEN), end) == -1:
            return _HEAD_LIMIT
        return _HEAD_LIMIT if find(self.body, b"<meta", end, _HEAD_LIMIT) != -1 else end

    @lazy
    def title(self) -> str:
        """The page's title, without building a tree."""
        start = find(self.body, b"<title", 0, _HEAD_LIMIT)
        end = find(self.body, b"</title", start, start + MAX_HEADING_BYTES) if start != -1 else -1
        return self.decode(self.body[start:end]).partition(">")[2] if end != -1 else ""

    @lazy
    def canonical_url(self) -> str | None:
        """What the page says is its address: the canonical link, else og:url."""
        for pattern, word in ((_CANONICAL, b"canonical"), (_OG_URL, b"og:url")):
            for place in places(self.body, word, end=self.head_end):
                opened = self.body.rfind(b"<", max(0, place - _LONGEST_LINK), place)
                match = pattern.match(self.body, opened) if opened != -1 else None
                if match is None:
                    continue
                href = _HREF.search(match.group())
                if href:
                    return self.absolute(html.unescape(self.decode(href.group(2) or href.group(3) or b"")))
                break
        return None

    @lazy
    def addresses(self) -> tuple[str, ...]:
        """Every address the page goes by: asked, reached, canonical."""
        every = (self.page.url, self.url, self.canonical_url)
        return tuple(dict.fromkeys(url for url in every if url))

    @lazy
    def metas(self) -> dict[str, list[str]]:
        """The meta tags: lower-case property or name to contents, in order."""
        return read_metas(self.body, self.decode, self.head_end)

    def states(self, worth: Worth) -> list[tuple[str, Json]]:
        """Return (name, value) of the JSON that scripts carry and that is `worth` a look."""
        return read_states(self.body, self.decode, worth)

    @lazy
    def all_states(self) -> list[tuple[str, Json]]:
        """(Name, value) of all JSON that scripts carry, for rules."""
        return read_states(self.body, self.decode)

    @lazy
    def outline(self) -> Outline:
        """The visible page, flat."""
        return self._outlined(near=False)

    @lazy
    def near_outline(self) -> Outline:
        """The visible page around the product's heading, flat; all of it where there is no heading."""
        return self._outlined(near=True)

    @property
    def has_near_outline(self) -> bool:
        """Whether the near outline was asked for already, and so costs nothing more."""
        return "near_outline" in self.__dict__

    @property
    def has_lean(self) -> bool:
        """Whether the lean page was asked for already."""
        return "lean" in self.__dict__

    @lazy
    def prose(self) -> Prose:
        """The texts of the page."""
        return Prose(self.lean)

    def _outlined(self, *, near: bool) -> Outline:
        return Outline(self.tree, find_heading(self.tree, self.called()), near=near)

    def called(self) -> list[str]:
        """Return what the product may be called, folded: by titles, by sources so far, by the address."""
        names = [fold(clean(name)) for name in self.names if name]
        return [*self.titles, *names, fold(unquote(urlsplit(self.url).path))]

    def shows_less(self, size: int) -> bool:
        """Whether a person sees fewer than so many characters."""
        near = self.near_outline
        if near.is_whole(0) and near.shows(size):
            return False  # what is seen around the heading is enough
        return not self.outline.shows(size)

    @lazy
    def language(self) -> str | None:
        """The page's language as its html element declares it."""
        match = _LANGUAGE.search(self.body, 0, 5_000)
        return match.group(1).decode("ascii", "replace") if match else None

    @lazy
    def titles(self) -> tuple[str, ...]:
        """What the page is called in its head, folded."""
        shared = [fold(clean(title)) for title in self.metas.get("og:title", [])[:1] if title]
        return (self.folded_title, *shared) if self.title else tuple(shared)

    @lazy
    def folded_title(self) -> str:
        """The page's title, folded."""
        return fold(clean(self.title))

    def is_titled(self, folded: str) -> bool:
        """Whether a title of the page holds a text, folded."""
        return folded in self.folded_title or any(folded in title for title in self.titles)

    @lazy
    def _first_heading_place(self) -> int:
        return find(self.body, b"<h1")

    def heading_places(self) -> Iterator[int]:
        """Yield where the first h1 elements begin, each looked for when it is asked for; scripts may hold some."""
        place = self._first_heading_place
        for _ in range(MAX_HEADINGS):
            if place == -1:
                return
            yield place
            place = find(self.body, b"<h1", place + 1)

    @lazy
    def headings(self) -> tuple[str, ...]:
        """The texts of the h1 elements, without building a tree; scripts may hold more of them."""
        return tuple(self.each_heading())

    def each_heading(self) -> Iterator[str]:
        """Yield the `headings`, each looked for when it is asked for."""
        found: list[str] = []
        end = 0
        for start in self.heading_places():
            if start < end:
                continue
            end = find(self.body, b"</h1", start, start + MAX_HEADING_BYTES)
            if end == -1:
                return
            text = heading_text(self.decode(self.body[start:end]).partition(">")[2], self.is_titled)
            if text and text not in found:
                found.append(text)
                yield text
