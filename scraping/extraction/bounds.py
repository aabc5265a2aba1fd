"""Limits that keep one page from costing a second or a crash, applied before a tree is built.

Measured with lexbor 3: 100,000 levels of `<div>` take 22 s of CPU, a tag with 100,000 attributes 24 s, both
growing with the square; 5,000 levels 0.04 s, 20,000 attributes 0.9 s.
"""

import re
import time
from collections.abc import Callable
from typing import Final

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
_LONG_TAG: Final = re.compile(r"<[A-Za-z][^<>]{10000,}>?")
_UNSEEN: Final = re.compile(r"<(script|style|svg|SCRIPT|STYLE)(?=[\s>/])")
_NESTING: Final = re.compile(
    r"<(/?)(?!(?:li|p|t[dhr]|option|d[td]|br|img|input|meta|link|hr|source|path|area|base|col|embed|param|track|wbr)\b)([A-Za-z][\w-]*)[^<>]*?(/?)>?"
)


def bounded(html: str) -> str:
    """Return the page's text, cut or thinned where a parser would take too long over it."""
    if _has_long_tag(html):
        html = _LONG_TAG.sub(_thin_tag, html)
    tags = html.count("<")
    if tags <= _FEW_TAGS:
        return html
    if tags > MAX_TAGS:
        html = html[: _place_of_tag(html, MAX_TAGS)]
    return html[: _too_deep(html)]


def _has_long_tag(html: str) -> bool:
    """Whether somewhere no tag ends for a long time. Costs a microsecond per 100 KB."""
    place, size = 0, len(html)
    while size - place > LONG_TAG:
        last = html.rfind(">", place, place + LONG_TAG)
        if last < 0:
            return True
        place = last + 1
    return False


def lean(html: str) -> str:
    """Return the page's text without what nobody sees and no reader of the tree asks for: scripts, styles, drawings."""
    parts: list[str] = []
    kept = 0
    while match := _UNSEEN.search(html, kept):
        parts.append(html[kept : match.start()])
        name = match.group(1)
        end = html.find(f"</{name}", match.end())
        if end == -1:
            end = html.find(f"</{name.swapcase()}", match.end())
        if end == -1:
            return "".join(parts)
        close = html.find(">", end)
        kept = close + 1 if close != -1 else len(html)
    parts.append(html[kept:])
    return "".join(parts)


def _thin_tag(match: re.Match[str]) -> str:
    """Drop a tag that has thousands of attributes; one with a long value stays."""
    tag = match.group()
    return "<div>" if tag.count("=") > MAX_ATTRIBUTES or tag.count(" ") > MAX_ATTRIBUTES * 4 else tag


def _place_of_tag(html: str, number: int) -> int:
    place = -1
    for _ in range(number):
        place = html.find("<", place + 1)
    return place


def _too_deep(html: str) -> int | None:
    """Return where the page first is too deep, None where it never is."""
    depth = 0
    if html.count("<") - html.count("</") <= MAX_DEPTH:
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

    @property
    def spent(self) -> bool:
        """Whether the page has cost its share."""
        return self._clock() - self._start > CPU_SECONDS
