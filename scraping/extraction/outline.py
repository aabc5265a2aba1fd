"""The visible page as a flat outline: texts in order, each element a span of them.

One walk over the tree; afterwards the text of any element, what surrounds it and what zone it stands in are
lookups. Readers of the DOM work on this, not on the tree.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraping.extraction.spans import join_texts
from scraping.extraction.words import fold

MAX_ELEMENTS: Final = 40_000
MAX_DEPTH: Final = 400
_SKIPPED: Final = frozenset(
    {"script", "style", "noscript", "template", "svg", "head", "iframe", "object", "textarea"}
)
_BLOCKS: Final = frozenset(
    {
        "div", "p", "li", "ul", "ol", "tr", "td", "th", "table", "section", "article", "header", "footer", "main",
        "aside", "nav", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "form", "fieldset", "button", "br",
        "hr", "option", "label", "figure", "body", "select",
    }
)  # fmt: skip
_STRUCK: Final = frozenset({"s", "del", "strike"})
_WORD: Final = re.compile(r"\w+")
_RAISED: Final = frozenset({"sup", "sub", "small"})
_ASIDE_TAGS: Final = frozenset({"nav", "footer", "aside"})

_HINTS: Final = frozenset(
    {"class", "id", "data-test", "data-testid", "data-qa", "data-auto", "data-price-type", "data-hook"}
)
_OTHERS: Final = re.compile(
    r"related|recommend|similar|carousel|upsell|up-sell|cross-?_?sell|also-|mini-?cart|mini-?basket|cart-drawer|recently"
    r"|bundle|accessor|complement|product-?_?list|product-?_?grid|product-?_?card|product-?_?tile|footer|breadcrumb"
    r"|reviews?\b|megamenu|navigation|\bmenu|alternativ|suggest|addbuy|swiper-slide|slick-slide|item-?list|sticky-cart"
    r"|last-?seen|viewed|frequently|cookie|newsletter|\bnav\b|owl-|teaser|you-may|compare|wishlist-|banner"
)
_STRUCK_NAME: Final = re.compile(r"strike|line-through|crossed|linethrough|\btachado|durchgestrichen")
_HIDDEN_NAME: Final = re.compile(
    r"(?<![\w-])(?:hidden|d-none|hide|is-hidden|ng-hide|uk-hidden|u-hidden|idnone)(?![\w-])"
)
_CENTS_NAME: Final = re.compile(r"cent(?!er|ral|re)|fraction|decimal|penny|pence|kop[ei]")
_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|(?<![\w-])visibility\s*:\s*hidden", re.IGNORECASE)


class Zone(NamedTuple):
    """What an element's names say of it."""

    aside: bool
    struck: bool
    hidden: bool
    cents: bool


_PLAIN: Final = Zone(aside=False, struck=False, hidden=False, cents=False)


@lru_cache(maxsize=20_000)
def zone_of(hint: str) -> Zone:
    """Return what an element's names, lower case, say of it."""
    return Zone(
        aside=bool(_OTHERS.search(hint)),
        struck=bool(_STRUCK_NAME.search(hint)),
        hidden=bool(_HIDDEN_NAME.search(hint)),
        cents=bool(_CENTS_NAME.search(hint)),
    )


