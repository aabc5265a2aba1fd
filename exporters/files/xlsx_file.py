"""XLSX in constant memory: frozen header, filter, number formats, colours; text is never a formula.

rust_xlsxwriter, through rustpy-xlsxwriter, takes a sixth of XlsxWriter's processor time in the same memory
(docs/publishing.md has the figures).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final

from rustpy_xlsxwriter import Format, write_worksheets

from exporters.colours import GREEN, GREY, RED, Highlight, highlights
from exporters.table import Table
from exporters.widths import characters
from reports.columns import Cell, Style
from reports.rendering import is_link

MOST_ROWS: Final = 1_048_575
"""Rows that one sheet holds below its header. Source: Excel specifications and limits."""
_LONGEST_TEXT: Final = 32_767
MOST_LINKS: Final = 65_530
"""Links that one sheet holds; Excel offers to repair a workbook with more. Source: as above."""
_LINK: Final = "url"
"""The field whose cells are links."""
_NUMBER_FORMATS: Final[dict[Style, str]] = {
    "percent": '0.0"%"',
    "date": "yyyy-mm-dd",
    "datetime": "yyyy-mm-dd hh:mm:ss",
    "text": "@",
}
_FILLS: Final = {RED: "#F4C7C3", GREEN: "#B7E1CD", GREY: "#E0E0E0"}


def number_formats(table: Table) -> list[str | None]:
    """Return the number format of each column."""
    formats = {**_NUMBER_FORMATS, "money": table.money_format}
    return [formats.get(style) for style in table.styles]


def xlsx_value(cell: Cell) -> object:
    """Return a cell as the writer takes it: floats, naive UTC times, text cut at Excel's limit."""
    match cell:
        case str():
            return cell[:_LONGEST_TEXT]
        case Decimal():
            return float(cell)  # Excel holds doubles, and so shows 19.99 for 19.99
        case datetime():
            return cell.replace(tzinfo=None)  # a workbook knows no zone; ours are UTC
        case _:
            return cell


def write_xlsx(table: Table, path: Path, *, rows_a_sheet: int = MOST_ROWS) -> None:
    """Write the table to `path` as a sheet named Report, and as Report 2, 3, … what one cannot hold."""
    names = _distinct(table.headings)
    fields = [column.field for column in table.columns]
    links = [name for name, field in zip(names, fields, strict=True) if field == _LINK]
    if table.total * len(links) > MOST_LINKS:
        links = []
    sheets = _sheets(table, names, links, rows_a_sheet)
    formats = {
        name: Format().set_num_format(form)
        for name, form in zip(names, number_formats(table), strict=True)
        if form is not None
    }
    colours: dict[str, Any] = {
        name: [_rule(item) for item in found]
        for name, field in zip(names, fields, strict=True)
        if (found := highlights(field))
    }
    texts = [name for name, style in zip(names, table.styles, strict=True) if style == "text"]
    titles = [title for title, _ in sheets]
    write_worksheets(
        sheets,
        str(path),
        freeze_panes={"general": {"row": 1, "col": 0}},
        autofilter=dict.fromkeys(titles, True),
        header_format={title: Format().set_bold().set_background_color("#EEEEEE") for title in titles},
        column_widths={title: [characters(field) for field in fields] for title in titles},
        column_formats=dict.fromkeys(titles, formats),
        conditional_formats=dict.fromkeys(titles, colours),
        url_columns=dict.fromkeys(titles, links),
        ignore_errors=dict.fromkeys(titles, texts),
    )


def _sheets(
    table: Table, names: list[str], links: list[str], rows_a_sheet: int
) -> list[tuple[str, Iterable[dict[str, Any]] | Any]]:  # the writer's own type, a list being invariant
    """Return name and records of each sheet; the writer takes them one after the other from one stream."""
    stream = table.cells()
    count = max(1, -(-table.total // rows_a_sheet))
    return [
        (
            "Report" if number == 1 else f"Report {number}",
            _records(islice(stream, rows_a_sheet), names, links),
        )
        for number in range(1, count + 1)
    ]


def _records(cells: Iterator[list[Cell]], names: list[str], links: list[str]) -> Iterator[dict[str, object]]:
    written = 0
    for row in cells:
        record = dict(zip(names, map(xlsx_value, row), strict=True))
        for name in links:
            record[name] = _link(str(record[name]))
        yield record
        written += 1
    if not written:
        yield dict.fromkeys(names)  # the writer takes the header from the first record


def _link(text: str) -> str:
    """Return a cell that the writer may make a link: what may be none gets a word joiner around each colon.

    The writer would link `file://` and `internal:` too, and leave the scheme out of what is read in the cell. It writes
    a link's control characters as they are, and then no program opens the workbook.
    """
    return text if is_link(text) and text.isprintable() else text.replace(":", "\u2060:\u2060")


def _rule(item: Highlight) -> dict[str, object]:
    fill = Format().set_background_color(_FILLS[item.colour])
    return {"type": "text", "criteria": "contains", "value": item.text, "format": fill}


def _distinct(headings: list[str]) -> list[str]:
    """Return headings that differ, as the writer keys columns by them: a second `Price` is `Price (2)`."""
    seen: dict[str, int] = {}
    names = []
    for heading in headings:
        seen[heading] = seen.get(heading, 0) + 1
        names.append(heading if seen[heading] == 1 else f"{heading} ({seen[heading]})")
    return names
