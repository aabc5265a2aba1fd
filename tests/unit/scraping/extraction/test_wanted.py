"""What a report shows decides what is read of a page."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobs.definition import DEFAULT_COLUMNS
from reports.row import Row
from scraping.extraction import extract
from scraping.page import Page

TRAPS = Path(__file__).parent / "traps"


def row(wanted: frozenset[str] | None) -> Row:
    url = "https://shop.example/p/kettle"
    body = (TRAPS / "a_product_group_with_variants.html").read_bytes()
    body = body.replace(b"<head>", b'<head><link rel="canonical" href="https://shop.example/kettle">')
    page = Page(url=url, final_url=url, status=200, body=body, fetched_at=datetime(2026, 11, 21, tzinfo=UTC))
    return extract(page, wanted=wanted)


@pytest.mark.parametrize("wanted", [None, frozenset({"canonical_url", "variants", "price"})])
def test_variants_and_the_canonical_address_are_told_where_a_column_shows_them(
    wanted: frozenset[str] | None,
) -> None:
    told = row(wanted)
    assert told.canonical_url == "https://shop.example/kettle"
    assert len(told.variants) > 1


def test_variants_and_the_canonical_address_cost_nothing_where_no_column_shows_them() -> None:
    told = row(frozenset({"name", "price"}))
    assert (told.canonical_url, told.variants) == (None, ())
    assert told.price == row(None).price


@pytest.mark.parametrize(
    "told",
    [
        "<!-- <body> --><META property=og:brand content=Kotlowa>{link}</head><body>",
        "<script>frame.write('<body>')</script>{link}</head><body>",
        "<!--[if IE]><body class=ie><![endif]-->{link}</head><!--[if !IE]><!--><body><!--<![endif]-->",
        "{link}<body>",
        "</head>\n<body>{link}<meta name=a content=b>",
    ],
)
def test_a_body_in_a_script_or_comment_of_the_head_does_not_end_it(told: str) -> None:
    link = '<link rel="canonical" href="https://shop.example/kettle">'
    body = f"<html><head><title>Kettle</title>{told.format(link=link)}<h1>Kettle</h1></body></html>".encode()
    url = "https://shop.example/p/kettle"
    page = Page(url=url, final_url=url, status=200, body=body, fetched_at=datetime(2026, 11, 21, tzinfo=UTC))
    assert extract(page).canonical_url == "https://shop.example/kettle"


MARKED = """<html lang="en"><head><title>Steel Kettle</title>{meta}
<script type="application/ld+json">{{"@type": "Product", "name": "Steel Kettle", "sku": "K-1", "offers":
{{"@type": "Offer", "price": "39.95", "priceCurrency": "EUR", "availability": "InStock"{more}}}}}</script></head>
<body><h1>Steel Kettle</h1><p class="price">{shown}<b>39.95 €</b></p></body></html>"""
FORMER = '<meta property="product:original_price:amount" content="59.90">'
COLUMNS = frozenset({"name", "sku", "price", "list_price", "currency", "availability"})
COLUMN_SETS = [COLUMNS, COLUMNS | {"brand"}, COLUMNS | {"gtin"}, frozenset(DEFAULT_COLUMNS), None]


def listed(wanted: frozenset[str] | None, **parts: str) -> tuple[str, str] | None:
    """Return (amount, source) of the list price of a page whose JSON-LD says all but that."""
    body = MARKED.format(**{"meta": "", "more": "", "shown": ""} | parts).encode()
    url = "https://shop.example/p/kettle"
    page = Page(url=url, final_url=url, status=200, body=body, fetched_at=datetime(2026, 11, 21, tzinfo=UTC))
    read = extract(page, wanted=wanted)
    assert read.price is not None
    return None if read.list_price is None else (str(read.list_price), read.provenance["list_price"].source)


@pytest.mark.parametrize("wanted", COLUMN_SETS)
def test_a_list_price_is_what_the_page_shows_whatever_weaker_markup_says(
    wanted: frozenset[str] | None,
) -> None:
    assert listed(wanted, meta=FORMER) is None
    assert listed(wanted, shown="<del>59.90 €</del> ") == ("59.90", "dom")


@pytest.mark.parametrize("wanted", COLUMN_SETS)
def test_a_list_price_beside_the_price_in_the_same_markup_is_believed(wanted: frozenset[str] | None) -> None:
    more = """, "priceSpecification": {"@type": "UnitPriceSpecification", "price": "59.90",
    "priceCurrency": "EUR", "priceType": "https://schema.org/ListPrice"}"""
    assert listed(wanted, more=more) == ("59.90", "jsonld")


@pytest.mark.parametrize("wanted", COLUMN_SETS)
def test_weaker_markup_is_asked_for_a_list_price_where_the_page_may_show_one(
    wanted: frozenset[str] | None,
) -> None:
    assert listed(wanted, meta=FORMER, shown="Save big, 59.90 € before. ") == ("59.90", "opengraph")