def _in_aside(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(6):
        if parent is None:
            return False
        if parent.tag in _ASIDE_TAGS:
            return True
        parent = parent.parent
    return False


@dataclass(slots=True)
class Element:
    """An element of the outline: texts[start:end] are inside it."""

    node: LexborNode
    tag: str
    parent: int
    """Index of the parent element; -1 at the root."""
    start: int
    end: int = 0
    aside: bool = False
    """Whether it stands among other products, in navigation or in the footer."""
    struck: bool = False
    """Whether it or an ancestor is struck through."""
    cents: bool = False
    """Whether it is raised or named as the place of cents."""
    hint: str = ""
    """Class, id and test names in lower case: what the shop calls the element."""


_OUTSIDE: Final = Element(node=LexborNode.__new__(LexborNode), tag="", parent=-1, start=0)


@dataclass(slots=True)
class Text:
    """One text node."""

    text: str
    element: int


class Outline:
    """Elements and texts of a page's body, in order, without what is hidden."""

    def __init__(self, tree: LexborHTMLParser, names: Collection[str] = ()) -> None:
        """Walk `tree`. `names` are what the product may be called, folded: they tell its heading from others."""
        self.elements: list[Element] = []
        self.texts: list[Text] = []
        self._tree = tree
        heading = self._find_heading(names)
        self._heading_id = heading.mem_id if heading is not None else 0
        self._around_heading = self._holders(heading)
        self.heading: int | None = None
        """The product's heading."""
        self._walk()

    def _walk(self) -> None:
        path = [-1]
        node: LexborNode | None = self._tree.body
        while node is not None and len(self.elements) < MAX_ELEMENTS:
            if self._enter(node, path):
                child = node.first_child
                if child is not None:
                    node = child
                    continue
                self.elements[path.pop()].end = len(self.texts)
            while (following := node.next) is None and len(path) > 1:
                index = path.pop()
                self.elements[index].end = len(self.texts)
                node = self.elements[index].node
            node = following if len(path) > 1 else None
        for index in path[1:]:
            self.elements[index].end = len(self.texts)

    def _enter(self, node: LexborNode, path: list[int]) -> bool:
        """Take a node in; whether it is an element whose children are to be walked."""
        if node.is_text_node:
            text = node.text_content
            if text and not text.isspace():
                self.texts.append(Text(text, path[-1]))
            return False
        tag = node.tag or ""
        if tag in _SKIPPED or not node.is_element_node or len(path) > MAX_DEPTH:
            return False
        attributes = node.attributes
        hint, zone = "", _PLAIN
        if attributes:
            hint = " ".join([value for key, value in attributes.items() if value and key in _HINTS]).lower()[
                :500
            ]
            zone = zone_of(hint) if hint else _PLAIN
            style = attributes.get("style")
            hidden = zone.hidden or "hidden" in attributes or (style and _HIDDEN_STYLE.search(style))
            if hidden and tag != "body":
                return False
            if style and "line-through" in style:
                zone = zone._replace(struck=True)
        inside = self.elements[path[-1]] if path[-1] >= 0 else _OUTSIDE
        aside = inside.aside
        if (zone.aside or tag in _ASIDE_TAGS) and node.mem_id not in self._around_heading:
            if self._around_heading:
                return False
            aside = True
        index = len(self.elements)
        struck = inside.struck or zone.struck or tag in _STRUCK
        cents = zone.cents or tag in _RAISED
        self.elements.append(Element(node, tag, path[-1], len(self.texts), 0, aside, struck, cents, hint))
        if node.mem_id == self._heading_id:
            self.heading = index
        path.append(index)
        return True

    def _find_heading(self, names: Collection[str]) -> LexborNode | None:
        """Return the heading that carries the product's name; without one, the page's only or first h1."""
        known = {word for name in names for word in _WORD.findall(name)}
        best: tuple[float, LexborNode] | None = None
        for selector in ("h1", "h2,h3,[itemprop=name]"):
            for number, node in enumerate(self._tree.css(selector)[:60]):
                parts = set(_WORD.findall(fold(node.text(deep=True, separator=" ", strip=True)[:300])))
                if not parts:
                    continue
                score = len(parts & known) / len(parts) + (0.3 if selector == "h1" else 0) - number / 1_000
                score -= 0.5 if _in_aside(node) else 0
                if best is None or score > best[0]:
                    best = (score, node)
            if best is not None and (best[0] >= 0.6 or (selector == "h1" and not known)):
                return best[1]
        return best[1] if best is not None and (best[1].tag == "h1" or best[0] > 0.4) else None

    def _holders(self, heading: LexborNode | None) -> frozenset[int]:
        """Return what the product's heading stands in: no aside, whatever the shop calls it."""
        holding: list[int] = []
        while heading is not None and len(holding) < MAX_DEPTH:
            holding.append(heading.mem_id)
            heading = heading.parent
        return frozenset(holding)

    def text(self, index: int, limit: int = 400) -> str:
        """Return an element's visible text, white space folded, at most about `limit` characters."""
        element = self.elements[index]
        return self.span(element.start, element.end, limit)

    def span(self, start: int, end: int, limit: int = 400) -> str:
        """Return the texts from `start` to `end` as one line; blocks are kept apart by a space."""
        parts: list[tuple[str, bool, bool]] = []
        size = 0
        for position in range(start, end):
            item = self.texts[position]
            element = self.elements[item.element]
            parts.append((item.text, element.tag in _BLOCKS, element.cents))
            size += len(item.text)
            if size > limit:
                break
        return join_texts(parts)

    def length(self, index: int) -> int:
        """Return how many characters of text an element holds, white space not counted; stops at 2000."""
        element = self.elements[index]
        size = 0
        for position in range(element.start, element.end):
            size += len(self.texts[position].text.strip())
            if size > 2_000:
                break
        return size

    def ancestors(self, index: int, levels: int) -> list[int]:
        """Return the element and its ancestors, innermost first, at most `levels` of them."""
        found: list[int] = []
        while index >= 0 and len(found) < levels:
            found.append(index)
            index = self.elements[index].parent
        return found
