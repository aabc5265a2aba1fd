"""Microdata and RDFa Lite, as the same nodes that JSON-LD gives.

Source: HTML Standard, microdata; RDFa Lite 1.1.
"""

from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborNode

from scraping.extraction.document.document import Document
from scraping.extraction.document.lenient_json import Json
from scraping.extraction.document.scan import holds
from scraping.extraction.document.visible_text import visible_text
from scraping.extraction.structured.nodes import Node

MAX_ELEMENTS: Final = 6_000
MAX_CLIMB: Final = 400
"""Levels climbed in search of the element's item; deeper nesting is no page for people."""
_LINKS: Final = {
    **dict.fromkeys(("a", "link", "area"), "href"),
    **dict.fromkeys(("img", "source", "iframe", "embed", "video"), "src"),
    "object": "data",
}
_AMOUNTS: Final = frozenset({"price", "lowPrice", "highPrice"})
_CODED: Final = frozenset({"availability", "itemCondition"})
_TEXTS: Final = frozenset({"name", "brand", "sku", "mpn", "price", "category", "seller"})
"""Properties whose value is the text of a link, not where it leads."""
_TIMED: Final = frozenset({"time", "data", "meter"})
_Attributes = dict[str, str | None]


@dataclass(frozen=True)
class _Dialect:
    """The attributes that carry items and properties."""

    scope: str
    type: str
    prop: str
    marker: bytes
    """What the page must hold for the dialect to be worth a look."""


MICRODATA: Final = _Dialect("itemscope", "itemtype", "itemprop", b"itemprop")
RDFA: Final = _Dialect("typeof", "typeof", "property", b"typeof=")


def item_values(document: Document, dialect: _Dialect = MICRODATA) -> list[tuple[str, Json]]:
    """Return (path, node) of the page's top-level items. Needs the tree."""
    if not holds(document.body, dialect.marker):
        return []
    return _Reader(document, dialect).read()


class _Reader:
    """One pass over the elements that carry items or properties, in page order."""

    def __init__(self, document: Document, dialect: _Dialect) -> None:
        self._document = document
        self._dialect = dialect
        self._nodes: dict[int, Node] = {}
        self._borrowed: dict[str, int] = {}
        self._top: list[tuple[str, Json]] = []

    def read(self) -> list[tuple[str, Json]]:
        scope, prop = self._dialect.scope, self._dialect.prop
        tree = self._document.items_tree if self._dialect is MICRODATA else self._document.tree
        found = tree.css(f"[{scope}],[{prop}]")[:MAX_ELEMENTS]
        elements = {element.mem_id: element for element in found}  # one that has both is found twice
        taken = [(place, element, element.attributes) for place, element in elements.items()]
        for place, _, attributes in taken:
            for name in (attributes.get("itemref") or "").split()[:20]:
                self._borrowed[name] = place
        for place, element, attributes in taken:
            self._take(place, element, attributes)
        return self._top

    def _take(self, place: int, element: LexborNode, attributes: _Attributes) -> None:
        is_item = self._dialect.scope in attributes
        value: Json = None
        if is_item:
            self._nodes[place] = value = self._item(attributes)
        names = self._names(attributes)
        owner = self._owner(place, element)
        if owner is None or not names:
            if is_item:
                self._top.append((f"{self._dialect.scope}[{len(self._top)}]", value))
            return
        for name in names:
            _add(owner, name, value if is_item else _value(element, attributes, name))

    def _item(self, attributes: _Attributes) -> Node:
        node: Node = {"@type": [*(attributes.get(self._dialect.type) or "").split()]}
        given = attributes.get("resource") or attributes.get("itemid")
        if given:
            node["@id"] = given
        return node

    def _names(self, attributes: _Attributes) -> list[str]:
        """Return the properties that an element holds, without their vocabulary."""
        given = attributes.get(self._dialect.prop) or ""
        if self._dialect is RDFA and ":" in given.replace("schema:", ""):
            return []  # og:title and its kind are the head's, not an item's
        return [name.rpartition(":")[2] for name in given.split()]

    def _owner(self, place: int, element: LexborNode) -> Node | None:
        """Return the item that the element's property belongs to."""
        parent: LexborNode | None = element
        for _ in range(MAX_CLIMB):
            if parent is None:
                return None
            if self._borrowed:
                borrower = self._borrowed.get(parent.attributes.get("id") or "", place)
                if borrower != place and borrower in self._nodes:
                    return self._nodes[borrower]
            parent = parent.parent
            owner = self._nodes.get(parent.mem_id) if parent is not None else None
            if owner is not None:
                return owner
        return None


def _value(element: LexborNode, attributes: _Attributes, name: str) -> Json:
    """Return what an element that is no item says of a property."""
    content = attributes.get("content")
    tag = element.tag or ""
    if content is not None and (content.strip() or tag == "meta"):
        return content
    if tag in _LINKS and (name in _CODED or name not in _TEXTS):
        return attributes.get(_LINKS[tag]) or attributes.get("data-src") or ""
    if tag in _TIMED:
        given = attributes.get("datetime") or attributes.get("value")
        if given:
            return given
    return visible_text(element, amount=name in _AMOUNTS)


def _add(node: Node, name: str, value: Json) -> None:
    """Add a value to a property that may have several."""
    known = node.get(name)
    if known is None:
        node[name] = value
    elif isinstance(known, list):
        if len(known) < 500:
            known.append(value)
    else:
        node[name] = [known, value]
