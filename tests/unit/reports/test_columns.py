"""Columns: every field is known, and a cell says what the row holds."""

from decimal import Decimal

import pytest

from jobs.definition import DEFAULT_COLUMNS, Column
from reports.columns import cells, headings, known_fields, styles, wanted
from reports.row import ROW_FIELDS, ConditionalPrice, FeedClaim, Gtin, Provenance, Row, Variant


def columns(*names: str) -> tuple[Column, ...]:
    return tuple(Column(field=name) for name in names)


FULL = Row(
    url="https://shop.example/kettle",
    page_type="product",
    name="Kettle",
    gtin=(Gtin("gtin13", "4006381333931"), Gtin("gtin8", "96385074")),
    category=("Home", "Kitchen"),
    images=("https://shop.example/1.jpg", "https://shop.example/2.jpg"),
    price=Decimal("18.50"),
    previous_price=Decimal("20.00"),
    conditional_prices=(ConditionalPrice("member", Decimal("17.00")),),
    currency="EUR",
    availability="in_stock",
    previous_availability="out_of_stock",
    changes=("price_down", "back_in_stock"),
    variants=(
        Variant(
            attributes={"colour": "Red", "size": "L"},
            price=Decimal("18.50"),
            currency="EUR",
            availability="in_stock",
        ),
    ),
    provenance={"price": Provenance("jsonld", "offers.price")},
    warnings=("two prices", "old stock"),
    feed=FeedClaim(id="A-1", price="19.00 EUR", availability="in_stock"),
)
EMPTY = Row(url="https://shop.example/gone", failure="timeout")


def test_every_field_of_a_row_but_the_feed_is_a_column() -> None:
    assert set(ROW_FIELDS) - known_fields() == {"feed"}


def test_the_default_columns_are_known() -> None:
    assert set(DEFAULT_COLUMNS) <= known_fields()


@pytest.mark.parametrize("name", sorted(known_fields()))
def test_each_field_gives_one_plain_cell_for_a_full_and_for_an_empty_row(name: str) -> None:
    for row in (FULL, EMPTY):
        (cell,) = cells(row, columns(name))
        assert not isinstance(cell, tuple | dict)


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("gtin", "4006381333931"),
        ("gtins", "4006381333931, 96385074"),
        ("images", "https://shop.example/1.jpg"),
        ("category", "Home > Kitchen"),
        ("changes", "price down, back in stock"),
        ("price_change", Decimal("-1.50")),
        ("price_change_percent", Decimal("-7.5")),
        ("conditional_prices", "member 17.00"),
        ("variants", "Red / L 18.50 EUR (in_stock)"),
        ("variant_count", 1),
        ("provenance", "price: jsonld"),
        ("warnings", "two prices; old stock"),
        ("feed_price", "19.00 EUR"),
        ("feed_sale_price", None),
        ("feed_verdict", "price_differs"),
        ("feed_detail", "19.00 EUR in the feed, 18.50 EUR on the page"),
        ("host", "shop.example"),
        ("result", "product"),
    ],
)
def test_a_derived_field_reads_as_people_expect(name: str, cell: object) -> None:
    assert cells(FULL, columns(name)) == [cell]


def test_the_result_of_a_failed_url_is_its_failure() -> None:
    assert cells(EMPTY, columns("result", "price_change", "feed_price", "gtin")) == [
        "timeout",
        None,
        None,
        None,
    ]


def test_a_url_that_is_none_has_no_host() -> None:
    assert cells(Row(url="http://[::1", failure="bad_url"), columns("host")) == [None]


def test_headings_are_the_columns_own_or_made_of_the_field() -> None:
    chosen = (*columns("url", "list_price", "gtin", "feed_id"), Column(field="price", heading="Preis"))
    assert headings(chosen) == ["URL", "List price", "GTIN", "Feed ID", "Preis"]


def test_an_unknown_field_is_an_error() -> None:
    with pytest.raises(KeyError):
        cells(FULL, columns("colour"))


def test_styles_follow_the_columns() -> None:
    assert styles(columns("gtin", "price", "discount_percent", "fetched_at")) == [
        "text",
        "money",
        "percent",
        "datetime",
    ]


def test_wanted_holds_what_the_comparison_needs_whatever_the_columns_are() -> None:
    assert wanted(columns("url")) == {"name", "price", "currency", "availability"}


def test_wanted_holds_what_a_derived_column_is_made_of() -> None:
    assert {"gtin", "list_price", "price", "images"} <= wanted(
        columns("gtins", "discount_percent", "image_count")
    )


def test_wanted_names_only_what_stands_on_pages() -> None:
    assert wanted(columns("previous_price", "changes", "feed_price", "failure", "fetched_at")) == wanted(())
