"""Workbook cells: what Excel can hold of a value."""

from datetime import UTC, date, datetime
from decimal import Decimal

from exporters.files.xlsx_file import _distinct, xlsx_value


def test_a_time_loses_its_zone_because_a_workbook_has_none() -> None:
    assert xlsx_value(datetime(2026, 11, 21, 5, tzinfo=UTC)) == datetime(2026, 11, 21, 5)  # noqa: DTZ001


def test_text_is_cut_at_the_length_that_excel_opens() -> None:
    cell = xlsx_value("x" * 40_000)
    assert isinstance(cell, str)
    assert len(cell) == 32_767


def test_amounts_are_numbers_and_the_rest_stays() -> None:
    assert [xlsx_value(cell) for cell in (Decimal("19.99"), 7, True, None, date(2026, 1, 2), "00412")] == [
        19.99,
        7,
        True,
        None,
        date(2026, 1, 2),
        "00412",
    ]


def test_equal_headings_are_told_apart() -> None:
    assert _distinct(["Price", "Name", "Price", "Price"]) == ["Price", "Name", "Price (2)", "Price (3)"]
