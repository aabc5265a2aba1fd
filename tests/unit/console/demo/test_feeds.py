"""What the demo shop tells machines."""

import csv
import gzip
import io

from lxml import etree
from protego import Protego

from console.demo import feeds
from console.demo.catalogue import PRODUCT_ANSWERS, catalogue

BASE = "http://127.0.0.1:8099"
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
ITEMS = catalogue(1)


def locations(xml: bytes) -> list[str]:
    return [str(place) for place in etree.fromstring(xml).xpath("//s:loc/text()", namespaces=SITEMAP)]


def test_the_sitemap_lists_every_page_in_order() -> None:
    assert locations(feeds.sitemap(ITEMS, BASE).encode()) == [BASE + item.path for item in ITEMS]


def test_the_parts_of_the_index_together_are_the_sitemap() -> None:
    parts = [feeds.sitemap_part(ITEMS, BASE, part) for part in range(1, feeds.SITEMAP_PARTS + 1)]
    found = [place for part in parts for place in locations(gzip.decompress(part))]
    assert found == [BASE + item.path for item in ITEMS]
    assert len(locations(feeds.sitemap_index(BASE).encode())) == feeds.SITEMAP_PARTS


def test_robots_txt_closes_the_members_page_and_nothing_else() -> None:
    rules = Protego.parse(feeds.robots(BASE))
    closed = [item.answer for item in ITEMS if not rules.can_fetch(BASE + item.path, "shelfbeat")]
    assert closed == ["robots"]


def test_both_feeds_claim_the_same_of_the_same_products() -> None:
    names = {"g": "http://base.google.com/ns/1.0"}
    entries = etree.fromstring(feeds.feed_rss(ITEMS, BASE).encode()).xpath("//item")
    lines = list(csv.DictReader(io.StringIO(feeds.feed_csv(ITEMS, BASE))))
    assert len(entries) == len(lines) == sum(item.answer in PRODUCT_ANSWERS for item in ITEMS)
    for entry, line in zip(entries, lines, strict=True):
        assert entry.findtext("link") == line["link"]
        for name in ("id", "gtin", "price", "sale_price", "availability"):
            assert entry.findtext(f"g:{name}", "", names) == line[name]


def test_a_reduced_product_has_its_regular_price_as_price_and_the_lower_one_as_sale_price() -> None:
    lines = {line["id"]: line for line in csv.DictReader(io.StringIO(feeds.feed_csv(ITEMS, BASE)))}
    for item in ITEMS:
        if item.sku in lines and item.offer.list_price is not None:
            assert lines[item.sku]["price"] == f"{item.offer.list_price} {item.market.currency}"
            assert lines[item.sku]["sale_price"] == f"{item.offer.price} {item.market.currency}"
