"""Files on a real disk, read back by other libraries than those that wrote them."""

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import get_args

import openpyxl
import pytest
from pyarrow import parquet

from exporters.files import xlsx_file
from exporters.files.writing import remove_unfinished, write_file
from exporters.files.xlsx_file import write_xlsx
from exporters.table import Table
from jobs.definition import Column, FileFormat
from reports.row import ChangeKind, Gtin, Row

NAMES = (
    "url",
    "name",
    "sku",
    "gtin",
    "price",
    "discount_percent",
    "availability",
    "changes",
    "fetched_at",
    "price_valid_until",
    "purchasable",
    "rating",
)
COLUMNS = tuple(Column(field=name) for name in NAMES)
AT = datetime(2026, 11, 21, 5, 0, 1, tzinfo=UTC)
DOWN: tuple[ChangeKind, ...] = ("price_down",)


def row(position: int) -> Row:
    return Row(
        position=position,
        url=f"https://shop.example/{position}",
        page_type="product",
        name='=HYPERLINK("http://evil.example")' if position == 0 else f"Kettle Ü {position}\x0b",
        sku=f"00{position}",
        gtin=(Gtin("gtin13", "4006381333931"),),
        price=Decimal("19.99") + position,
        discount_percent=Decimal("12.5"),
        availability="out_of_stock" if position % 2 else "in_stock",
        purchasable=not position % 2,
        changes=DOWN if position % 2 else (),
        fetched_at=AT,
        price_valid_until=date(2026, 12, 1) if position % 3 else None,
        rating=Decimal("4.5"),
    )


def table(total: int = 5) -> Table:
    return Table(COLUMNS, total, lambda: map(row, range(total)))


def test_a_csv_opens_in_excel_and_runs_nothing(tmp_path: Path) -> None:
    path = write_file("csv", table(), tmp_path / "new" / "folder", "report")
    assert path.is_absolute()
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5
    assert rows[0]["Name"] == '\'=HYPERLINK("http://evil.example")'
    assert [rows[1][name] for name in ("SKU", "Price", "Purchasable")] == ["001", "20.99", "false"]


def test_jsonl_holds_every_field_and_amounts_as_text(tmp_path: Path) -> None:
    path = write_file("jsonl", table(), tmp_path, "rows")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["position"] for line in lines] == [0, 1, 2, 3, 4]
    assert lines[0]["price"] == "19.99"
    assert lines[0]["name"].startswith("=HYPERLINK")
    assert set(lines[0]) == set(Row.__struct_fields__)


def test_a_workbook_holds_text_numbers_dates_and_no_formula(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write_file("xlsx", table(), tmp_path, "report")).active
    assert sheet is not None
    by_name = {str(cell.value): number for number, cell in enumerate(sheet[1], start=1)}

    def at(name: str, number: int = 2) -> object:
        return sheet.cell(number, by_name[name]).value

    name = sheet.cell(2, by_name["Name"])
    assert (name.data_type, str(name.value)[:10]) == ("s", "=HYPERLINK")
    assert (at("SKU", 3), at("GTIN"), at("Price"), at("Purchasable")) == ("001", "4006381333931", 19.99, True)
    assert at("Price valid until", 3) == datetime(2026, 12, 1)  # noqa: DTZ001 - a workbook has no zone
    assert sheet.cell(2, by_name["Fetched at"]).number_format == "yyyy-mm-dd hh:mm:ss"
    assert sheet.cell(2, by_name["Price"]).number_format == "#,##0.00"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:L6")
    coloured = {str(found.sqref) for found in sheet.conditional_formatting}
    assert coloured == {"G2:G6", "H2:H6"}


def test_web_addresses_in_a_workbook_are_links_and_nothing_else_is(tmp_path: Path) -> None:
    listed = [
        "https://shop.example/a?b=1&c=2",
        "HTTP://Shop.example/",
        "kettle",
        "",
        "https://s.example/" + "x" * 3000,
    ]
    listed += [
        "file://evil.example/share",
        "FTP://x/y",
        "mailto:a@b.example",
        "internal:Report!A1",
        "javascript:x",
    ]
    rows = [Row(position=position, url=url, name=url) for position, url in enumerate(listed)]
    written = Table((Column(field="url"), Column(field="name")), len(rows), lambda: iter(rows))
    write_xlsx(written, tmp_path / "report.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx").worksheets[0]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [str(cell.value or "").replace("\u2060", "") for cell in cells] == listed
    assert [cell.value for cell in cells if cell.hyperlink] == listed[:2]
    assert all(row[1].hyperlink is None for row in sheet.iter_rows(min_row=2))


@pytest.mark.parametrize("odd", ["\x01", "\x1f", "\x7f", "\u2028", "\ufffe"])
def test_an_address_with_a_control_character_is_no_link_and_leaves_the_workbook_readable(
    tmp_path: Path, odd: str
) -> None:
    row = Row(position=0, url=f"https://s.example/p{odd}?a=1")
    write_xlsx(Table((Column(field="url"),), 1, lambda: iter([row])), tmp_path / "report.xlsx")
    cell = openpyxl.load_workbook(tmp_path / "report.xlsx").worksheets[0]["A2"]
    assert cell.hyperlink is None
    assert str(cell.value).replace("\u2060", "").startswith("https://s.example/p")


