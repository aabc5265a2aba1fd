"""Pages that are no product: listings, carts, articles, error pages, gates. None may become an offer.

A page is others/<what it is>.html and others/<what it is>.json: the visit, and what kind of page it is.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scraping.extraction import extract
from scraping.page import Page

OTHERS = sorted((Path(__file__).parent / "others").glob("*.html"))


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.stem)
def test_a_page_that_is_no_product_gives_no_offer(other: Path) -> None:
    case = json.loads(other.with_suffix(".json").read_text(encoding="utf-8"))
    row = extract(
        Page(
            url=case["url"],
            final_url=case.get("final_url", case["url"]),
            status=case.get("status", 200),
            body=other.read_bytes(),
            content_type="text/html; charset=utf-8",
            fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
        )
    )
    assert (row.page_type, row.price, row.availability) == (case["expect"]["page_type"], None, "unknown")
