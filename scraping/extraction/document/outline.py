"""The visible page as a flat outline: texts in order, each element a span of them.

One walk over the tree; afterwards the text of any element, what surrounds it and what zone it stands in are
lookups. Readers of the DOM work on this, not on the tree.
"""

import sys
from typing import Final

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraping.extraction.document.buy_box import takes_an_order
from scraping.extraction.document.spans import join_texts, one_line
from scraping.extraction.document.zones import (
    ASIDE,
    ASIDE_TAGS,
    CENTS,
    HIDDEN,
    STRUCK,
    UNSEEN,
    named_zone,
    zone_of,
)

MAX_ELEMENTS: Final = 40_000
REACH: Final = 160
"""Texts behind the heading that may belong to its box."""
BOX_LEVELS: Final = 8
LONG_TEXT: Final = 40
MAX_DEPTH: Final = 400
_SKIPPED: Final = frozenset(
    {"script", "style", "noscript", "template", "svg", "head", "iframe", "object", "textarea"}
)
BLOCKS: Final = frozenset(
    {
        "div", "p", "li", "ul", "ol", "tr", "td", "th", "table", "section", "article", "header", "footer", "main",
        "aside", "nav", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "form", "fieldset", "button", "br",
        "hr", "option", "label", "figure", "body", "select",
    }
)  # fmt: skip
_CONTAINERS: Final = frozenset({"div", "section", "ul", "ol", "header"})
"""Elements whose names are looked at before they are walked: what holds other products is passed over."""


def _box(heading: LexborNode) -> LexborNode:
    """Return what the heading stands in, few levels up: the box with price, stock and button."""
    box = heading
    for _ in range(BOX_LEVELS):
        if box.parent is None or box.tag == "body":
            break
        box = box.parent
    return box


class Element(msgspec.Struct, gc=False):
    """An element of the outline: texts[start:end] are inside it. What its names say is looked up when asked."""

    node: LexborNode
    tag: str
    index: int
    parent: int
    """Index of the parent element; -1 at the root."""
    outer: "Element | None"
    start: int
    end: int = 0
    holds_heading: bool = False
    _zone: int = -1
    _hint: str | None = None

    @property
    def hint(self) -> str:
        """Class, id and test names in lower case: what the shop calls the element."""
        if self._hint is None:
            self._hint = named_zone(self.tag, self.node.attributes)[0]
        return self._hint

    @property
    def zone(self) -> int:
        """What its own names and those of all it stands in say: a sum as of `zone_of`."""
        if self._zone < 0:
            self._hint, zone = named_zone(
                self.tag, self.node.attributes
            )  # attributes are built anew at each look
            if self.holds_heading:
                zone &= ~ASIDE
            if self.outer is not None:
                zone |= self.outer.zone & ~CENTS  # cents are its own matter
            self._zone = zone
        return self._zone

    def unset_aside(self) -> None:
        """Take the element for no aside, though its tag says so."""
        self._zone = zone_of(self.hint) | (self.outer.zone & ~CENTS if self.outer is not None else 0)

    @property
    def aside(self) -> bool:
        """Whether it stands among other products, in navigation or in the footer, or is not shown at all."""
        return self.zone & UNSEEN != 0

    @property
    def hidden(self) -> bool:
        """Whether it is not shown."""
        return self.zone & HIDDEN != 0

    @property
    def struck(self) -> bool:
        """Whether it or an ancestor is struck through."""
        return self.zone & STRUCK != 0


class Text(msgspec.Struct, gc=False):
    """One text node."""

    text: str
    element: int


