"""Which element of a page is the product's heading: what titles, sources and the address call the product tells."""

import re
from collections.abc import Collection
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraping.extraction.document.zones import ASIDE_TAGS
from scraping.extraction.language.words import WORD, fold

SURE_HEADING: Final = 0.9
"""Part of a heading's words that the page's titles share, 0.3 more for an h1, from which no other is looked at."""
_NAMELIKE: Final = '[class*="name" i],[class*="title" i],[id*="name" i],[id*="title" i],b,strong,font'
MOST_NAMELIKE: Final = 400
LEAST_NAME: Final = 7
"""Characters that a name without a heading is longer than."""
_HOME: Final = re.compile(r"(?:https?://[^/]+)?/?(?:[a-z]{2}(?:[-_][a-zA-Z]{2})?/?)?(?:index\.\w+)?\Z")


def words_of(names: Collection[str]) -> set[str]:
    """Return the words of folded names."""
    return {word for name in names for word in WORD.findall(name)}


def heading_score(text: str, known: Collection[str], number: int, *, h1: bool) -> float:
    """Return how much speaks for a text, the `number`th of its kind on the page, being the heading; -1 for none."""
    parts = set(WORD.findall(fold(text[:300])))
    if not parts:
        return -1.0
    return len(parts.intersection(known)) / len(parts) + (0.3 if h1 else 0) - number / 1_000


def find_heading(tree: LexborHTMLParser, names: Collection[str]) -> LexborNode | None:
    """Return the heading that carries the product's name; without one, the page's only or first h1.

    `names` are what the product may be called, folded: they tell its heading from others.
    """
    known = words_of(names)
    best: tuple[float, LexborNode] | None = None
    for selector in ("h1", "h2,h3,[itemprop=name]"):
        for number, node in enumerate(tree.css(selector)[:60]):
            text = node.text(deep=True, separator=" ", strip=True)
            score = heading_score(text, known, number, h1=selector == "h1")
            if score < 0:
                continue
            score -= 0.5 if _in_aside(node) or (selector == "h1" and _leads_home(node)) else 0
            if best is None or score > best[0]:
                best = (score, node)
        if best is not None and (best[0] >= SURE_HEADING or (selector == "h1" and not known)):
            return best[1]
    if best is not None and (best[1].tag == "h1" or best[0] > 0.4):
        return best[1]
    return _named_by_title(tree, names)


def first_heading(tree: LexborHTMLParser) -> LexborNode | None:
    """Return the h1 of a part that begins with it, inside of what holds it."""
    node = tree.body
    while node is not None and node.tag != "h1":
        node = node.first_child
    return node if node is not None else tree.css_first("h1")


def _in_aside(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(6):
        if parent is None:
            return False
        if parent.tag in ASIDE_TAGS:
            return True
        parent = parent.parent
    return False


def _named_by_title(tree: LexborHTMLParser, names: Collection[str]) -> LexborNode | None:
    """Return the element whose text is the longest part of a title: the name on a page without headings."""
    best: tuple[int, LexborNode] | None = None
    for node in tree.css(_NAMELIKE)[:MOST_NAMELIKE]:
        text = fold(node.text(deep=True, separator=" ", strip=True)[:300])
        if len(text) <= (best[0] if best is not None else LEAST_NAME) or _in_aside(node):
            continue
        if any(text in name and len(text) * 3 >= len(name) for name in names):
            best = (len(text), node)
    return best[1] if best is not None else None


def _leads_home(heading: LexborNode) -> bool:
    """Whether a heading is the shop's name: it links to the home page, or stands in such a link."""
    parent = heading.parent
    link = parent if parent is not None and parent.tag == "a" else heading.css_first("a[href]")
    href = link.attributes.get("href") if link is not None else None
    return bool(href and _HOME.match(href))
