"""What the bytes around a heading prove of names there is what the outline says: no such name, no code, no brand."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.row import Provenance
from scraping.extraction.document.document import Document
from scraping.extraction.dom import brand as dom_brand
from scraping.extraction.dom import codes as dom_codes
from scraping.extraction.dom.source import read_dom
from scraping.extraction.dom.surroundings import BEHIND, Surroundings
from scraping.extraction.reading import Context, Found, Reading
from scraping.page import Page

HEADING = "Steel Kettle Deluxe"
CODES = (dom_codes._STEMS, dom_codes._NAMED_IN_BYTES, dom_codes._ATTRIBUTES)
PIECES = st.sampled_from(
    [
        '<b class="sku">AB-12</b>', "<b class=sku>AB-12</b>", "<b class = 'x item-no'>AB-12</b>", "<p>Item no 12</p>",
        '<i data-sku="AB-12">x</i>', '<i data-product-id="12">x</i>', '<a href="/product-code/1">12</a>', "don't <i>",
        '<i title="a > b" class="ean">4006381333931</i>', "<product-code>12</product-code>", "</i></p>", "<p>",
        '<form data-product-code="12"><button>Buy</button></form>', '<i alt="sku" id=x>12</i>', "<nav><b>x</b></nav>",
        '<a class="brand">Kotlowa</a>', '<a href="/brand/kotlowa">Kotlowa</a>', '<i title="brand">Kotlowa</i>',
        '<a href="/x/vendor-1"><img alt="Kotlowa"></a>', "<b>brand</b>", '<p class="manufacturer">Kotlowa GmbH</p>',
    ]
)  # fmt: skip


def around(body: str) -> tuple[Document, Surroundings]:
    """Return a page whose markup calls the product by its heading, and what stands around that."""
    url = "https://shop.example/p/steel-kettle-deluxe"
    html = f"<title>{HEADING}</title><body>{body}</body>".encode()
    document = Document(
        Page(url=url, final_url=url, status=200, body=html, fetched_at=datetime(2026, 11, 21, tzinfo=UTC))
    )
    document.names.append(HEADING)
    return document, Surroundings(document)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=4), st.lists(PIECES, max_size=6))
def test_where_the_bytes_name_no_code_and_no_brand_the_whole_page_names_none(
    before: list[str], after: list[str]
) -> None:
    body = f"{''.join(before)}<h1>{HEADING}</h1>{''.join(after)}"
    context = Context(wanted=frozenset({"sku", "mpn", "gtin"}))
    part, whole = Reading("dom"), Reading("dom")
    dom_codes.say_named_codes(part, around(body)[1], context)
    document, read = around(body)
    assert document.near_outline is not None  # serves instead of a part
    dom_codes.say_named_codes(whole, read, context)
    assert part.found == whole.found or not part.found
    if not around(body)[1].may_name(*CODES):
        dom_codes._say_attribute(whole, document.near_outline)
        assert not whole.found
    if not around(body)[1].may_name(
        dom_brand._STEMS, dom_brand._NAME_IN_BYTES, dom_brand._ATTRIBUTES, dom_brand._NAMING
    ):
        dom_brand._say_named(whole, document.near_outline)
        assert "brand" not in whole.found


@pytest.mark.parametrize(
    ("piece", "named"),
    [
        ('<b class="sku">AB-12</b>', True), ("<b id=product-code>12</b>", True), ("<item-no>12</item-no>", True),
        ('<b title="a > b" class="sku">12</b>', True), ('<b data-product-id="12">x</b>', False),
        ('<a href="/item-no/12">x</a>', False), ("<p>The item no is 12</p>", False), ("<p>a > b: item no</p>", False),
        ('<b data-tip="<i>x</i>" class="sku">12</b>', True), ('<b title="1 > 0" class=sku>12</b>', True),
        ('<b title="x"class="sku">12</b>', True), ("<b data-tip='<i>x</i>' class='sku'>12</b>", True),
    ],
)  # fmt: skip
def test_a_name_counts_in_the_attributes_by_which_shops_name_an_element(piece: str, named: bool) -> None:
    assert around(f"<h1>{HEADING}</h1>{piece}")[1].may_name(*CODES) is named


def test_an_attribute_behind_the_heading_is_read_from_a_part_and_one_before_it_from_the_whole_page() -> None:
    form = '<form data-product-code="AB-12"><button>Buy</button></form>'
    far = "<p>More of kettles.</p>" * (BEHIND // 10)
    for body, parsed in ((f"<h1>{HEADING}</h1>{form}{far}", False), (f"{form}{far}<h1>{HEADING}</h1>", True)):
        document, read = around(body)
        reading = Reading("dom")
        dom_codes.say_named_codes(reading, read, Context(wanted=frozenset({"sku"})))
        assert reading.found["sku"].value == "AB-12"
        assert document.has_near_outline is parsed


@pytest.mark.parametrize(
    "unseen",
    [
        "<SCRIPT>write('<h1>Free delivery</h1>')</SCRIPT>", "<style>/* <h1>Free delivery</h1> */</style>",
        "<svg><text><h1>Free delivery</h1></text></svg>", f"<SCRIPT>name = '<h1>{HEADING}</h1>'</SCRIPT>",
        "<h1>Kettles</h1>", "<script>write('<h1>Free delivery</h1>')</script>",
    ],
)  # fmt: skip
def test_the_heading_is_found_in_the_lean_page_behind_one_that_is_not_seen(unseen: str) -> None:
    part = around(f"{unseen}<h1>{HEADING}</h1><b>39.95 EUR</b><h1>Steel Pan</h1><b>9.95 EUR</b>")[
        1
    ].from_heading()
    assert part is not None
    assert part.startswith(f"<h1>{HEADING}</h1><b>39.95".encode())


@pytest.mark.parametrize("wanted", [{"sku"}, {"sku", "currency", "list_price"}, {"sku", "availability"}])
def test_a_code_is_read_as_far_behind_the_heading_whatever_else_is_asked_for(wanted: set[str]) -> None:
    far = f'<i class="{"grow " * 100}">x</i>' * (BEHIND // 600)
    body = f'<h1>{HEADING}</h1><p>39.95 EUR</p>{far}<b class="sku">AB-12</b><p>In stock</p>{far * 4}'
    document, _ = around(body)
    context = Context(
        wanted=frozenset(wanted),
        found={"price": Found(Decimal("39.95"), Provenance("jsonld", "script[0].offers.price"))},
    )
    assert read_dom(document, context).found["sku"].value == "AB-12"
