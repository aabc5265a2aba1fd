from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.comparison import Comparison, compare
from reports.row import Availability, PageType, Row
from reports.snapshot import RECORD_BYTES, Snapshot, SnapshotWriter

AVAILABILITIES: tuple[Availability, ...] = get_args(Availability)


def row(
    path: str = "a",
    *,
    price: str | None = "10.00",
    availability: Availability = "in_stock",
    currency: str | None = "EUR",
    page_type: PageType | None = "product",
    failure: str | None = None,
    position: int = 0,
) -> Row:
    return Row(
        position=position,
        url=f"https://shop.example/{path}",
        page_type=page_type,
        failure=failure,
        price=None if price is None else Decimal(price),
        currency=currency,
        availability=availability,
    )


def failed(path: str = "a", failure: str = "timeout", position: int = 0) -> Row:
    return Row(position=position, url=f"https://shop.example/{path}", failure=failure)


def snapshot(*rows: Row, previous: Snapshot | None = None) -> Snapshot:
    writer = SnapshotWriter(previous)
    for one in rows:
        writer.add(one)
    return Snapshot(writer.to_bytes())


def against(before: Row, after: Row) -> Row:
    (compared,) = compare([after], snapshot(before))
    return compared


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (row(price="10.00"), row(price="10.01"), ("price_up",)),
        (row(price="10.00"), row(price="9.99"), ("price_down",)),
        (row(price="2879.2"), row(price="2879.20"), ()),
        (row(price="10.00"), row(price="12.00", currency="USD"), ()),
        (row(price="10.00"), row(price="12.00", currency=None), ()),
        (row(currency=None), row(price="12.00", currency=None), ("price_up",)),
        (row(price=None), row(price="12.00"), ()),
        (row(), row(availability="out_of_stock"), ("out_of_stock",)),
        (row(availability="preorder"), row(availability="discontinued"), ("out_of_stock",)),
        (row(availability="out_of_stock"), row(availability="discontinued"), ()),
        (row(availability="out_of_stock"), row(availability="limited"), ("back_in_stock",)),
        (row(availability="out_of_stock"), row(availability="preorder"), ()),
        (row(availability="unknown"), row(availability="out_of_stock"), ()),
        (row(), row(availability="unknown"), ()),
        (row(), failed(), ("newly_failing",)),
        (failed(), failed(failure="dns"), ()),
        (row(), row(page_type="blocked", price=None, availability="unknown"), ("newly_failing",)),
        (row(), row(page_type="not_found", availability="out_of_stock"), ("newly_failing",)),
        (failed(), row(availability="out_of_stock"), ()),
        (row(), row(price="11", availability="out_of_stock"), ("price_up", "out_of_stock")),
    ],
)
def test_changes_are_told_only_between_known_states(
    before: Row, after: Row, changes: tuple[str, ...]
) -> None:
    assert against(before, after).changes == changes


def test_a_compared_row_carries_what_was_before() -> None:
    compared = against(row(price="10.00"), row(price="12.50", availability="out_of_stock"))
    assert compared.previous_price == Decimal("10.00")
    assert compared.previous_availability == "in_stock"
    assert compared.price == Decimal("12.50")


def test_an_unknown_availability_before_stays_unknown() -> None:
    assert against(failed(), row()).previous_availability is None


def test_a_url_that_the_run_before_did_not_have_is_new() -> None:
    (compared,) = compare([row("b")], snapshot(row("a")))
    assert compared.changes == ("new",)
    (still,) = compare([failed("b")], snapshot(row("a")))
    assert still.changes == ("new",)


def test_in_the_first_run_of_a_report_nothing_is_new() -> None:
    rows = [row("a"), failed("b")]
    comparison = Comparison(None)
    assert list(comparison.rows(rows)) == rows
    assert comparison.gone_positions() == []


def test_what_is_not_seen_again_is_gone() -> None:
    before = snapshot(*(row(str(i), position=i) for i in range(20)))
    comparison = Comparison(before)
    list(comparison.rows([row(str(i)) for i in range(20) if i not in {3, 17}]))
    assert comparison.gone_positions() == [3, 17]


def test_after_a_day_of_failure_the_comparison_is_with_what_was_last_known() -> None:
    first = snapshot(row(price="10.00"))
    second = snapshot(failed(), previous=first)
    (third,) = compare([row(price="12.00", availability="out_of_stock")], second)
    assert third.changes == ("price_up", "out_of_stock")
    assert third.previous_price == Decimal("10.00")
    assert second.find("https://shop.example/a").failing  # type: ignore[union-attr]


def test_a_page_that_fails_for_days_is_newly_failing_once() -> None:
    first = snapshot(row())
    second = snapshot(failed(), previous=first)
    assert [one.changes for one in compare([failed()], second)] == [()]


@settings(deadline=None)
@given(
    price=st.decimals(0, 10**15, allow_nan=False, places=2) | st.sampled_from([Decimal("1E+3"), None]),
    availability=st.sampled_from(AVAILABILITIES),
    currency=st.sampled_from(["EUR", "USD", None]),
    position=st.integers(0, 2**32 - 1),
)
def test_a_record_reads_back_as_it_was_written(
    price: Decimal | None, availability: Availability, currency: str | None, position: int
) -> None:
    written = Row(
        position=position,
        url="https://shop.example/ü",
        page_type="product",
        price=price,
        currency=currency,
        availability=availability,
    )
    record = snapshot(written).find(written.url)
    assert record is not None
    assert (record.position, record.price, record.currency) == (position, price, currency)
    assert (record.availability, record.failing) == (availability, False)


@pytest.mark.parametrize("price", ["NaN", "-1", "1E+30", "1.1234567890123456789"])
def test_a_price_that_no_shop_has_counts_as_unknown(price: str) -> None:
    record = snapshot(row(price=price)).find("https://shop.example/a")
    assert record is not None
    assert record.price is None


def test_a_snapshot_takes_34_bytes_a_url_and_finds_each_of_them() -> None:
    rows = [row(str(i), price=f"{i}.99", position=i) for i in range(5_000)]
    writer = SnapshotWriter()
    for one in reversed(rows):
        writer.add(one)
    data = writer.to_bytes()
    assert RECORD_BYTES == 34
    assert len(data) == 12 + 34 * 5_000
    found = Snapshot(data)
    assert [found.find(one.url).position for one in rows] == list(range(5_000))  # type: ignore[union-attr]
    assert found.find("https://shop.example/5000") is None


def test_an_empty_run_has_an_empty_snapshot() -> None:
    assert len(snapshot()) == 0
    assert snapshot().find("https://shop.example/a") is None


@pytest.mark.parametrize("data", [b"", b"x" * 100, SnapshotWriter().to_bytes() + b"x"])
def test_what_is_no_snapshot_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="snapshot"):
        Snapshot(data)
