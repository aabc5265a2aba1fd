"""schema.org nodes, from JSON-LD and microdata alike: plain dicts with "@type", "@id" and properties.

Source: schema.org 29; JSON-LD 1.1, keywords.
"""

import re
from functools import lru_cache
from typing import Final

from scraping.extraction.document.lazy import lazy
from scraping.extraction.document.lenient_json import Json
from scraping.extraction.document.spans import clean

Node = dict[str, Json]

PRODUCT_TYPES: Final = frozenset(
    {
        "Product", "ProductGroup", "ProductModel", "IndividualProduct", "SomeProducts", "ProductCollection",
        "Vehicle", "Car", "Motorcycle", "Book", "SoftwareApplication", "VideoGame", "MobileApplication",
    }
)  # fmt: skip
_LISTED: Final = frozenset(
    {
        "itemListElement", "isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor", "isConsumableFor",
        "itemReviewed", "review", "reviews", "relatedProduct", "recommendations", "itemOffered",
        "hasOfferCatalog", "makesOffer", "containsPlace", "significantLink", "relatedLink",
    }
)  # fmt: skip
"""Properties under which other products are named."""
_OWN_PARTS: Final = frozenset({"offers", "hasVariant", "model", "isVariantOf", "brand", "manufacturer"})
"""Properties that hold parts of a product, not products of the page."""
_HOLDERS: Final = frozenset({dict, list})
"""What may hold nodes."""
_NO_TYPES: Final[frozenset[str]] = frozenset()
_DEEPEST: Final = 12
_VOCABULARY_END: Final = re.compile(r"[/#:]")


def types_of(node: Json) -> frozenset[str]:
    """Return the node's types without their vocabulary: {"Product"}."""
    given = (node.get("@type") or node.get("type")) if isinstance(node, dict) else None
    if isinstance(given, str):
        return _one_type(given)
    if isinstance(given, list):
        return _NO_TYPES.union(*[_one_type(name) for name in given if isinstance(name, str)])
    return _NO_TYPES


@lru_cache(maxsize=2_048)
def _one_type(name: str) -> frozenset[str]:
    return frozenset({_VOCABULARY_END.split(name.strip().rstrip("/"))[-1]})


def is_product(node: Node) -> bool:
    """Whether the node is of a type that shops sell, or an event with offers: its page sells tickets."""
    types = types_of(node)
    if not PRODUCT_TYPES.isdisjoint(types):
        return True
    return bool(node.get("offers")) and any(name.endswith("Event") for name in types)


def as_list(value: Json) -> list[Json]:
    """Return a property's values: one, several or none."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_of(value: Json) -> str | None:
    """Return a property as one line of text: entities decoded, tags dropped, white space folded."""
    if isinstance(value, str):
        return clean(value) or None
    if value is None:
        return None
    if isinstance(value, list):
        for item in value:
            text = text_of(item)
            if text:
                return text
        return None
    if isinstance(value, dict):
        return text_of(value.get("@value") or value.get("name") or value.get("value"))
    return None if isinstance(value, bool) else str(value)


class Graph:
    """The nodes of a page, with `@id` references resolved on demand."""

    def __init__(self, roots: list[tuple[str, Json]]) -> None:
        self.roots = roots

    @lazy
    def _by_id(self) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for _, root in self.roots:
            self._index(root, 0, found)
        return found

    def _index(self, value: Json, depth: int, found: dict[str, Node]) -> None:
        if depth > _DEEPEST:
            return
        if isinstance(value, list):
            for item in value:
                self._index(item, depth + 1, found)
        elif isinstance(value, dict):
            key = value.get("@id")
            if isinstance(key, str) and len(value) > 1:
                known = found.get(key)
                if known is None or len(known) < len(value):
                    found[key] = value
            for item in value.values():
                if type(item) in _HOLDERS:
                    self._index(item, depth + 1, found)

    def deref(self, value: Json) -> Json:
        """Return the node that a bare `{"@id": …}` refers to, or the value itself."""
        if isinstance(value, dict) and len(value) <= 2 and isinstance(value.get("@id"), str):
            known = self._by_id.get(str(value["@id"]))
            return known if known is not None else value
        return value

    def nodes_of(self, node: Node, name: str) -> list[Node]:
        """Return the nodes under a property, references resolved."""
        value = node.get(name)
        if value is None:
            return []
        found = [self.deref(item) for item in as_list(value)]
        return [item for item in found if isinstance(item, dict)]

    def products(self) -> list[tuple[Node, str, bool]]:
        """Return (product node, path, whether it stands among others: in a list, as related)."""
        found: dict[int, tuple[Node, str, bool]] = {}
        for path, root in self.roots:
            self._walk(root, path, False, 0, found)
        return list(found.values())

    def _walk(
        self, value: Json, path: str, listed: bool, depth: int, found: dict[int, tuple[Node, str, bool]]
    ) -> None:
        if depth > _DEEPEST:
            return
        if isinstance(value, list):
            for index, item in enumerate(value):
                if type(item) in _HOLDERS:
                    self._walk(item, f"{path}[{index}]", listed, depth + 1, found)
        elif isinstance(value, dict):
            if is_product(value):
                found.setdefault(id(value), (value, path, listed))
            for key, item in value.items():
                if type(item) in _HOLDERS and key not in _OWN_PARTS:
                    self._walk(self.deref(item), f"{path}.{key}", listed or key in _LISTED, depth + 1, found)

    def first(self, type_name: str) -> tuple[Node, str] | None:
        """Return the first top-level node of a type, with its path."""
        for path, root in self.roots:
            for index, value in enumerate(as_list(root)):
                where = f"{path}[{index}]" if isinstance(root, list) else path
                inner = value.get("@graph") if isinstance(value, dict) else None
                for place, node in [
                    (where, value),
                    *((f"{where}.@graph[{i}]", n) for i, n in enumerate(as_list(inner))),
                ]:
                    if isinstance(node, dict):
                        if type_name in types_of(node):
                            return node, place
                        for key in ("breadcrumb", "mainEntity"):
                            sub = self.deref(node.get(key))
                            if isinstance(sub, dict) and type_name in types_of(sub):
                                return sub, f"{place}.{key}"
        return None