def test_a_workbook_holds_no_more_links_than_excel_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for most, links in ((5, 5), (4, 0)):
        monkeypatch.setattr(xlsx_file, "MOST_LINKS", most)
        write_xlsx(table(5), tmp_path / "report.xlsx")
        sheet = openpyxl.load_workbook(tmp_path / "report.xlsx").worksheets[0]
        assert sum(1 for cell in sheet["A"] if cell.hyperlink) == links


@pytest.mark.parametrize(("decimals", "shown"), [(0, "#,##0"), (2, "#,##0.00"), (3, "#,##0.000")])
def test_amounts_are_shown_in_the_decimals_of_the_reports_currencies(
    decimals: int, shown: str, tmp_path: Path
) -> None:
    written = replace(table(), decimals=decimals)
    sheet = openpyxl.load_workbook(write_file("xlsx", written, tmp_path, "report")).worksheets[0]
    price = sheet.cell(2, NAMES.index("price") + 1)
    assert (price.number_format, price.value) == (shown, 19.99)


def test_amounts_in_a_csv_have_the_decimals_of_their_currency_and_lose_none(tmp_path: Path) -> None:
    amounts = [("5059.0", "EUR"), ("25619", "JPY"), ("281230.00", "JPY"), ("56.9", "USD"), ("448.90", "GBP")]
    amounts += [("1.2345", "EUR"), ("12.5", "JPY"), ("3.35", "KWD"), ("7", "")]
    rows = [Row(url="", price=Decimal(price), currency=currency or None) for price, currency in amounts]
    written = Table((Column(field="price"),), len(rows), lambda: iter(rows))
    path = write_file("csv", written, tmp_path, "report")
    assert path.read_text("utf-8-sig").split()[1:] == [
        *("5059.00", "25619", "281230", "56.90", "448.90", "1.2345", "12.5", "3.350", "7.00")
    ]


def test_what_one_sheet_cannot_hold_goes_on_in_the_next(tmp_path: Path) -> None:
    write_xlsx(table(5), tmp_path / "report.xlsx", rows_a_sheet=2)
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert book.sheetnames == ["Report", "Report 2", "Report 3"]
    urls = [[cell.value for cell in sheet["A"]] for sheet in book.worksheets]
    assert urls == [
        ["URL", "https://shop.example/0", "https://shop.example/1"],
        ["URL", "https://shop.example/2", "https://shop.example/3"],
        ["URL", "https://shop.example/4"],
    ]
    assert {(sheet.freeze_panes, sheet["A1"].font.b) for sheet in book.worksheets} == {("A2", True)}


def test_an_empty_report_is_a_workbook_with_a_header(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write_file("xlsx", table(0), tmp_path, "report")).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]][:2] == ["URL", "Name"]


def test_parquet_columns_are_typed(tmp_path: Path) -> None:
    read = parquet.read_table(write_file("parquet", table(), tmp_path, "report"))
    assert [str(read.schema.field(name).type) for name in ("sku", "price", "fetched_at", "purchasable")] == [
        "string",
        "decimal128(18, 4)",
        "timestamp[us, tz=UTC]",
        "bool",
    ]
    assert read.column("price").to_pylist()[:2] == [Decimal("19.9900"), Decimal("20.9900")]
    assert read.column("rating").to_pylist()[0] == 4.5


@pytest.mark.parametrize("fmt", get_args(FileFormat))
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(fmt: str, tmp_path: Path) -> None:
    path = write_file(fmt, table(), tmp_path, "report")
    before = path.read_bytes()

    def breaks() -> Iterator[Row]:
        yield row(0)
        raise ConnectionError("the run store went away")

    with pytest.raises(ConnectionError):
        write_file(fmt, Table(COLUMNS, 5, breaks), tmp_path, "report")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("fmt", get_args(FileFormat))
def test_a_repeat_leaves_one_file(fmt: str, tmp_path: Path) -> None:
    for _ in range(2):
        write_file(fmt, table(), tmp_path, "report")
    assert [found.name for found in tmp_path.iterdir()] == [f"report.{fmt}"]


def test_an_unknown_format_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such format: doc; there are csv, jsonl, parquet, xlsx"):
        write_file("doc", table(), tmp_path, "report")


def test_what_a_killed_attempt_left_is_removed_once_it_is_old(tmp_path: Path) -> None:
    folder = tmp_path / "acme" / "2026-11-21"
    kept = write_file("csv", table(), folder, "report")
    dead, young = (folder / f".report.{mark * 32}.part.csv" for mark in "ab")
    other = folder / ".notes.part.txt"
    for path in (dead, young, other):
        path.write_text("half")
    os.utime(dead, (1_000, 1_000))
    os.utime(other, (1_000, 1_000))
    assert remove_unfinished(tmp_path, before=2_000) == 1
    assert set(folder.iterdir()) == {kept, young, other}
