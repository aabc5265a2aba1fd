"""Microdata: the values stand in the buy box, in `content` or in `meta` and `link` elements."""

from html import escape

from console.demo.catalogue import Item
from console.demo.layout import money, product_page, struck_price
from console.demo.styles.jsonld import TERMS
from console.demo.words import WORDS


def page(item: Item, base: str) -> str:
    """Return a page with a Product and an Offer in microdata; a list price is only struck through."""
    offer = item.offer
    out = " out" if offer.availability == "out_of_stock" else ""
    box = (
        '<div itemscope itemtype="https://schema.org/Product">\n'
        f'<h1 itemprop="name">{escape(item.name)}</h1>\n{_brand(item)}\n'
        f'<meta itemprop="sku" content="{item.sku}"><meta itemprop="gtin13" content="{item.gtin}">\n'
        f'<link itemprop="image" href="/img/{item.sku}.svg">\n'
        f'<div itemprop="offers" itemscope itemtype="https://schema.org/Offer">\n'
        f'<meta itemprop="priceCurrency" content="{item.market.currency}">\n'
        f'<p><span class="amount" itemprop="price" content="{offer.price}">'
        f"{money(offer.price, item.market)}</span>{struck_price(item)}</p>\n"
        f'<link itemprop="availability" href="http://schema.org/{TERMS[offer.availability]}">\n'
        f'<link itemprop="url" href="{base}{item.path}">\n'
        f'<p class="stock{out}">{WORDS[item.market.code].stock(offer.availability)}</p>\n</div>\n</div>'
    )
    return product_page(item, base, box)


def _brand(item: Item) -> str:
    """Return the brand as text, or as an item of its own, as shops do both."""
    name = escape(item.brand)
    if item.number % 2:
        return f'<p itemprop="brand">{name}</p>'
    kind = "https://schema.org/Brand"
    return f'<p itemprop="brand" itemscope itemtype="{kind}"><span itemprop="name">{name}</span></p>'
