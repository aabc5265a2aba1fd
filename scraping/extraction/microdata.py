"""Microdata and RDFa Lite, as the same nodes that JSON-LD gives.

Source: HTML Standard, microdata; RDFa Lite 1.1.
"""

from dataclasses import dataclass
from typing import Final

from selectolax.lexbor import LexborNode

from scraping.extraction.document import Document
from scraping.extraction.lenient_json import Json
from scraping.extraction.nodes import Node
from scraping.extraction.scan import holds
from scraping.extraction.visible import visible_text

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
        elements = tree.css(f"[{scope}],[{prop}]")[:MAX_ELEMENTS]
        for element in elements:
            if "itemref" in element.attributes:
                for name in (element.attributes.get("itemref") or "").split()[:20]:
                    self._borrowed[name] = element.mem_id
        for element in elements:
            self._take(element)
        return self._top

    def _take(self, element: LexborNode) -> None:
        attributes = element.attributes
        names = [name.rpartition(":")[2] for name in (attributes.get(self._dialect.prop) or "").split()]
        if self._dialect is RDFA and ":" in (attributes.get("property") or "").replace("schema:", ""):
            names = []  # og:title and its kind are the head's, not an item's
        value: Json
        is_item = self._dialect.scope in attributes
        if is_item:
            node: Node = {"@type": [*(attributes.get(self._dialect.type) or "").split()]}
            for key, attribute in (("@id", "itemid"), ("@id", "resource")):
                if attributes.get(attribute):
                    node[key] = attributes[attribute]
            self._nodes[element.mem_id] = node
            value = node
        owner = self._owner(element)
        if is_item and (owner is None or not names):
            self._top.append((f"{self._dialect.scope}[{len(self._top)}]", value))
            return
        if owner is None:
            return
        for name in names:
            _add(owner, name, value if is_item else self._value(element, name))

    def _owner(self, element: LexborNode) -> Node | None:
        """Return the item that the element's property belongs to."""
        parent: LexborNode | None = element
        for _ in range(MAX_CLIMB):
            if parent is None:
                return None
            if self._borrowed:
                name = parent.attributes.get("id")
                if (
                    name in self._borrowed
                    and self._borrowed[name] in self._nodes
                    and self._borrowed[name] != element.mem_id
                ):
                    return self._nodes[self._borrowed[name]]
            parent = parent.parent
            if parent is not None and parent.mem_id in self._nodes:
                return self._nodes[parent.mem_id]
        return None

    def _value(self, element: LexborNode, name: str) -> Json:
        attributes = element.attributes
        content = attributes.get("content")
        if content is not None and (content.strip() or element.tag == "meta"):
            return content
        tag = element.tag or ""
        if tag in _LINKS and (
            name in _CODED or name not in {"name", "brand", "sku", "mpn", "price", "category", "seller"}
        ):
            return attributes.get(_LINKS[tag]) or attributes.get("data-src") or ""
        if tag in {"time", "data", "meter"}:
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
