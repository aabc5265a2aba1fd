"""OpenGraph, product and Twitter meta tags.

Source: ogp.me; Facebook, product object; Pinterest, product rich pins.
"""

from collections.abc import Callable
from typing import Final

from reports.codes import read_gtin
from reports.money import machine_amount
from reports.row import Availability, Condition, Gtin
from scraping.extraction.document.document import Document
from scraping.extraction.document.spans import clean
from scraping.extraction.language.availability import read_condition, read_term
from scraping.extraction.language.currency import read_currency
from scraping.extraction.language.money_words import currencies_in
from scraping.extraction.reading import Context, Reading, Value
from scraping.extraction.structured.facts import clean_brand, code_of, read_category

_PRICE: Final = (
    "product:sale_price:amount",
    "product:price:amount",
    "og:price:amount",
    "og:product:price:amount",
    "og:price",
    "product:price",
)
_CURRENCY: Final = (
    "product:sale_price:currency",
    "product:price:currency",
    "og:price:currency",
    "og:product:price:currency",
)
_LIST: Final = (
    "product:original_price:amount",
    "og:price:standard_amount",
    "og:standard_amount",
    "product:price:standard_amount",
)
_OF_PRICE: Final = frozenset((*_PRICE, *_CURRENCY, *_LIST))


def _availability(text: str) -> Availability | None:
    state = read_term(text)
    return state if state != "unknown" else None


def _condition(text: str) -> Condition | None:
    state = read_condition(text)
    return state if state != "unknown" else None


def _gtins(text: str) -> tuple[Gtin, ...]:
    gtin = read_gtin(text)
    return (gtin,) if gtin is not None else ()


_FIELDS: Final[tuple[tuple[str, Callable[[str], Value | None], tuple[str, ...]], ...]] = (
    ("name", clean, ("og:title", "twitter:title")),
    ("sku", code_of, ("product:retailer_item_id", "product:sku", "og:sku")),
    ("mpn", code_of, ("product:mfr_part_no", "product:mpn", "og:mpn")),
    ("brand", clean_brand, ("product:brand", "og:brand", "og:product:brand")),
    ("product_group_id", code_of, ("product:item_group_id",)),
    (
        "availability",
        _availability,
        ("product:availability", "og:availability", "og:product:availability"),
    ),
    ("condition", _condition, ("product:condition", "og:condition")),
    ("gtin", _gtins, ("product:ean", "product:gtin", "product:isbn", "product:upc", "og:upc", "og:ean")),
    ("category", read_category, ("product:category",)),
)
"""Fields, how each is read, and the tags that say it, the best first."""
_TAGS: Final = {key: (field, read) for field, read, keys in _FIELDS for key in keys}
_PRODUCT_KINDS: Final = frozenset({"product", "og:product", "product.item", "product.group", "products.item"})


def read_opengraph(document: Document, _context: Context) -> Reading:
    """Return what the meta tags say of the product."""
    reading = Reading("opengraph")
    metas = document.metas
    _say_prices(reading, metas)
    kind = metas["og:type"][0].strip().lower() if "og:type" in metas else ""
    if kind in _PRODUCT_KINDS or "price" in reading.found:
        reading.page_type = "product"
    for key in filter(metas.__contains__, _TAGS):
        field, read = _TAGS[key]
        text = metas[key][0]
        reading.say(field, read(text), f"meta[{key}]", raw=text)
    if "og:image" in metas:
        images = [url for text in metas["og:image"] if (url := document.absolute(text))]
        reading.say("images", tuple(dict.fromkeys(images)), "meta[og:image]")
    return reading


def _say_prices(reading: Reading, metas: dict[str, list[str]]) -> None:
    if _OF_PRICE.isdisjoint(metas):
        return
    codes = [read_currency(text) for key in _CURRENCY if key in metas for text in metas[key]]
    currency = next(filter(None, codes), None)
    for keys, field in ((_PRICE, "price"), (_LIST, "list_price")):
        for key in filter(metas.__contains__, keys):
            for text in metas[key]:
                reading.say(field, machine_amount(text, currency) or None, f"meta[{key}]")
    price, usual = reading.found.get("price"), reading.found.get("list_price")
    if (
        price
        and metas.get("product:sale_price:amount")
        and metas.get("product:price:amount")
        and usual is None
    ):
        reading.say(
            "list_price",
            machine_amount(metas["product:price:amount"][0], currency),
            "meta[product:price:amount]",
        )
    if currency is None:
        said = {currencies_in(metas[key][0]) for key in _PRICE if key in metas}
        symbols = [known for known in said if len(known) == 1]
        currency = symbols[0][0] if len(symbols) == 1 else None
    reading.say("currency", currency, "meta[product:price:currency]")
