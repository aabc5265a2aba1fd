"""OpenGraph, product and Twitter meta tags.

Source: ogp.me; Facebook, product object; Pinterest, product rich pins.
"""

from typing import Final

from reports.codes import read_gtin
from reports.money import machine_amount
from scraping.extraction.availability import read_condition, read_term
from scraping.extraction.currency import read_currency
from scraping.extraction.document import Document
from scraping.extraction.money_words import currencies_in
from scraping.extraction.nodes import clean
from scraping.extraction.reading import Context, Reading
from scraping.extraction.schema_facts import clean_brand, code_of, read_category

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
_PRODUCT_KINDS: Final = frozenset({"product", "og:product", "product.item", "product.group", "products.item"})


def read_opengraph(document: Document, _context: Context) -> Reading:
    """Return what the meta tags say of the product."""
    reading = Reading("opengraph")
    metas = document.metas
    if not metas:
        return reading
    kind = (metas.get("og:type") or [""])[0].strip().lower()
    _say_prices(reading, metas)
    if kind in _PRODUCT_KINDS or "price" in reading.found:
        reading.page_type = "product"
    for field, keys in (
        ("name", ("og:title", "twitter:title")),
        ("sku", ("product:retailer_item_id", "product:sku", "og:sku")),
        ("mpn", ("product:mfr_part_no", "product:mpn", "og:mpn")),
        ("brand", ("product:brand", "og:brand", "og:product:brand")),
    ):
        for key in keys:
            if metas.get(key):
                text = metas[key][0]
                value = {"name": clean, "brand": clean_brand}.get(field, code_of)(text)
                reading.say(field, value, f"meta[{key}]")
    _say_states(reading, metas)
    for key in ("product:ean", "product:gtin", "product:isbn", "product:upc", "og:upc", "og:ean"):
        gtin = read_gtin(metas[key][0]) if metas.get(key) else None
        if gtin is not None:
            reading.say("gtin", (gtin,), f"meta[{key}]")
    if metas.get("product:category"):
        reading.say("category", read_category(metas["product:category"][0]), "meta[product:category]")
    images = [url for text in metas.get("og:image", []) if (url := document.absolute(text))]
    reading.say("images", tuple(dict.fromkeys(images)), "meta[og:image]")
    group = next(iter(metas.get("product:item_group_id", [])), None)
    reading.say("product_group_id", code_of(group), "meta[product:item_group_id]")
    return reading


def _say_prices(reading: Reading, metas: dict[str, list[str]]) -> None:
    currency = next(
        (code for key in _CURRENCY for text in metas.get(key, []) if (code := read_currency(text))), None
    )
    for keys, field in ((_PRICE, "price"), (_LIST, "list_price")):
        for key in keys:
            amounts = [amount for text in metas.get(key, []) if (amount := machine_amount(text, currency))]
            if amounts:
                reading.say(field, amounts[0], f"meta[{key}]")
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
        symbols = {
            codes
            for key in _PRICE
            for text in metas.get(key, [])[:1]
            if len(codes := currencies_in(text)) == 1
        }
        currency = next(iter(symbols))[0] if len(symbols) == 1 else None
    reading.say("currency", currency, "meta[product:price:currency]")


def _say_states(reading: Reading, metas: dict[str, list[str]]) -> None:
    for key in ("product:availability", "og:availability", "og:product:availability"):
        for text in metas.get(key, [])[:1]:
            state = read_term(text)
            if state != "unknown":
                reading.say("availability", state, f"meta[{key}]", raw=text)
    for key in ("product:condition", "og:condition"):
        for text in metas.get(key, [])[:1]:
            condition = read_condition(text)
            if condition != "unknown":
                reading.say("condition", condition, f"meta[{key}]", raw=text)
