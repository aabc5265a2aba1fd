"""What the peers read from a page: the same columns, by XPath over an lxml tree and json, as scrapers are written."""

import json
from typing import Any

COLUMNS = ("name", "brand", "sku", "gtin", "mpn", "price", "list_price", "currency", "availability")


def read_columns(tree: Any) -> dict[str, Any]:
    """Return the default columns of a page's lxml tree: JSON-LD, else microdata, else OpenGraph."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    for script in tree.xpath('//script[@type="application/ld+json"]/text()'):
        data = json.loads(script)
        if data.get("@type") == "Product":
            offer = data.get("offers", {})
            row |= {
                "name": data.get("name"),
                "brand": (data.get("brand") or {}).get("name"),
                "sku": data.get("sku"),
                "gtin": data.get("gtin13"),
                "mpn": data.get("mpn"),
                "price": offer.get("price"),
                "currency": offer.get("priceCurrency"),
                "availability": offer.get("availability"),
            }
    if row["price"] is None:
        for field, place in (
            ("name", '//*[@itemprop="name"]/text()'),
            ("price", '//*[@itemprop="price"]/@content'),
            ("currency", '//*[@itemprop="priceCurrency"]/@content'),
            ("availability", '//*[@itemprop="availability"]/@href'),
        ):
            row[field] = next(iter(tree.xpath(place)), None)
    if row["price"] is None:
        row["name"] = next(iter(tree.xpath('//meta[@property="og:title"]/@content')), None)
        row["price"] = next(iter(tree.xpath('//meta[@property="product:price:amount"]/@content')), None)
        row["currency"] = next(iter(tree.xpath('//meta[@property="product:price:currency"]/@content')), None)
    row["list_price"] = next(iter(tree.xpath('//del[contains(@class, "price")]/text()')), None)
    return row
