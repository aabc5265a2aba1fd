"""Places in a grid: A1 names and API ranges. Rows and columns count from 0, ends are exclusive."""

import re
from typing import Any, Final, NamedTuple

_A1: Final = re.compile(r"([A-Z]{1,3})([1-9][0-9]*)")


class Place(NamedTuple):
    """One cell."""

    row: int
    column: int


def parse_cell(a1: str) -> Place:
    """Return the place of `B3`: row 2, column 1. Raises ValueError."""
    match = _A1.fullmatch(a1)
    if match is None:
        message = f"no cell in A1 notation: {a1}"
        raise ValueError(message)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return Place(int(match[2]) - 1, column - 1)


def column_name(column: int) -> str:
    """Return the letters of a column: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def a1_range(tab: str, first: Place, last: Place) -> str:
    """Return the absolute range of two corners, both included: `'Tab'!A1:C9`."""
    quoted = tab.replace("'", "''")
    return f"'{quoted}'!{column_name(first.column)}{first.row + 1}:{column_name(last.column)}{last.row + 1}"


def grid_range(
    tab: int, top: int, left: int, *, rows: int | None = None, columns: int | None = None
) -> dict[str, Any]:
    """Return a GridRange of the API; without `rows` or `columns` it reaches the grid's edge."""
    found = {"sheetId": tab, "startRowIndex": top, "startColumnIndex": left}
    if rows is not None:
        found["endRowIndex"] = top + rows
    if columns is not None:
        found["endColumnIndex"] = left + columns
    return found
