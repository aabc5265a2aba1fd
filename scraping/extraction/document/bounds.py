"""Limits that keep one page from costing a second or a crash, applied before a tree is built.

Measured with lexbor 3: 100,000 levels of `<div>` take 22 s of CPU, a tag with 100,000 attributes 24 s, both
growing with the square; 5,000 levels 0.04 s, 20,000 attributes 0.9 s.
"""

import re
import time
from collections.abc import Callable
from typing import Final

from scraping.extraction.document.scan import count, element_close, find, places, rfind

MAX_DEPTH: Final = 8_000
"""Levels of a tree; a page is cut where it goes deeper."""
MAX_ATTRIBUTES: Final = 3_000
MAX_TAGS: Final = 60_000
"""Tags of a tree: as many take a quarter of a second."""
CPU_SECONDS: Final = 0.6
"""After this much CPU no further source is asked."""
LONG_TAG: Final = 10_000
"""Characters: no tag of fewer has MAX_ATTRIBUTES."""
_FEW_TAGS: Final = 8_000
_LONG_TAG: Final = re.compile(rb"<[A-Za-z][^<>]{10000,}>?")
_COMMENT: Final = b"<!--"
_DRAWING: Final = (b"<svg", b"<SVG")
_UNSEEN: Final = (_COMMENT, b"<script", b"<style", b"<svg", b"<S")
_HIDING: Final = ((b"<script", b"</script"), (_COMMENT, b"-->"))
"""What begins and ends that in which a heading may stand that nobody sees."""
_UNSEEN_TAG: Final = re.compile(rb"<!--|<(?:script|style|svg|SCRIPT|STYLE|SVG)(?=[\s>/])")
"""What begins at the places of these."""
_NESTING: Final = re.compile(
    rb"<(/?)(?!(?:li|p|t[dhr]|option|d[td]|br|img|input|meta|link|hr|source|path|area|base|col|embed|param|track|wbr)\b)([A-Za-z][\w-]*)[^<>]*?(/?)>?"
)


def bounded(html: bytes) -> bytes:
    """Return the page's text, cut or thinned where a parser would take too long over it."""
    if has_long_tag(html, LONG_TAG):
        html = _LONG_TAG.sub(_thin_tag, html)
    tags = count(html, b"<")
    if tags <= _FEW_TAGS:
        return html
    if tags > MAX_TAGS:
        html = html[: _place_of_tag(html, MAX_TAGS)]
    return html[: _too_deep(html)]


def has_long_tag(html: bytes, size: int) -> bool:
    """Whether somewhere no tag ends for that many bytes. A microsecond per 100 KB: `rfind` jumps from end to end."""
    place, end = 0, len(html)
    while end - place > size:
        last = html.rfind(b">", place, place + size)
        if last < 0:
            return True
        place = last + 1
    return False


def lean(html: bytes) -> bytes:
    """Return the page's text without what nobody sees and no reader of the tree asks for: scripts, styles, drawings,
    comments."""
    parts: list[bytes] = []
    kept = 0
    for start in places(html, *_UNSEEN):
        if start < kept:
            continue
        tag = _UNSEEN_TAG.match(html, start)
        if tag is None:
            continue  # another element, whose name only begins alike
        parts.append(html[kept:start])
        kept = _end_of(html, tag.group(), start)
        if kept == -1:
            return b"".join(parts)
    parts.append(html[kept:])
    return b"".join(parts)


def is_unseen(html: bytes, place: int) -> bool:
    """Whether a place stands in a script or a comment."""
    return any(
        (start := rfind(html, opening, 0, place)) != -1 and find(html, closing, start, place) == -1
        for opening, closing in _HIDING
    )


def _end_of(html: bytes, word: bytes, start: int) -> int:
    """Return where what begins with `word` ends, -1 where it never does."""
    if word == _COMMENT:
        end = find(html, b"-->", start + 2)
        return end + 3 if end != -1 else -1
    if word in _DRAWING:
        tag = html.find(b">", start)
        if html[tag - 1 : tag] == b"/":
            return tag + 1  # a drawing may be closed in its own tag
    end = element_close(html, word[1:], start)
    close = html.find(b">", end) if end != -1 else -1
    return close + 1 if close != -1 else -1


def _thin_tag(match: re.Match[bytes]) -> bytes:
    """Drop a tag that has thousands of attributes; one with a long value stays."""
    tag = match.group()
    return b"<div>" if tag.count(b"=") > MAX_ATTRIBUTES or tag.count(b" ") > MAX_ATTRIBUTES * 4 else tag


def _place_of_tag(html: bytes, number: int) -> int:
    place = -1
    for _ in range(number):
        place = html.find(b"<", place + 1)
    return place


def _too_deep(html: bytes) -> int | None:
    """Return where the page first is too deep, None where it never is."""
    depth = 0
    if count(html, b"<") - count(html, b"</") <= MAX_DEPTH:
        return None
    for match in _NESTING.finditer(html):
        if match.group(1):
            depth = max(0, depth - 1)
        elif not match.group(3):
            depth += 1
            if depth > MAX_DEPTH:
                return match.start()
    return None


class Budget:
    """How much CPU one page may still cost."""

    def __init__(self, clock: Callable[[], float] = time.thread_time) -> None:
        self._clock = clock
        self._start = clock()
        self._began = time.perf_counter()

    @property
    def spent(self) -> bool:
        """Whether the page has cost its share."""
        # No thread has more CPU than time goes by, and the time costs no system call.
        return time.perf_counter() - self._began > CPU_SECONDS and self._clock() - self._start > CPU_SECONDS
