"""Microdata: items inside items."""

from datetime import UTC, datetime
from decimal import Decimal

from reports.row import Row
from scraping.extraction import extract
from scraping.page import Page

KETTLE = (
    b'<body><div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Steel kettle</h1>'
    b'<div itemprop="aggregateRating" itemscope itemtype="https://schema.org/AggregateRating">'
    b'<meta itemprop="ratingValue" content="4.5"><meta itemprop="reviewCount" content="11"></div>'
    b'<div itemprop="offers" itemscope itemtype="https://schema.org/Offer">'
    b'<span itemprop="price" content="39.95">39,95</span><meta itemprop="priceCurrency" content="EUR">'
    b'<link itemprop="availability" href="https://schema.org/InStock"></div></div>'
)


def row(body: bytes) -> Row:
    url = "https://shop.example/p/kettle"
    return extract(Page(url=url, final_url=url, status=200, body=body, fetched_at=datetime.now(UTC)))


def test_an_offer_inside_its_product_is_one_offer_and_so_no_variants() -> None:
    read = row(KETTLE)
    assert (read.price, read.price_min, read.price_max) == (Decimal("39.95"), None, None)
    assert read.provenance["price"].path == "itemscope[0].offers.price"
    assert read.variants == ()


def test_a_rating_inside_its_product_is_read() -> None:
    read = row(KETTLE)
    assert (read.rating, read.review_count) == (Decimal("4.5"), 11)
