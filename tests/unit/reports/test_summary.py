from decimal import Decimal
from typing import get_args

import msgspec

from jobs.definition import GateField
from reports.row import Availability, ChangeKind, Gtin, PageType, Row
from reports.summary import KEPT, LISTED, PRODUCT_FIELDS, Summary, summarise


def product(position: int = 0, **fields: object) -> Row:
    row = Row(
        position=position,
        url=f"https://shop.example/{position}",
        page_type="product",
        name=f"Product {position}",
        price=Decimal("10.00"),
        currency="EUR",
        availability="in_stock",
    )
    return msgspec.structs.replace(row, **fields)


def repriced(position: int, old: str, new: str) -> Row:
    kind: ChangeKind = "price_up" if Decimal(new) > Decimal(old) else "price_down"
    return product(position, price=Decimal(new), previous_price=Decimal(old), changes=(kind,))


def test_products_and_reasons_add_up_to_the_urls() -> None:
    pages: list[PageType | None] = ["product", "product", "not_found", "blocked", None, None]
    failures = [None, None, None, None, "timeout", "timeout"]
    rows = [
        Row(url=str(i), page_type=page, failure=failure)
        for i, (page, failure) in enumerate(zip(pages, failures, strict=True))
    ]
    summary = summarise(rows)
    assert (summary.urls, summary.products) == (6, 2)
    assert summary.failures == {"timeout": 2, "not_found": 1, "blocked": 1}
    assert summary.page_types == {"product": 2, "not_found": 1, "blocked": 1}
    assert summary.coverage == 2 / 6


def test_a_field_counts_as_read_only_with_a_value() -> None:
    rows = [
        product(0, gtin=(Gtin("gtin13", "4006381333931"),), stock_quantity=0, condition="new"),
        product(1, name=None, availability="unknown", stock_quantity=None),
    ]
    fields = summarise(rows).fields
    assert fields["gtin"] == fields["name"] == fields["availability"] == fields["stock_quantity"] == 0.5
    assert (fields["price"], fields["condition"], fields["brand"]) == (1.0, 0.5, 0.0)
    assert set(fields) == set(PRODUCT_FIELDS)


def test_a_gate_may_ask_for_every_field_that_is_counted() -> None:
    assert get_args(GateField) == PRODUCT_FIELDS


def test_the_largest_price_changes_come_first_by_percent() -> None:
    rows = [
        repriced(0, "100", "101"),
        repriced(1, "10", "5"),
        repriced(2, "10", "20"),
        repriced(3, "10", "5"),
    ]
    summary = summarise(rows)
    assert [(change.position, str(change.percent)) for change in summary.price_changes] == [
        (2, "100.0"),
        (1, "-50.0"),
        (3, "-50.0"),
        (0, "1.0"),
    ]
    assert summary.price_changed == 4
    assert (summary.count("price_up"), summary.count("price_down")) == (2, 2)


def test_a_price_that_was_zero_has_no_percent_and_ranks_last() -> None:
    changes = summarise([repriced(0, "0", "5"), repriced(1, "100", "100.5")]).price_changes
    assert [(change.position, change.percent) for change in changes] == [(1, Decimal("0.5")), (0, None)]


def test_a_summary_stays_small_however_many_rows_change() -> None:
    rows = [
        product(
            i,
            name="x" * 10_000,
            previous_price=Decimal(i + 1),
            changes=("price_up", "out_of_stock"),
            currency=f"{i:03}",
        )
        for i in range(3_000)
    ]
    summary = summarise(rows, gone=9_000, gone_urls=(f"https://shop.example/old/{i}" for i in range(9_000)))
    assert len(summary.price_changes) == len(summary.gone_urls) == KEPT
    assert len(summary.out_of_stock) == LISTED
    assert (summary.count("out_of_stock"), summary.gone) == (3_000, 9_000)
    assert len(msgspec.json.encode(summary)) < 60_000


def test_every_kind_of_change_is_named_in_the_order_of_the_list() -> None:
    kinds: list[ChangeKind] = ["out_of_stock", "back_in_stock", "new", "out_of_stock"]
    states: list[Availability] = ["out_of_stock", "limited", "in_stock", "discontinued"]
    rows = [
        product(i, changes=(kind,), availability=state)
        for i, (kind, state) in enumerate(zip(kinds, states, strict=True))
    ]
    rows.append(Row(position=4, url="https://shop.example/4", failure="http_404", changes=("newly_failing",)))
    summary = summarise(rows)
    assert [(item.position, item.note) for item in summary.out_of_stock] == [
        (0, "out_of_stock"),
        (3, "discontinued"),
    ]
    assert [item.name for item in summary.back_in_stock] == ["Product 1"]
    assert [item.position for item in summary.new] == [2]
    assert [item.note for item in summary.newly_failing] == ["http_404"]


def test_a_summary_reads_back_from_json() -> None:
    summary = summarise([repriced(0, "10", "5"), product(1, warnings=("prices disagree",))], gone=1)
    assert msgspec.json.decode(msgspec.json.encode(summary), type=Summary) == summary
    assert summary.warned == 1


def test_a_run_of_no_urls_has_a_summary() -> None:
    summary = summarise([])
    assert (summary.urls, summary.coverage, summary.fields["price"]) == (0, 0.0, 0.0)
