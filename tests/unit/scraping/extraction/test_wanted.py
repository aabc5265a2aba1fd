"""What a report shows decides what is read of a page."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

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
