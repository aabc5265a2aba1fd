"""Variants as the three large shop systems embed them: Shopify (integer cents), WooCommerce, Magento.

Source: Shopify, product object of themes; WooCommerce, `data-product_variations`; Magento 2, `spConfig`.
"""

import html
import re
from decimal import Decimal
from typing import Final

from reports.codes import read_gtin
from reports.money import machine_amount
from reports.row import Availability
from scraping.extraction.document.document import Document
from scraping.extraction.document.lenient_json import Json, read_json_values
from scraping.extraction.document.scan import holds
from scraping.extraction.language.currency import read_currency
from scraping.extraction.reading import Offer
from scraping.extraction.structured.nodes import Node, text_of

MAX_VARIANTS: Final = 500
MAX_DEPTH: Final = 8
_WOO: Final = re.compile(rb"data-product_variations\s*=\s*([\"'])(.*?)\1", re.DOTALL)
_SHOPIFY_CURRENCY: Final = re.compile(rb"Shopify\.currency\s*=\s*\{\s*\"active\"\s*:\s*\"([A-Z]{3})\"")


def platform_offers(
    document: Document, states: list[tuple[str, Json]]
) -> tuple[str, list[Offer], Node] | None:
    """Return (path, variants, product object) of the first platform whose product the page embeds, or None."""
    named = bool(states) and holds(document.body, b"variants", b"optionPrices")
    for name, state in states if named else ():
        found = _first_product(state, 0)
        if found is not None:
            path, node = f"{name}{found[0]}", found[1]
            return (
                (path, _shopify(document, node, path), node)
                if is_shopify(node)
                else (path, _magento(node, path), {})
            )
    woo = _WOO.search(document.body) if holds(document.body, b"data-product_variations") else None
    if woo:
        values = read_json_values(html.unescape(document.decode(woo.group(2))))
        if values and isinstance(values[0], list) and values[0]:
            return "data-product_variations", _woo(values[0]), {}
    return None


def _first_product(value: Json, depth: int) -> tuple[str, Node] | None:
    """Return (path within the value, object) of the first product of Shopify or Magento in it, few levels deep.

    Outer ones come first. The path is put together on the way back, as most objects are none.
    """
    if isinstance(value, dict):
        if is_shopify(value) or isinstance(value.get("optionPrices"), dict):
            return "", value
        for key, item in list(value.items())[:200] if depth < MAX_DEPTH else ():
            if isinstance(item, dict | list) and (found := _first_product(item, depth + 1)) is not None:
                return f".{key}{found[0]}", found[1]
    elif isinstance(value, list):
        for index, item in enumerate(value[:20]) if depth < MAX_DEPTH else ():
            if isinstance(item, dict | list) and (found := _first_product(item, depth + 1)) is not None:
                return f"[{index}]{found[0]}", found[1]
    return None


def is_shopify(node: Node) -> bool:
    """Whether an object is a product as Shopify's themes print it."""
    variants = node.get("variants")
    if not isinstance(variants, list) or not variants or not isinstance(variants[0], dict):
        return False
    marks = {"handle", "vendor", "gid", "compare_at_price", "featured_image", "price_min"} & node.keys()
    return len(marks) >= 2 and "price" in variants[0]


def _shopify(document: Document, node: Node, path: str) -> list[Offer]:
    match = _SHOPIFY_CURRENCY.search(document.body)
    currency = match.group(1).decode() if match else None
    options = node.get("options")
    names = [text_of(option) or "" for option in options] if isinstance(options, list) else []
    return [
        Offer(
            path=f"{path}.variants[{index}]",
            id=text_of(variant.get("id")),
            sku=text_of(variant.get("sku")),
            gtin=(gtin,) if (gtin := read_gtin(text_of(variant.get("barcode")) or "")) else (),
            name=text_of(variant.get("title")) or text_of(variant.get("public_title")),
            attributes=tuple(
                (name or f"option{number}", text)
                for number, name in enumerate(names or ["", "", ""], 1)
                if (text := text_of(variant.get(f"option{number}"))) and text != "Default Title"
            ),
            price=_cents(variant.get("price")),
            list_price=_cents(variant.get("compare_at_price")),
            currency=currency,
            availability=_flag(variant.get("available")),
        )
        for index, variant in enumerate(_nodes(node.get("variants")))
    ]


def _cents(value: Json) -> Decimal | None:
    """Return a Shopify amount: integers are hundredths, text is not."""
    if isinstance(value, bool) or value is None:
        return None
    amount = machine_amount(value)
    if amount is None or amount == 0:
        return None
    return amount / 100 if isinstance(value, int) else amount


def _woo(variations: list[Json]) -> list[Offer]:
    return [
        Offer(
            path=f"data-product_variations[{index}]",
            id=text_of(node.get("variation_id")),
            sku=text_of(node.get("sku")),
            gtin=(gtin,) if (gtin := read_gtin(text_of(node.get("_global_unique_id")) or "")) else (),
            attributes=_woo_attributes(node.get("attributes")),
            price=machine_amount(node.get("display_price")) or None,
            list_price=machine_amount(node.get("display_regular_price")) or None,
            currency=read_currency(text_of(node.get("currency")) or ""),
            availability=_flag(node.get("is_in_stock")),
            availability_raw=text_of(node.get("availability_html")),
        )
        for index, node in enumerate(_nodes(variations))
    ]


def _woo_attributes(value: Json) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        return ()
    return tuple(
        (key.removeprefix("attribute_").removeprefix("pa_"), text)
        for key, item in value.items()
        if (text := text_of(item))
    )


def _magento(node: Node, path: str) -> list[Offer]:
    attributes = _magento_attributes(node)
    prices, saleable, skus = node["optionPrices"], node.get("salable"), node.get("sku")
    return [
        Offer(
            path=f"{path}.optionPrices.{key}",
            id=key,
            sku=text_of(skus.get(key)) if isinstance(skus, dict) else None,
            attributes=tuple(attributes.get(key, ())),
            price=_inner(item, "finalPrice"),
            list_price=_inner(item, "oldPrice"),
            availability=_flag(f"'{key}'" in str(saleable)) if saleable else "unknown",
        )
        for key, item in list(prices.items() if isinstance(prices, dict) else ())[:MAX_VARIANTS]
        if isinstance(item, dict)
    ]


def _magento_attributes(node: Node) -> dict[str, list[tuple[str, str]]]:
    """Return {variant id: [(attribute, label)]}."""
    found: dict[str, list[tuple[str, str]]] = {}
    attributes = node.get("attributes")
    for attribute in attributes.values() if isinstance(attributes, dict) else ():
        if not isinstance(attribute, dict):
            continue
        code = text_of(attribute.get("code")) or ""
        for option in _nodes(attribute.get("options")):
            products = option.get("products")
            for product in products if isinstance(products, list) else ():
                found.setdefault(str(product), []).append((code, text_of(option.get("label")) or ""))
    return found


def _inner(item: Node, key: str) -> Decimal | None:
    inner = item.get(key)
    return (machine_amount(inner.get("amount")) or None) if isinstance(inner, dict) else None


def _nodes(value: Json) -> list[Node]:
    return (
        [item for item in value[:MAX_VARIANTS] if isinstance(item, dict)] if isinstance(value, list) else []
    )


def _flag(value: Json) -> Availability:
    if isinstance(value, bool):
        return "in_stock" if value else "out_of_stock"
    return "unknown"
