"""What the demo shop tells machines: robots.txt, sitemaps, and merchant feeds as RSS and CSV."""

import csv
import gzip
import io
from collections.abc import Sequence
from decimal import Decimal
from html import escape
from typing import Final

from console.demo.catalogue import PRODUCT_ANSWERS, Item

SITEMAP_PARTS: Final = 3
_SITEMAP_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_FEED_COLUMNS: Final = ("id", "title", "link", "gtin", "brand", "price", "sale_price", "availability")


def robots(base: str) -> str:
    """Return robots.txt: the members' pages are closed to everyone."""
    return f"User-agent: *\nDisallow: /*/members/\n\nSitemap: {base}/sitemap_index.xml\n"


def sitemap(items: Sequence[Item], base: str) -> str:
    """Return one sitemap of all given pages."""
    entries = "".join(f"<url><loc>{escape(base + item.path)}</loc></url>\n" for item in items)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{_SITEMAP_NAMESPACE}">\n{entries}</urlset>\n'
    )


def sitemap_index(base: str) -> str:
    """Return the index of the gzipped parts, which together list what `sitemap` does, in its order."""
    entries = "".join(
        f"<sitemap><loc>{base}/sitemap-{part}.xml.gz</loc></sitemap>\n"
        for part in range(1, SITEMAP_PARTS + 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<sitemapindex xmlns="{_SITEMAP_NAMESPACE}">\n{entries}</sitemapindex>\n'
    )


def sitemap_part(items: Sequence[Item], base: str, part: int) -> bytes:
    """Return one gzipped part, counted from 1."""
    size = -(-len(items) // SITEMAP_PARTS)
    return gzip.compress(sitemap(items[(part - 1) * size : part * size], base).encode(), mtime=0)


def feed_rss(items: Sequence[Item], base: str) -> str:
    """Return the merchant feed as RSS 2.0 with Google's `g:` names."""
    entries = "".join(
        "<item>\n"
        + "".join(
            f"<{name if name in ('title', 'link') else f'g:{name}'}>{escape(value)}"
            f"</{name if name in ('title', 'link') else f'g:{name}'}>\n"
            for name, value in _claims(item, base).items()
            if value
        )
        + "</item>\n"
        for item in _sold(items)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n'
        f"<channel>\n<title>Halden &amp; Moor</title>\n<link>{base}/</link>\n{entries}</channel>\n</rss>\n"
    )


def feed_csv(items: Sequence[Item], base: str) -> str:
    """Return the merchant feed as CSV with a heading line."""
    text = io.StringIO()
    writer = csv.DictWriter(text, _FEED_COLUMNS)
    writer.writeheader()
    writer.writerows(_claims(item, base) for item in _sold(items))
    return text.getvalue()


def _sold(items: Sequence[Item]) -> list[Item]:
    return [item for item in items if item.answer in PRODUCT_ANSWERS]


def _claims(item: Item, base: str) -> dict[str, str]:
    """Return an item as the feed has it; `price` is the regular one, as Google asks."""
    offer, currency = item.offer, item.market.currency
    reduced = offer.list_price is not None
    stock = "in_stock" if offer.availability == "limited" else offer.availability
    return {
        "id": item.sku,
        "title": item.name,
        "link": base + item.path,
        "gtin": item.gtin,
        "brand": item.brand,
        "price": _amount(offer.list_price or offer.price, currency),
        "sale_price": _amount(offer.price, currency) if reduced else "",
        "availability": stock,
    }


def _amount(amount: Decimal, currency: str) -> str:
    return f"{amount} {currency}"
