"""Cells on their way to a sheet: nothing is parsed, nothing is lost."""

from datetime import UTC, date, datetime
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.sheets.values import raw_value, serial, typed_value


@pytest.mark.parametrize("text", ["00412", "1-2", "=1+1", "+49 30", "TRUE", "1e5"])
def test_text_is_a_string_value_whatever_it_looks_like(text: str) -> None:
    assert typed_value(text) == {"userEnteredValue": {"stringValue": text}}
    assert raw_value(text) == text


def test_numbers_and_flags_keep_their_types() -> None:
    assert typed_value(Decimal("19.99")) == {"userEnteredValue": {"numberValue": 19.99}}
    assert typed_value(True) == {"userEnteredValue": {"boolValue": True}}
    assert typed_value(0) == {"userEnteredValue": {"numberValue": 0}}


@pytest.mark.parametrize("cell", [None, ""])
def test_nothing_is_an_empty_cell(cell: str | None) -> None:
    assert typed_value(cell) == {}


def test_dates_are_counted_as_sheets_counts_them() -> None:
    # Source: Google Sheets API guide, date and time format options: 1 January 1900 is day 2.
    assert serial(date(1900, 1, 1)) == 2
    assert serial(datetime(2026, 11, 21, 12, 0, tzinfo=UTC)) == 46347.5


def test_text_longer_than_a_cell_is_cut() -> None:
    assert raw_value("x" * 60_000) == "x" * 50_000


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_an_amount_survives_the_way_through_json(amount: Decimal) -> None:
    (back,) = orjson.loads(orjson.dumps([raw_value(amount)]))
    assert Decimal(str(back)) == amount
