"""Site rules: what a person says of a shop's pages is stronger than anything the page says."""

from datetime import UTC, datetime
from decimal import Decimal

from jobs.definition import SiteRules
from reports.row import FeedClaim, Row
from scraping.extraction import examine, extract
from scraping.page import Page

BODY = """<html lang="de"><title>Kettle</title>
<script type="application/ld+json">
{"@type":"Product","name":"Kettle","offers":{"price":"1.00","priceCurrency":"EUR"}}
</script>
<script id="s" type="application/json">{"product":{"ean":"4006381333931","cents":3995}}</script>
<h1>Kettle</h1><b class="p">1.039,95</b><i data-sku="K-1">x</i><p class="left">Noch 7 Stück</p>"""


def page(body: str = BODY) -> Page:
    """Return a page with this body."""
    return Page(
        url="https://shop.example/p",
        final_url="https://shop.example/p",
        status=200,
        body=body.encode(),
        fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
    )


def read(rules: dict[str, object]) -> Row:
    """Extract the page by these rules."""
    return extract(page(), rules=SiteRules.model_validate({"fields": rules}))


def test_a_css_rule_with_a_decimal_separator_beats_markup() -> None:
    row = read({"price": {"css": ".p", "decimal": ","}})
    assert row.price == Decimal("1039.95")
    assert row.provenance["price"].source == "rule"


def test_xpath_attribute_jsonpath_regex_and_cents_are_understood() -> None:
    row = read(
        {
            "sku": {"css": "[data-sku]", "attribute": "data-sku"},
            "name": {"xpath": "//h1"},
            "gtin": {"jsonpath": "$.product.ean"},
            "price": {"jsonpath": "$.product.cents", "cents": True},
            "stock_quantity": {"css": ".left", "regex": r"Noch (\d+)"},
        }
    )
    assert (row.sku, row.name, row.price, row.stock_quantity) == ("K-1", "Kettle", Decimal("39.95"), 7)
    assert [gtin.value for gtin in row.gtin] == ["4006381333931"]


def test_a_rule_that_finds_nothing_or_no_value_leaves_a_warning_and_the_markup() -> None:
    row = read({"price": {"css": ".gone"}, "rating": {"css": "h1"}})
    assert row.price == Decimal("1.00")
    assert sum("rule" in warning for warning in row.warnings) == 2


def test_a_rule_for_the_list_price_that_reads_none_gives_way_and_says_so() -> None:
    body = BODY.replace(
        '"price":"1.00"', '"price":"1.00","priceSpecification":{"priceType":"ListPrice","price":"3.50"}'
    )
    rules = SiteRules.model_validate(
        {"fields": {"list_price": {"css": ".left", "regex": r"Noch (\d+)", "cents": True}}}
    )
    row = extract(page(body), rules=rules)
    assert row.list_price == Decimal("3.50")
    assert row.provenance["list_price"].source == "jsonld"
    assert "list_price: rule says 0.07, which is not above the price 1.00" in row.warnings


def test_only_wanted_fields_are_read() -> None:
    row = extract(page(), wanted=frozenset({"price"}))
    assert row.price == Decimal("1.00")
    assert row.gtin == ()


def test_every_source_is_heard_when_a_page_is_examined() -> None:
    said = {reading.source for reading in examine(page()) if reading.found}
    assert {"jsonld", "dom"} <= said


def test_a_feed_fills_codes_and_a_differing_price_is_told() -> None:
    row = extract(page(), feed=FeedClaim(id="F-1", gtin="4006381333931", price="2.00 EUR"))
    assert row.product_id == "F-1"
    assert row.provenance["gtin"].source in {"feed", "state"}
    assert "price: jsonld says 1.00, feed says 2.00" in row.warnings
