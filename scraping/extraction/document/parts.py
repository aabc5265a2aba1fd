"""Parts of a page that are parsed by themselves, so that no tree of all of it is built. Cut from its lean bytes."""

import re
import string
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from scraping.extraction.document.scan import LOWER, find, holds, places, translate
from scraping.extraction.document.zones import STRUCK_TAGS

# Without a group: half the time.
_TEXT: Final = re.compile(rb">[^<][^<]*")
_TEXT_OR_LESS: Final = re.compile(rb"(?:>|<(?![A-Za-z/!?]))[^<][^<]*")
_NOT_BLANK: Final = re.compile(rb">\s*+[^<\s][^<]*")
"""What leaves the lines between tags out: dearer where there are none, which cost more than that where they are."""
# No sign of more in front of the digit, so that what follows many of them is looked through once.
_NUMBERED: Final = re.compile(rb">a*+0[^<]*+")
"""A text with a digit, in bytes as `_OF_TEXTS` has them: one letter for all takes half the time."""
_NUMBERED_OR_LESS: Final = re.compile(rb"(?:>|<(?![A-Za-z/!?]))[^<>0-9]*+[0-9][^<]*+")
_OF_TEXTS: Final = bytes(
    ord("0") if byte in b"0123456789" else byte if byte in b"<>" else ord("a") for byte in range(256)
)
"""Each byte as what it is in a text: a digit, another letter, or the begin or end of a tag."""
_BEGINS_TAG: Final = f"{string.ascii_letters}/!?".encode()
_OF_TAGS: Final = bytes(
    ord("a") if byte in _BEGINS_TAG else byte if byte == ord("<") else ord(" ") for byte in range(256)
)
"""Each byte as what it is behind a sign of less: what begins a tag, another such sign, or neither."""
LARGEST_SHARE: Final = 0.7
"""Of the page, beyond which a part saves nothing."""
MAX_ITEMS: Final = 200
_TAG: Final = re.compile(rb"<(/?)([A-Za-z][A-Za-z0-9-]*)[^<>]*>")
_TAG_NAME: Final = re.compile(rb"<(/?[A-Za-z][A-Za-z0-9-]*)")
_VOID: Final = frozenset(
    b"area base br col embed hr img input link meta param source track wbr path use rect circle".split()
)
_LOOSE: Final = frozenset(
    b"p li dt dd option optgroup td th tr tbody thead tfoot table caption colgroup html head body".split()
)
"""Elements that end by themselves, or stand in a table only: no wrapper is made of them."""
_STRAY: Final = frozenset((*map(str.encode, STRUCK_TAGS), b"script", b"style", b"svg"))
"""Elements that strike out, or that a lean page has none of: where one is closed and was not opened, the page is at
fault, and nothing is struck out or unseen."""
_PASSED_TAGS: Final = frozenset(mark + name for name in _VOID | _LOOSE | _STRAY for mark in (b"", b"/"))
_OUTSIDE: Final = frozenset(b"html head body td th tr tbody thead tfoot caption colgroup col".split())
"""Elements that a parser drops where they begin a part."""


def with_holders(part: bytes) -> bytes:
    """Return a part that begins inside of elements with these opened in front, as far as it closes them.

    Without them, what stands after a closing tag would stand beside what is before it.
    """
    return b"<body>" + _holders(translate(b" ".join(_TAG_NAME.findall(part)), LOWER)) + part


@lru_cache(maxsize=64)
def _holders(tags: bytes) -> bytes:
    """Return the elements that tags close without having opened them; the pages of a shop have the same few tags."""
    opened: list[bytes] = []
    holders: list[bytes] = []
    for tag in tags.split(b" "):
        if tag in _PASSED_TAGS:
            continue
        if not tag.startswith(b"/"):
            opened.append(tag)
            continue
        name = tag[1:]
        if name in opened:
            while opened.pop() != name:
                pass
        else:
            holders.append(b"<" + name + b">")
    return b"".join(reversed(holders))


def element_end(page: bytes, start: int) -> int:
    """Return where the element whose tag begins at `start` ends; the page's end where it is never closed."""
    tag = _TAG.match(page, start)
    if tag is None:
        return len(page)
    name = tag.group(2)
    if name.lower() in _VOID:
        return tag.end()
    depth = 0
    for match in _tags_of(name).finditer(page, start):
        depth += -1 if match.group(1) else 1
        if depth == 0:
            return match.end()
    return len(page)


@lru_cache(maxsize=128)
def _tags_of(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"<(/?)" + re.escape(name) + rb"(?=[\s>/])[^<>]*>?")


def elements_with(page: bytes, *words: bytes) -> list[bytes] | None:
    """Return the outermost elements of a page with one of the words in their tag, None where none is to be cut out."""
    found: list[bytes] = []
    end = 0
    for place in places(page, *words):
        if place < end:
            continue
        start = page.rfind(b"<", end, place)
        tag = _TAG.match(page, start) if start != -1 else None
        if tag is None or tag.end() < place:
            continue
        if tag.group(2).lower() in _OUTSIDE:
            return None
        end = element_end(page, start)
        found.append(page[start:end])
    return found


def texts_of(page: bytes, start: int = 0, end: int = sys.maxsize) -> list[bytes]:
    """Return the texts of a lean page between `start` and `end`, in order, some blank ones too, entities as they are.

    Each begins with the sign that ends the tag before it.
    """
    if _has_less(page, start, end):
        pattern = _TEXT_OR_LESS
    else:
        pattern = _TEXT if find(page, b">\n", start, end) == -1 else _NOT_BLANK
    return pattern.findall(page, start, end)


def numbered_texts(page: bytes, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the texts before `end` begin and end that hold a digit of ASCII.

    Of a text with a sign of more in front of its first digit, what stands behind the sign.
    """
    if _has_less(page, 0, end):
        matches = _NUMBERED_OR_LESS.finditer(page, 0, end)
    else:
        matches = _NUMBERED.finditer(translate(page, _OF_TEXTS, end=end))
    for match in matches:
        yield match.start() + 1, match.end()


def text_around(page: bytes, place: int) -> tuple[int, int] | None:
    """Return where the text of a lean page that holds `place` begins and ends, None where a tag does."""
    opened = page.rfind(b"<", 0, place)
    start = page.rfind(b">", opened + 1, place) + 1
    if not start and (opened + 1 == place or page[opened + 1] not in _BEGINS_TAG):
        start = opened + 1
    end = page.find(b"<", place)
    return (start, end if end != -1 else len(page)) if start else None


def _has_less(page: bytes, start: int, end: int) -> bool:
    """Whether a sign of less stands between `start` and `end` that begins no tag."""
    return holds(translate(page, _OF_TAGS, start=start, end=end), b"< ", b"<<")


def items_part(page: bytes) -> bytes | None:
    """Return the part of a page that holds its microdata, None where that is most of the page or not to be cut out."""
    marks = places(page, b"itemprop", b"itemscope")
    if not 0 < len(marks) <= MAX_ITEMS:
        return None
    starts = sorted({page.rfind(b"<", 0, mark) for mark in marks})
    first = _TAG.match(page, starts[0]) if starts[0] != -1 else None
    if first is None or first.group(2).lower() in _OUTSIDE or places(page, b"itemref"):
        return None
    end = 0
    for start in starts:
        if start >= end:
            end = element_end(page, start)
        if end - starts[0] > len(page) * LARGEST_SHARE:
            return None
    return b"<body>" + page[starts[0] : end]
