"""Product pages as the large shop systems render them, read with their markup and without it.

A shop is shops/<system>.html and shops/<system>.json: its address and the record that is right. The page is read
a second time with JSON-LD, microdata and meta tags taken away, as a shop without markup shows it; `unmarked` holds
what the visible page alone cannot tell or tells otherwise: a bare `$` names no currency, a stock line may know more
than the markup.
"""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reports.row import Row
from scraping.extraction import extract
from scraping.page import Page

SHOPS = sorted((Path(__file__).parent / "shops").glob("*.html"))
_MARKUP = re.compile(
    r"<script type=.application/ld\+json.>.*?</script>|<meta (?:property|name|itemprop)=[^>]*>"
    r"|\s(?:itemprop|itemscope|itemtype)(?:=\"[^\"]*\")?(?=[\s>])",
    re.DOTALL,
)


def read(case: dict[str, Any], html: str) -> Row:
    """Extract a shop's page."""
    return extract(
        Page(
            url=case["url"],
            final_url=case["url"],
            status=200,
            body=html.encode(),
            content_type="text/html; charset=utf-8",
            fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
        )
    )


def told(row: Row, expected: dict[str, Any]) -> dict[str, Any]:
    """Return what a row says of the expected fields, as the expectation is written."""
    said: dict[str, Any] = {field: getattr(row, field) for field in expected}
    for field in ("price", "list_price"):
        if isinstance(expected.get(field), str) and said[field] is not None:
            same = said[field] == Decimal(expected[field])
            said[field] = expected[field] if same else str(said[field])
    if "gtin" in said:
        said["gtin"] = [gtin.value for gtin in row.gtin]
    return said


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.stem)
@pytest.mark.parametrize("marked", [True, False], ids=["with its markup", "without markup"])
def test_a_page_of_a_shop_system_is_read(shop: Path, marked: bool) -> None:
    case = json.loads(shop.with_suffix(".json").read_text(encoding="utf-8"))
    html = shop.read_text(encoding="utf-8")
    expected = {"page_type": "product", "list_price": None, **case["expect"]}
    if not marked:
        html = _MARKUP.sub("", html)
        expected |= case.get("unmarked", {})
    assert told(read(case, html), expected) == expected
