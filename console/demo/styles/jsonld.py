"""JSON-LD: one Product, a Product inside `@graph`, and a Product with an AggregateOffer."""

import json
from decimal import Decimal
from typing import Final

from console.demo.catalogue import Item
from console.demo.layout import plain_box, product_page
from reports.row import Availability

Node = dict[str, object]

TERMS: Final[dict[Availability, str]] = {
    "in_stock": "InStock",
    "out_of_stock": "OutOfStock",
    "limited": "LimitedAvailability",
    "preorder": "PreOrder",
    "backorder": "BackOrder",
}


def plain(item: Item, base: str) -> str:
    """Return a page with one Product in its script; every third is in a list, as some shops send it."""
    node: Node = {"@context": "https://schema.org", **product(item, base), "offers": offer(item, base)}
    return product_page(item, base, plain_box(item), script([node] if item.number % 3 == 0 else node))


def graph(item: Item, base: str) -> str:
    """Return a page whose Product stands in `@graph` between the nodes that an SEO plug-in adds."""
    nodes: list[Node] = [
        {"@type": "Organization", "@id": f"{base}/#shop", "name": "Halden & Moor", "url": base},
        {
            "@type": "WebPage",
            "@id": f"{base}{item.path}#page",
            "name": item.name,
            "isPartOf": {"@id": f"{base}/#site"},
        },
        {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": place, "name": name}
                for place, name in enumerate(item.category, start=1)
            ],
        },
        {**product(item, base), "@id": f"{base}{item.path}#product", "offers": [offer(item, base)]},
    ]
    return product_page(
        item, base, plain_box(item), script({"@context": "https://schema.org", "@graph": nodes})
    )


def aggregate(item: Item, base: str) -> str:
    """Return a page with an AggregateOffer of three sellers; the lowest price is the item's."""
    sellers = (("Halden & Moor", Decimal(0)), ("Weststrand", Decimal(4)), ("Krämerei", Decimal(9)))
    offers = [
        {
            **offer(item, base),
            "price": str(item.offer.price + more),
            "seller": {"@type": "Organization", "name": name},
        }
        for name, more in sellers
    ]
    node: Node = {
        "@context": "https://schema.org",
        **product(item, base),
        "offers": {
            "@type": "AggregateOffer",
            "lowPrice": str(item.offer.price),
            "highPrice": str(item.offer.price + sellers[-1][1]),
            "offerCount": len(offers),
            "priceCurrency": item.market.currency,
            "availability": term(item),
            "offers": offers,
        },
    }
    return product_page(item, base, plain_box(item), script(node))


def product(item: Item, base: str) -> Node:
    """Return the Product node without its offers."""
    brand: object = {"@type": "Brand", "name": item.brand} if item.number % 2 else item.brand
    return {
        "@type": "Product",
        "name": item.name,
        "sku": item.sku,
        "gtin13": item.gtin,
        "brand": brand,
        "category": " > ".join(item.category),
        "image": [f"{base}/img/{item.sku}.svg"],
        "url": f"{base}{item.path}",
    }


def offer(item: Item, base: str) -> Node:
    """Return the Offer; where the item is reduced, its regular price as a ListPrice."""
    node: Node = {
        "@type": "Offer",
        "url": f"{base}{item.path}",
        "price": str(item.offer.price) if item.number % 2 else float(item.offer.price),
        "priceCurrency": item.market.currency,
        "availability": term(item),
        "itemCondition": "https://schema.org/NewCondition",
    }
    if item.offer.list_price is not None:
        node["priceSpecification"] = {
            "@type": "UnitPriceSpecification",
            "priceType": "https://schema.org/ListPrice",
            "price": str(item.offer.list_price),
            "priceCurrency": item.market.currency,
        }
    return node


def term(item: Item) -> str:
    """Return the schema.org word for the item's stock, in one of the spellings that shops use."""
    word = TERMS[item.offer.availability]
    spellings = (
        f"https://schema.org/{word}",
        f"http://schema.org/{word}",
        word,
        f"https://schema.org/{word}",
    )
    return spellings[item.number % len(spellings)]


def script(node: object) -> str:
    """Return the script element that holds `node`."""
    text = json.dumps(node, ensure_ascii=False, indent=1).replace("</", "<\\/")
    return f'<script type="application/ld+json">\n{text}\n</script>'
