"""CSV cells: nothing that a spreadsheet would run, nothing that a number would lose."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from exporters.files.csv_file import csv_text


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30", "-5", "@SUM(A1)", "\ttab", "\rx", "\uff1d1+1", "=cmd|' /C calc'!A0"]
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert csv_text(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Kettle;=1+1", "Kettle;'=1+1"),
        ("Kettle; -1;@SUM(A1)", "Kettle; '-1;'@SUM(A1)"),
        ('Kettle;"=1+1"', 'Kettle;"\'=1+1"'),
        ("Kettle\t+1", "Kettle\t'+1"),
        ("Kettle\r\n=1+1", "Kettle\r\n'=1+1"),
        ("\t=1", "'\t'=1"),
        (" =1+1", "' =1+1"),
    ],
)
def test_a_formula_behind_what_may_part_cells_gets_one_too(text: str, written: str) -> None:
    # Excel in German or French reads a semicolon as the end of a cell.
    assert csv_text(text) == written


@pytest.mark.parametrize(
    "text", ["00412", "a-b;c", "5;6 - 7", "Kettle = hot", "https://shop.example/?a=1", ""]
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert csv_text(text) == text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (Decimal("-1.50"), "-1.50"),
        (Decimal("1E+3"), "1000"),
        (7, "7"),
        (True, "true"),
        (False, "false"),
        (date(2026, 11, 21), "2026-11-21"),
        (datetime(2026, 11, 21, 5, 0, 1, 9, tzinfo=UTC), "2026-11-21T05:00:01+00:00"),
    ],
)
def test_values_are_written_the_same_way_everywhere(cell: Decimal | None, text: str) -> None:
    assert csv_text(cell) == text
