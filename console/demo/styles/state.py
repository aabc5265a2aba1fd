"""Embedded state: the data a page's own scripts start from, as Next.js writes it or as a shop system does."""

import json

from console.demo.catalogue import Item
from console.demo.layout import product_page
from console.demo.styles.dom import visible_box
from console.demo.styles.jsonld import Node


def page(item: Item, base: str) -> str:
    """Return a page with `__NEXT_DATA__`, or with a Shopify-like product whose amounts are whole cents."""
    script = _next_data(item, base) if item.number % 2 else _shop_script(item)
    return product_page(item, base, f"{visible_box(item)}\n{script}")


def _next_data(item: Item, base: str) -> str:
    product: Node = {
        "id": item.number,
        "name": item.name,
        "brand": {"name": item.brand},
        "sku": item.sku,
        "gtin": item.gtin,
        "url": f"{base}{item.path}",
        "price": {
            "amount": str(item.offer.price),
            "currency": item.market.currency,
            "listAmount": None if item.offer.list_price is None else str(item.offer.list_price),
        },
        "availability": "OUT_OF_STOCK" if item.offer.availability == "out_of_stock" else "IN_STOCK",
    }
    data = {"props": {"pageProps": {"product": product}}, "page": "/[market]/[slug]/[sku]", "buildId": "demo"}
    return f'<script id="__NEXT_DATA__" type="application/json">{_embed(data)}</script>'


def _shop_script(item: Item) -> str:
    """Return the product as a Shopify theme writes it: every amount in whole cents."""
    offer = item.offer
    price = int(offer.price * 100)
    regular = None if offer.list_price is None else int(offer.list_price * 100)
    available = offer.availability != "out_of_stock"
    variant: Node = {
        "id": 40_000_000 + item.number,
        "title": "Default Title",
        "sku": item.sku,
        "barcode": item.gtin,
        "price": price,
        "compare_at_price": regular,
        "available": available,
    }
    product: Node = {
        "id": 70_000_000 + item.number,
        "title": item.name,
        "handle": item.path.split("/")[-2],
        "vendor": item.brand,
        "type": item.category[1],
        "price": price,
        "price_min": price,
        "price_max": price,
        "available": available,
        "compare_at_price": regular,
        "variants": [variant],
    }
    return f'<script type="application/json" data-product-json>{_embed(product)}</script>'


def _embed(data: object) -> str:
    return json.dumps(data, ensure_ascii=False).replace("</", "<\\/")
