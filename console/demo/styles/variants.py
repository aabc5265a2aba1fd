"""Variants: a ProductGroup in three sizes; the page's own address names the first."""

from decimal import Decimal

from stdnum import ean

from console.demo.catalogue import Item
from console.demo.layout import plain_box, product_page
from console.demo.styles.jsonld import Node, offer, product, script


def group(item: Item, base: str) -> str:
    """Return a page with `hasVariant`: the first size is the item, the second sold out, the third dearer."""
    node: Node = {
        "@context": "https://schema.org",
        "@type": "ProductGroup",
        "name": item.name,
        "productGroupID": f"G{item.number}",
        "brand": {"@type": "Brand", "name": item.brand},
        "url": f"{base}{item.path}",
        "variesBy": ["https://schema.org/size"],
        "hasVariant": [
            {**product(item, base), "size": "S", "offers": offer(item, base)},
            _variant(item, base, "M", price=item.offer.price, availability="OutOfStock"),
            _variant(item, base, "L", price=item.offer.price + 10, availability=_third(item)),
        ],
    }
    sizes = "".join(f"<option>{size}</option>" for size in "SML")
    return product_page(item, base, f"{plain_box(item)}\n<select>{sizes}</select>", script(node))


def _variant(item: Item, base: str, size: str, *, price: Decimal, availability: str) -> Node:
    url = f"{base}{item.path}?size={size}"
    stem = item.gtin[:10] + ("01" if size == "M" else "02")
    return {
        **product(item, base),
        "name": f"{item.name} {size}",
        "sku": f"{item.sku}-{size}",
        "gtin13": stem + str(ean.calc_check_digit(stem)),
        "url": url,
        "size": size,
        "offers": {
            **offer(item, base),
            "url": url,
            "price": str(price),
            "availability": f"https://schema.org/{availability}",
        },
    }


def _third(item: Item) -> str:
    return "OutOfStock" if item.offer.availability == "out_of_stock" else "InStock"
