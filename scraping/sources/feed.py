"""Merchant product feeds: RSS and Atom with g: names, CSV and TSV with the same names as headings.

Source: Google product data specification; RSS 2.0, Atom (RFC 4287).
"""

from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

from lxml import etree

from reports.row import FeedClaim
from scraping.sources.errors import UnusableContent
from scraping.sources.tables import Row, csv_rows
from scraping.sources.xml import elements, local_name, looks_like_xml, root_name, text_of

_ENTRIES: Final = frozenset({"item", "entry", "product"})
_CLAIMS: Final = ("id", "gtin", "price", "sale_price", "sale_price_effective_date", "availability")
_ROOTS: Final = frozenset({"rss", "feed", "rdf", "channel", "products"})


def feed_products(stream: BinaryIO) -> Iterator[tuple[str, FeedClaim]]:
    """Yield the link of each product and what the feed claims of it; what has no link is left out.

    Raises UnusableContent for what is no feed, lxml.etree.XMLSyntaxError, csv.Error.
    """
    return _xml(stream) if looks_like_xml(stream) else _table(csv_rows(stream))


def _xml(stream: BinaryIO) -> Iterator[tuple[str, FeedClaim]]:
    kind = root_name(stream)
    if kind not in _ROOTS:
        message = f"no product feed: its root is <{kind}>, not <rss> or <feed>"
        raise UnusableContent(message)
    for entry in elements(stream, _ENTRIES):
        values: dict[str, str] = {}
        for child in entry:
            name = local_name(child)
            if name == "link" and not _is_page_link(child):
                continue
            value = child.get("href") or text_of(child) if name == "link" else text_of(child)
            if name in {"link", *_CLAIMS} and value:
                values.setdefault(name, value)
        if "link" in values:
            yield values["link"], _claim(values)


def _is_page_link(element: etree._Element) -> bool:
    """Atom puts several links into an entry; the page is the one without `rel` or with `alternate`."""
    return element.get("rel", "alternate") == "alternate"


def _table(rows: Iterator[Row]) -> Iterator[tuple[str, FeedClaim]]:
    header = next((row for row in rows if any(cell.strip() for cell in row)), None)
    if header is None:
        return
    names = [_heading(cell) for cell in header]
    if "link" not in names:
        shown = ", ".join(repr(cell.strip()[:60]) for cell in header[:50] if cell.strip())
        message = f"no column 'link'; it has {shown}"
        raise UnusableContent(message)
    places: dict[str, int] = {name: names.index(name) for name in ("link", *_CLAIMS) if name in names}
    for row in rows:
        values: dict[str, str] = {
            name: row[index].strip() for name, index in places.items() if index < len(row)
        }
        if values.get("link"):
            yield values["link"], _claim(values)


def _heading(cell: str) -> str:
    """Return a heading in the specification's form: `g:sale_price` and `Sale price` are `sale_price`."""
    return cell.strip().casefold().removeprefix("g:").replace(" ", "_")


def _claim(values: Mapping[str, str]) -> FeedClaim:
    return FeedClaim(**{name: values.get(name) or None for name in _CLAIMS})
