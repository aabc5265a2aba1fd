"""The texts of a lean page, hidden ones included, read from bytes: no tree is needed."""

import html
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from scraping.extraction.document.lazy import lazy
from scraping.extraction.document.parts import texts_of
from scraping.extraction.document.scan import find, places
from scraping.extraction.document.vocabulary import Traces, Vocabulary

LONGEST_LINE: Final = 100
"""Characters of a line, white space folded, beyond which it holds no label and states no stock."""
LEAST_MENU: Final = 4_000
"""Bytes of a navigation from which it is a menu: a trail of categories may end in the product's code."""
_BUTTONS: Final = (b"<button", b"<input", b"<BUTTON", b"<INPUT")
_NAMING: Final = (b"<h", b"itemprop")
"""What stands in a navigation that may hold the product's heading."""


class Prose:
    """The texts of a page, as lines and as words, and the tags of its buttons, those of its menus left out."""

    def __init__(self, page: bytes) -> None:
        self._page = page

    @lazy
    def _texts(self) -> list[bytes]:
        """The texts, some blank ones too, each behind the sign that ends the tag before it."""
        parts = parts_without_menus(self._page)
        return list(chain.from_iterable(texts_of(self._page, start, end) for start, end in parts))

    @lazy
    def lines(self) -> list[str]:
        """The texts, one a line; blank ones left out."""
        lines = _lines_of(b"\n".join([text[1:] for text in self._texts]))
        return [stripped for line in lines if (stripped := line.strip())]

    @lazy
    def vocabulary(self) -> Vocabulary:
        """The words of the lines that may hold a label or state stock."""
        texts = self._texts
        if max(map(len, texts), default=0) > LONGEST_LINE:
            lines = b"\n".join(texts).split(b"\n")
            texts = [line for line in lines if len(line) <= LONGEST_LINE or _may_be_short(line)]
        return Vocabulary(texts)

    @lazy
    def buttons(self) -> str:
        """The tags of the buttons and inputs, lower case."""
        page = self._page
        tags = [page[place : page.find(b">", place)] for place in places(page, *_BUTTONS)]
        return html.unescape(b"\n".join(tags).decode("utf-8", "replace")).lower() if tags else ""

    def lines_with(self, traces: Traces) -> Iterator[tuple[int, str]]:
        """Yield (number, line) of the lines that may hold one of the phrases; other lines hold none."""
        words = self.vocabulary
        if words.is_endless or words.may_hold_unspaced(traces):
            yield from enumerate(self.lines)
            return
        held = words.held(traces)
        if not held:
            return
        page = "\n".join(self.lines).casefold().encode("utf-8", "replace")
        number = behind = 0
        for place in places(page, *held):
            if place < behind or page[place - 1 : place].isalnum():
                continue
            number += page.count(b"\n", behind, place)
            if _is_short(self.lines[number]):
                yield number, self.lines[number]
            behind = find(page, b"\n", place) + 1
            number += 1
            if not behind:
                return

    def has_fewer_lines(self, limit: int) -> bool:
        """Whether there are fewer lines than that."""
        texts = islice((text for text in self._texts if not text[1:].isspace()), limit)
        return sum(1 for _ in texts) < limit and len(self.lines) < limit


def parts_without_menus(page: bytes) -> list[tuple[int, int]]:
    """Return (start, end) of what a lean page's body holds beside its menus, but for those that may hold the product's
    heading."""
    parts: list[tuple[int, int]] = []
    kept = max(0, find(page, b"<body"))
    depth = opened = 0
    for place in places(page, b"<nav>", b"<nav ", b"</nav>"):
        if not page.startswith(b"</", place):
            opened = place if depth == 0 else opened
            depth += 1
        elif depth > 0:
            depth -= 1
            if depth == 0 and place - opened >= LEAST_MENU and not _may_name(page, opened, place):
                parts.append((kept, opened))
                kept = place
    return [*parts, (kept, len(page))]


def _may_name(page: bytes, start: int, end: int) -> bool:
    """Whether a menu may hold the product's heading."""
    return any(find(page, word, start, end) != -1 for word in _NAMING)


def _lines_of(text: bytes) -> list[str]:
    return html.unescape(text.decode("utf-8", "replace")).split("\n")


def _is_short(line: str) -> bool:
    return len(line) <= LONGEST_LINE or len(" ".join(line.split())) <= LONGEST_LINE


def _may_be_short(line: bytes) -> bool:
    """Whether a long line, or a part of it that an entity parts from the rest, is short as a person sees it."""
    return any(map(_is_short, _lines_of(line)))