class Outline:
    """Elements and texts of a page's body, in order, without what is hidden."""

    def __init__(self, tree: LexborHTMLParser, heading: LexborNode | None, *, near: bool = False) -> None:
        """Walk `tree` with the product's heading.

        With `near` only the box around the heading is walked, and no further than REACH texts behind it.
        """
        self.elements: list[Element] = []
        self.texts: list[Text] = []
        self._heading_id = heading.mem_id if heading is not None else 0
        self._around_heading = self._holders(heading)
        self.heading: int | None = None
        """The product's heading."""
        self._reach = REACH if near and heading is not None else 0
        root = _box(heading) if near and heading is not None else tree.body
        self._from_body = root is not None and root.tag == "body"
        self._ended = True
        if root is not None:
            self._walk(root)

    def _walk(self, root: LexborNode) -> None:
        """Take in the elements with text or children, depth first, without recursion."""
        texts, elements = self.texts, self.elements
        current: LexborNode | None = root
        outer: Element | None = None
        depth = 0
        apart = False
        while current is not None and len(elements) < MAX_ELEMENTS:
            tag = current.tag or ""
            if tag == "-text":
                text = current.text_content
                if text and outer is not None:
                    apart = self._take(text, outer.index, apart=apart)
                    if not self._ended:
                        break
            elif tag not in _SKIPPED and depth < MAX_DEPTH:
                child = current.first_child
                if child is not None or tag == "input":
                    element = self._enter(current, tag, outer)
                    if element is not None and child is not None:
                        current, outer = child, element
                        depth += 1
                        continue
            current = current.next
            while current is None and outer is not None:
                outer.end = len(texts)
                following, outer = outer.node.next, outer.outer
                depth -= 1
                current = following if outer is not None else None
        while outer is not None:
            outer.end, outer = len(texts), outer.outer

    def _take(self, text: str, element: int, *, apart: bool) -> bool:
        """Take in a text node; return whether it only keeps what is around it apart."""
        if text.isspace():
            return True  # a space between two inline elements keeps their words apart
        if len(text) > LONG_TEXT:  # indented source: its white space says nothing
            text = f" {' '.join(text.split())} "
        elif apart:
            text = f" {text}"
        self.texts.append(Text(text, element))
        if self._reach and self.heading is not None:
            self._ended = len(self.texts) <= self.elements[self.heading].start + self._reach
        return False

    def _enter(self, node: LexborNode, tag: str, outer: Element | None) -> Element | None:
        """Take in an element unless it is set aside; return it where what is in it is to be walked."""
        around = self._around_heading
        held = (outer is None or outer.holds_heading) and node.mem_id in around
        boxed = False
        if around and not held and tag in ASIDE_TAGS:
            boxed = tag == "aside" and self.heading is not None and takes_an_order(node)
            if not boxed:
                return None
        start, index = len(self.texts), len(self.elements)
        parent = outer.index if outer is not None else -1
        element = Element(node, tag, index, parent, outer, start, start, held)
        self.elements.append(element)
        if held:
            if node.mem_id == self._heading_id:
                self.heading = index
            return element
        if boxed:
            element.unset_aside()
        set_aside = around and (tag in _CONTAINERS or "-" in tag) and element.zone & ASIDE
        return element if not set_aside else None

    @property
    def heading_span(self) -> tuple[int | None, int | None]:
        """(First text of the product's heading, first text behind it); Nones without one."""
        if self.heading is None:
            return None, None
        element = self.elements[self.heading]
        return element.start, element.end

    def is_whole(self, end: int = sys.maxsize) -> bool:
        """Whether the page's first `end` texts are the first of this outline, though it be a near one."""
        return self._from_body and (self._ended or end <= len(self.texts))

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
        texts, elements = self.texts, self.elements
        end = min(end, len(texts))
        if end - start == 1:
            return one_line(texts[start].text) if not elements[texts[start].element].hidden else ""
        parts: list[tuple[str, bool, bool]] = []
        size = 0
        for position in range(start, end):
            text = texts[position]
            element = elements[text.element]
            zone = element.zone
            if zone & HIDDEN:
                continue
            parts.append((text.text, element.tag in BLOCKS, zone & CENTS != 0))
            size += len(text.text)
            if size > limit:
                break
        return join_texts(parts)

    def length(self, index: int) -> int:
        """Return how many characters of text an element holds, white space not counted; stops at 2000."""
        element = self.elements[index]
        size = 0
        for position in range(element.start, element.end):
            if not self.elements[self.texts[position].element].hidden:
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

    def shows(self, size: int) -> bool:
        """Whether a person sees at least so many characters of text."""
        seen = 0
        for text in self.texts:
            if not self.elements[text.element].hidden:
                seen += len(text.text.strip())
            if seen >= size:
                return True
        return seen >= size
