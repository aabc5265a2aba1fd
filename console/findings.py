"""What a report found, as a table in the terminal."""

from decimal import Decimal
from itertools import islice
from typing import Any

from console.output import console, print_table
from jobs.definition import Column
from reports.columns import Cell, cells, headings
from reports.row import Row
from tasks.compared import compared_rows
from tasks.context import Context

_COLUMNS = tuple(
    Column(field=name) for name in ("name", "price", "list_price", "currency", "availability", "result")
)
_WIDEST = 44


def print_findings(here: Context, view: dict[str, Any], rows: int = 15) -> None:
    """Print the first `rows` rows of an ended run, then its figures."""
    run = here.ledger.run(view["run"])
    if view["urls"]:
        first = list(islice(compared_rows(here, run), rows))
        print_table(headings(_COLUMNS), [_texts(row) for row in first])
        if view["urls"] > rows:
            console.print(f"… and {view['urls'] - rows} more", style="dim")
    console.print()
    style = "green" if run.state == "published" else "yellow" if run.state == "published_with_gaps" else "red"
    console.print(run.state.replace("_", " "), style=style, end=": ")
    console.print(f"{view['urls'] or 0} URLs, {view['products']} products")
    for reason, count in sorted(view["failures"].items(), key=lambda pair: -pair[1]):
        console.print(f"  {count:>6}  {reason}")
    if view["reason"]:
        console.print(view["reason"], style="red", markup=False)


def _texts(row: Row) -> list[str]:
    texts = [_text(cell) for cell in cells(row, _COLUMNS)]
    texts[0] = texts[0] or row.url
    return [text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…" for text in texts]


def _text(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:,.2f}" if cell % 1 else f"{cell:,.0f}"
    return "" if cell is None else str(cell)
