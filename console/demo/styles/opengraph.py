"""OpenGraph: what shops tell social networks, in `meta` elements; no code of the article among them."""

from html import escape

from console.demo.catalogue import Item
from console.demo.layout import plain_box, product_page


def page(item: Item, base: str) -> str:
    """Return a page that says what it sells in `og:` and `product:` properties."""
    offer = item.offer
    values = {
        "og:type": "product",
        "og:title": item.name,
        "og:url": f"{base}{item.path}",
        "og:image": f"{base}/img/{item.sku}.svg",
        "og:site_name": "Halden & Moor",
        "product:brand": item.brand,
        "product:retailer_item_id": item.sku,
        "product:price:amount": str(offer.price),
        "product:price:currency": item.market.currency,
        "product:availability": "out of stock" if offer.availability == "out_of_stock" else "in stock",
        "product:condition": "new",
    }
    if offer.list_price is not None:
        values["product:original_price:amount"] = str(offer.list_price)
        values["product:original_price:currency"] = item.market.currency
    head = "\n".join(f'<meta property="{name}" content="{escape(value)}">' for name, value in values.items())
    return product_page(item, base, plain_box(item), head)
