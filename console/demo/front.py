"""The demo shop's entrance and its pictures."""

from collections.abc import Sequence
from html import escape

from console.demo.catalogue import MARKETS, Item
from console.demo.layout import frame, money


def entrance(items: Sequence[Item]) -> str:
    """Return the front page, which links every page and says how it is made."""
    cards = "".join(
        f'<div class="card"><a href="{item.path}">{escape(item.name)}</a>'
        f"<br>{money(item.offer.price, item.market)}"
        f'<br><span class="hint">{item.answer if item.answer != "page" else item.style}</span></div>'
        for item in items
    )
    links = " · ".join(
        f'<a href="{path}">{path}</a>'
        for path in ("/sitemap.xml", "/sitemap_index.xml", "/feed.xml", "/feed.csv", "/robots.txt")
    )
    return frame(
        MARKETS["uk"],
        "Everything",
        f'<h1>Everything we sell</h1><p>{links}</p><div class="others">{cards}</div>',
    )


def picture(path: str) -> str:
    """Return a drawing in a colour of the article's own."""
    hue = sum(path.encode()) % 360
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">'
        f'<rect width="48" height="48" fill="hsl({hue} 45% 88%)"/>'
        f'<circle cx="24" cy="26" r="11" fill="hsl({hue} 45% 45%)"/>'
        f'<rect x="21" y="8" width="6" height="9" rx="2" fill="hsl({hue} 45% 30%)"/></svg>'
    )
