"""The facts of a product node that are no offer: name, brand, codes, category, images, rating."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from reports.money import machine_amount
from scraping.extraction.document.document import Document
from scraping.extraction.document.lenient_json import Json
from scraping.extraction.document.spans import clean
from scraping.extraction.language.words import words
from scraping.extraction.reading import Context, Reading
from scraping.extraction.structured.nodes import Graph, Node, as_list, text_of
from scraping.extraction.structured.offers import read_gtins

MAX_IMAGES: Final = 50
_CODE_LABEL: Final = re.compile(r"^(?:sku|mpn|isbn|ean|upc|gtin\d*|asin|id)\s*:\s*", re.IGNORECASE)
_SHOP_TAIL: Final = re.compile(r"\s+(?:store|products)$", re.IGNORECASE)
_CODES: Final = (("sku", "sku"), ("mpn", "mpn"), ("product_id", "productID"))
"""Fields that are codes, and their properties."""
_GROUP_KEYS: Final = ("productGroupID", "inProductGroupWithID")


def say_facts(  # noqa: PLR0913 - the page, the graph and a place in it are three things
    document: Document,
    reading: Reading,
    graph: Graph,
    node: Node,
    path: str,
    *,
    context: Context,
    weak_codes: bool,
) -> None:
    """Add what the node says of the product itself; `weak_codes` where its codes are one variant's."""
    reading.say("name", text_of(node.get("name")), f"{path}.name")
    reading.say("brand", _brand(graph, node), f"{path}.brand")
    for name, key in _CODES:
        if key in node:
            reading.say(name, code_of(node[key]), f"{path}.{key}", weak=weak_codes)
    reading.say("gtin", read_gtins(node), f"{path}.gtin")
    for key in _GROUP_KEYS:
        if key in node:
            reading.say("product_group_id", code_of(node[key]), f"{path}.{key}")
    wanted = context.wanted
    if "category" in wanted:
        reading.say("category", read_category(node.get("category")), f"{path}.category")
    if "images" in wanted:
        reading.say("images", _images(document, graph, node), f"{path}.image")
    if "rating" in wanted or "review_count" in wanted:
        _say_rating(reading, graph, node, path)


def say_breadcrumb(reading: Reading, graph: Graph) -> None:
    """Add the category path of the page's breadcrumb list, without the shop's home and the product itself."""
    found = graph.first("BreadcrumbList")
    if found is None:
        return
    crumbs = graph.nodes_of(found[0], "itemListElement")
    crumbs.sort(key=lambda item: machine_amount(item.get("position")) or Decimal(0))
    names = [text_of(item.get("name")) or text_of(item.get("item")) for item in crumbs]
    reading.say(
        "category", trim_crumbs([name for name in names if name], reading), f"{found[1]}.itemListElement"
    )


def trim_crumbs(names: list[str], reading: Reading) -> tuple[str, ...]:
    """Drop the home link in front and the product's own name at the end."""
    known = reading.found.get("name")
    own = str(known.value).casefold() if known else None
    crumbs = [name for name in names if not name.startswith(("http://", "https://"))]
    if crumbs and crumbs[0].casefold() in words("home"):
        crumbs = crumbs[1:]
    if crumbs and own and crumbs[-1].casefold() == own:
        crumbs = crumbs[:-1]
    return tuple(crumbs)


def read_category(value: Json) -> tuple[str, ...]:
    """Return a category path, root first: `A > B`, `A/B` and lists alike."""
    if isinstance(value, list):
        parts = [text for item in value if (text := text_of(item))]
        return tuple(_split_category(parts[0])) if len(parts) == 1 else tuple(parts[:20])
    text = text_of(value)
    return tuple(_split_category(text)) if text and not text.startswith("http") else ()


def _split_category(text: str) -> list[str]:
    for separator in (" > ", ">", " » ", " / ", "|"):
        if separator in text:
            return [part.strip() for part in text.split(separator) if part.strip()][:20]
    return [text] if len(text) <= 200 else []


def code_of(value: Json) -> str | None:
    """Return a product code, or None where the field only says that there is none."""
    text = text_of(value)
    if text is None or len(text) > 100 or text.casefold() in words("no_code"):
        return None
    return (_CODE_LABEL.sub("", text) or None) if ":" in text else text


def clean_brand(text: str) -> str | None:
    """Return the brand alone: "Panasonic" of "More articles of Panasonic"; None for an address."""
    return _brand_alone(clean(text))


def _brand_alone(line: str) -> str | None:
    """Return the brand in one line of text."""
    if " " in line:  # most brands are one word
        line = _SHOP_TAIL.sub("", _without_call(line.partition(" | ")[0]))
    brand = line.strip(" :,-")
    if not brand or len(brand) > 80 or brand.startswith(("http://", "https://", "//")):
        return None
    return None if brand.casefold() in words("no_code") else brand


def _without_call(text: str) -> str:
    """Return the text without "More articles of", "Visit the" and their kind in front."""
    folded = text.casefold()
    if not folded.startswith(_calls()):
        return text
    call = next(call for call in _calls() if folded.startswith(call))
    return text[len(call) :].strip()


@lru_cache(maxsize=1)
def _calls() -> tuple[str, ...]:
    """Return what shops write before a brand, with the space behind it, longest first."""
    return tuple(f"{call} " for call in sorted(words("before_brand"), key=len, reverse=True))


def _brand(graph: Graph, node: Node) -> str | None:
    for key in ("brand", "manufacturer"):
        for item in as_list(node.get(key)):
            text = text_of(graph.deref(item))
            brand = _brand_alone(text) if text else None
            if brand:
                return brand
    return None


def _images(document: Document, graph: Graph, node: Node) -> tuple[str, ...]:
    found: list[str] = []
    for item in as_list(node.get("image"))[:MAX_IMAGES]:
        value = graph.deref(item)
        if isinstance(value, dict):
            value = next((value[key] for key in ("contentUrl", "url", "@id") if value.get(key)), None)
        for text in as_list(value):
            url = document.absolute(text) if isinstance(text, str) and text.strip() else None
            if url and url not in found:
                found.append(url)
    return tuple(found)


def _say_rating(reading: Reading, graph: Graph, node: Node, path: str) -> None:
    for rating in graph.nodes_of(node, "aggregateRating")[:1]:
        where = f"{path}.aggregateRating"
        best = machine_amount(rating.get("bestRating"))
        value = machine_amount(rating.get("ratingValue"))
        if value is not None and 0 < value <= (best or Decimal(5)):
            reading.say("rating", value, f"{where}.ratingValue")
            reading.say("rating_best", best or Decimal(5), f"{where}.bestRating")
        for key in ("reviewCount", "ratingCount"):
            count = machine_amount(rating.get(key))
            if count is not None and count == count.to_integral_value():
                reading.say("review_count", int(count), f"{where}.{key}")
