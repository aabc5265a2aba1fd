"""Rows in the terminal: a table for people, JSON for programs, both in the memory of one row."""

import sys
from collections.abc import Iterable
from decimal import Decimal
from itertools import islice
from typing import Final

import msgspec

from console.output import console, print_table
from jobs.definition import Column
from reports.columns import Cell, cells, headings
from reports.reasons import plain_reason, reason
from reports.row import Row

_FIELDS: Final = (
    "position",
    "url",
    "name",
    "price",
    "list_price",
    "currency",
    "availability",
    "result",
    "reason",
)
_COLUMNS: Final = tuple(Column(field=name) for name in _FIELDS)
_HEADINGS: Final = ("#", *headings(_COLUMNS)[1:])
_GIVING_WAY: Final = ("Name", "List price", "Reason")
_URL_CELLS: Final = 24
"""Of a URL's end at the least: there variants of one page differ."""
_ENCODER: Final = msgspec.json.Encoder(decimal_format="string")


def print_rows(rows: Iterable[Row], most: int, total: int | None = None) -> None:
    """Print the first `most` rows as a table, and how many more there are; without `total` they are counted."""
    stream = iter(rows)
    shown = [_texts(row) for row in islice(stream, most)]
    whole = [heading for heading in _HEADINGS if heading != "Name"]
    print_table(_HEADINGS, shown, whole=whole, giving_way=_GIVING_WAY)
    _print_left(sum(1 for _ in stream) if total is None else total - len(shown))


def print_failed_rows(rows: Iterable[Row], most: int) -> None:
    """Print the first `most` of the rows without a product: address, and all that is known of why."""
    stream = iter(rows)
    shown = [(row.url, reason(row), _whole_reason(row)) for row in islice(stream, most)]
    if not shown:
        console.print("every URL of the run has a product")
        return
    print_table(("URL", "Result", "Reason"), shown)
    _print_left(sum(1 for _ in stream))


def print_json_rows(rows: Iterable[Row]) -> None:
    """Print one JSON list, a row a line: every field, and `reason`, the sentence of why it has no product."""
    out = sys.stdout
    out.write("[")
    for number, row in enumerate(rows):
        out.write(",\n" if number else "\n")
        out.write(_ENCODER.encode({**row.every_field(), "reason": plain_reason(row)}).decode())
    out.write("\n]\n")


def _print_left(left: int) -> None:
    if left:
        console.print(f"… and {left:,} more", style="dim")


def _whole_reason(row: Row) -> str:
    """Return the reason as a report says it, with what whoever runs the service wants to know beside."""
    said, detail = plain_reason(row) or "", row.failure_detail or ""
    return said if said.endswith(detail) else f"{said}: {detail}"


def _texts(row: Row) -> list[str]:
    position, url, *texts = (_text(cell) for cell in cells(row, _COLUMNS))
    return [position, _end_of(url), *texts]


def _end_of(url: str) -> str:
    """Return as much of a URL as a quarter of the terminal's line holds, its end; all of it in a pipe."""
    room = max(_URL_CELLS, console.width // 4)
    return url if not console.is_terminal or len(url) <= room else "…" + url[1 - room :]


def _text(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:,.2f}" if cell % 1 else f"{cell:,.0f}"
    return "" if cell is None else str(cell)
