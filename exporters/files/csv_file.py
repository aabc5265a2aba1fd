"""CSV as spreadsheets open it: UTF-8 with a byte order mark, CRLF, text that is never run as a formula."""

import csv
import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from exporters.table import Table
from reports.columns import Cell

_SIGNS: Final = "[=+@\uff1d\uff0b\uff0d\uff20-]"
_FIRST: Final = re.compile(f'[\\t\\r\\n]|[\\s"]*{_SIGNS}')
_BEHIND: Final = re.compile(f'[;\\t\\r\\n][\\s"]*(?={_SIGNS})')
"""Where a spreadsheet would run what follows, full-width signs included: at a cell's start and behind what may part
cells. Excel in German or French parts them at semicolons, inside quotes that open in mid-cell too.

Source: OWASP, CSV injection.
"""


def csv_text(cell: Cell) -> str:
    """Return a cell as CSV text: dot decimals, ISO dates and times, `true` and `false`, nothing for None.

    What a spreadsheet would run in a text gets an apostrophe in front; our own numbers never do.
    """
    match cell:
        case None:
            return ""
        case str():
            return _BEHIND.sub(_apostrophe, f"'{cell}" if _FIRST.match(cell) else cell)
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return f"{cell:f}"
        case datetime():
            return cell.isoformat(timespec="seconds")
        case _:
            return str(cell)


def _apostrophe(found: re.Match[str]) -> str:
    return f"{found[0]}'"  # a function, because a template with a group takes three times as long


def write_csv(table: Table, path: Path) -> None:
    """Write the table's columns as CSV to `path`."""
    # utf-8-sig, because Excel reads a file without the mark in the machine's own code page.
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([csv_text(text) for text in table.headings])
        for cells in table.cells():
            writer.writerow([csv_text(cell) for cell in cells])
