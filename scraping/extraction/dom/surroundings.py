"""What stands around the product's heading, cut from the page's bytes: the parts that are parsed by themselves."""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final

from scraping.extraction.document.bounds import is_unseen
from scraping.extraction.document.document import MAX_HEADING_BYTES, MAX_TREE_BYTES, Document
from scraping.extraction.document.lazy import lazy
from scraping.extraction.document.outline import Outline
from scraping.extraction.document.parts import with_holders
from scraping.extraction.document.product_heading import (
    SURE_HEADING,
    find_heading,
    first_heading,
    heading_score,
    words_of,
)
from scraping.extraction.document.scan import LOWER, find, holds, places, translate
from scraping.extraction.document.spans import clean
from scraping.extraction.document.zones import HINTS_IN_BYTES
from scraping.extraction.dom.glance import WIDE

BEFORE: Final = 6_000
BEHIND: Final = WIDE
"""Bytes of the lean page around the heading in which codes and brands stand that no label names: 60 texts on most."""

_ALIKE: Final = 60
"""Bytes by which a heading is known again."""
_ATTRIBUTE_BOUND: Final = re.compile(rb"[\s\"'/]")
"""What stands before an attribute's name: minified pages leave out the space behind a quote."""


class Surroundings:
    """The page around an h1 that surely is the product's: titles, sources or the address share its words."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._shared: Outline | None = None
        """What was made of the heading's surroundings for one reader, and serves the others."""

    def from_heading(self, size: int = MAX_TREE_BYTES) -> bytes | None:
        """Return the lean page from the product's heading on, made of `size` bytes of the page; None without one."""
        if self._place is None:
            return None
        if size == MAX_TREE_BYTES and self._lean_place is not None:
            return self._document.lean[self._lean_place :]
        return self._document.lean_of(self._document.body[self._place : self._place + size])

    def outline_of(self, part: bytes, *, wide: bool) -> Outline:
        """Return the outline of a part of the lean page that begins with the product's heading.

        With `wide` also of what stands before the heading, so that it serves for codes and brands, too.
        """
        if not wide:
            tree = self._document.parsed(with_holders(part))
            return Outline(tree, first_heading(tree), near=True)
        place = self._lean_place
        before = self._document.lean[self._before : place] if place is not None else b""
        self._shared = self._outlined(before + part)
        return self._shared

    def may_name(
        self,
        stems: Sequence[bytes],
        names: re.Pattern[bytes],
        attributes: Sequence[str],
        hints: Collection[bytes] = HINTS_IN_BYTES,
    ) -> bool:
        """Whether one of the names, or of the attributes, may stand around the product's heading; False is a proof.

        Names stand in the values of `hints`, and begin with one of the stems.
        """
        low, place = self._beside_low, self._lean_place
        if low is None or place is None or self._has_attribute(attributes, place + BEHIND):
            return True
        return any(names.match(low, one) and _may_hint(low, one, hints) for one in places(low, *stems))

    def outline(self, attributes: Sequence[str] = ()) -> Outline:
        """Return the outline around the heading: of that part alone where no such attribute stands before it.

        The near outline serves as well where it is made already.
        """
        place = self._lean_place
        if place is None or self._document.has_near_outline or self._has_attribute(attributes, self._before):
            return self._document.near_outline
        if self._shared is None:
            self._shared = self._outlined(self._document.lean[self._before : place + BEHIND])
        return self._shared

    def _outlined(self, part: bytes) -> Outline:
        document = self._document
        tree = document.parsed(with_holders(part))
        return Outline(tree, find_heading(tree, document.called()), near=True)

    @lazy
    def _place(self) -> int | None:
        """Where the heading begins that has most words of what the product is called."""
        document = self._document
        known: set[str] | None = None
        best, start = SURE_HEADING, -1
        for number, place in enumerate(document.heading_places()):
            tag = document.body[place : place + MAX_HEADING_BYTES]
            text = clean(document.decode(tag.partition(b">")[2].partition(b"</h1")[0]))
            if number == 0 and text in document.names and not is_unseen(document.body, place):
                return place  # no other has more
            known = words_of(document.called()) if known is None else known
            score = heading_score(text, known, number, h1=True)
            if score > best and not is_unseen(document.body, place):
                best, start = score, place
        return start if start != -1 else None

    @lazy
    def _lean_place(self) -> int | None:
        """Where the heading begins in the lean page; None also where an element that is never closed takes it away."""
        place, document = self._place, self._document
        if place is None:
            return None
        found = -1
        for heading in document.heading_places():
            if heading == place or not is_unseen(document.body, heading):
                found = find(document.lean, b"<h1", found + 1)
            if heading == place:
                break
        if found == -1 or not document.lean.startswith(document.body[place : place + _ALIKE], found):
            found = len(document.lean_of(document.body[:place]))  # dearer: some other h1 is unseen
        return found if document.lean.startswith(b"<h1", found) else None

    @lazy
    def _before(self) -> int:
        """Where what stands right before the heading begins in the lean page."""
        page, place = self._document.lean, self._lean_place or 0
        start = max(0, place - BEFORE)
        menu = find(page, b"</nav", start, place)
        if menu != -1 and find(page, b"<nav", start, menu) == -1:
            return menu  # of a menu nothing is read
        return max(start, page.find(b"<", start, place))

    @lazy
    def _beside_low(self) -> bytes | None:
        """The lean page around the product's heading, lower case: where what is named for a code or a brand stands."""
        place = self._lean_place
        if place is None:
            return None
        return translate(self._document.lean, LOWER, start=self._before, end=place + BEHIND)

    def _has_attribute(self, attributes: Sequence[str], end: int) -> bool:
        """Whether one of the attributes stands in the lean page before `end`."""
        names, ends = _searched(tuple(attributes))
        return holds(self._document.lean, *ends, end=end) and holds(self._document.lean, *names, end=end)


def _may_hint(page: bytes, place: int, hints: Collection[bytes]) -> bool:
    """Whether a place may stand in the value of one of some attributes, or in the name of an element."""
    opened = page.rfind(b"<", 0, place)
    if page.find(b">", opened, place) != -1 and page.count(b'"', opened, place) % 2 == 0:
        # Of a text, unless a tag ends behind it: a value may hold signs of more and of less.
        return (
            page.count(b"'", opened, place) % 2 != 0 or page.find(b">", place, page.find(b"<", place)) != -1
        )
    given = max(page.rfind(b'="', opened, place), page.rfind(b"='", opened, place))
    if given == -1:  # else of the name of an attribute
        return page.find(b"=", opened, place) != -1 or len(page[opened : place + 1].split()) == 1
    closed = page.find(page[given + 1 : given + 2], given + 2, place)
    if closed != -1:
        return page.find(b"=", closed, place) != -1
    return _ATTRIBUTE_BOUND.split(page[opened:given])[-1] in hints


@lru_cache(maxsize=16)
def _searched(attributes: tuple[str, ...]) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Return attributes as they are looked for: (their names, their last words, fewer of which are to be found)."""
    names = tuple(name.encode() for name in attributes)
    return names, tuple(dict.fromkeys(name[name.rindex(b"-") :] for name in names))
