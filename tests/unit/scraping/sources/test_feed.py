"""Collecting from merchant feeds."""

import pytest

from reports.row import FeedClaim, ProductUrl
from scraping.sources.errors import UnusableSource
from tests.support.sources import SITE, gather, urls


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_feed_may_be_in_any_usual_encoding(encoding: str) -> None:
    assert urls({"feed": "f.xml"}, RSS.replace("?>", f' encoding="{encoding}"?>', 1).encode(encoding)) == [
        f"{SITE}/a",
        f"{SITE}/b",
    ]
    assert urls({"feed": "f.tsv"}, TSV.encode(encoding)) == [f"{SITE}/a"]


RSS = """<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>
<title>Shop</title><link>https://shop.example</link>
<item><g:id>7</g:id><title><![CDATA[Kettle]]></title><link><![CDATA[ https://shop.example/a ]]></link>
<g:gtin>4006381333931</g:gtin><g:price>29.90 EUR</g:price><g:sale_price>19.90 EUR</g:sale_price>
<g:sale_price_effective_date>2026-11-21T00:00+0100/2026-11-24T23:59+0100</g:sale_price_effective_date>
<g:availability>in_stock</g:availability></item>
<item><g:id>8</g:id><g:link>https://shop.example/b</g:link></item><item><g:id>9</g:id></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<link rel="self" href="https://shop.example/feed"/>
<entry><g:id>7</g:id><link rel="enclosure" href="https://shop.example/a.jpg"/>
<link href="https://shop.example/a"/><g:price>29.90 EUR</g:price></entry></feed>"""
TSV = (
    "id\tTitle\tlink\tSale price\tg:price\r\n7\tKettle\thttps://shop.example/a\t\t29.90 EUR\r\n8\tx\t\t\t\r\n"
)


def test_an_rss_feed_gives_links_and_what_it_claims() -> None:
    found = gather([{"feed": "f.xml"}], {"/jobs/f.xml": RSS.encode()})
    assert [product.url for product in found] == [f"{SITE}/a", f"{SITE}/b"]
    assert found[0].feed == FeedClaim(
        id="7",
        gtin="4006381333931",
        price="29.90 EUR",
        sale_price="19.90 EUR",
        sale_price_effective_date="2026-11-21T00:00+0100/2026-11-24T23:59+0100",
        availability="in_stock",
    )
    assert found[1].feed == FeedClaim(id="8")


@pytest.mark.parametrize("content", [ATOM, TSV])
def test_atom_and_tsv_feeds_say_the_same(content: str) -> None:
    (found,) = gather([{"feed": "f"}], {"/jobs/f": content.encode()})
    assert found == ProductUrl(0, f"{SITE}/a", FeedClaim(id="7", price="29.90 EUR"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><item/></html>", "its root is <html>"),
        (b"id,url\n1,x\n", "no column 'link'; it has 'id', 'url'"),
        (b"", "it holds no URL"),
    ],
)
def test_what_is_no_feed_is_told(content: bytes, words: str) -> None:
    with pytest.raises(UnusableSource, match=words):
        urls({"feed": "f"}, content)
