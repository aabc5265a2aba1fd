"""Plain DOM: a page for people alone, read by a site rule or by looking at the document."""

from html import escape

from console.demo.catalogue import Item
from console.demo.layout import money, product_page, struck_price
from console.demo.words import WORDS


def page(item: Item, base: str) -> str:
    """Return a page whose values stand only in what people see."""
    return product_page(item, base, visible_box(item))


def visible_box(item: Item) -> str:
    """Return the buy box with the class names that the shop's site rules point at (console.demo.rules)."""
    words = WORDS[item.market.code]
    out = " out" if item.offer.availability == "out_of_stock" else ""
    return (
        f'<h1 class="title-line">{escape(item.name)}</h1>\n'
        f'<p><span class="price-now">{money(item.offer.price, item.market)}</span>{struck_price(item)}</p>\n'
        f'<p class="stock stock-line{out}">{words.stock(item.offer.availability)}</p>\n'
        f'<table>\n<tr><th>{words.brand}</th><td class="brand-line">{escape(item.brand)}</td></tr>\n'
        f'<tr><th>{words.article}</th><td class="code-line">{item.sku}</td></tr>\n'
        f'<tr><th>EAN</th><td class="ean-line">{item.gtin}</td></tr>\n</table>'
    )
