"""How the command speaks: tables for people, JSON for programs, and exit codes that mean something."""

import json
import sys
from collections.abc import Collection, Sequence
from typing import Any, Final, NoReturn

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table

DONE: Final = 0
RUN_FAILED: Final = 1
WRONG_USAGE: Final = 2
UNREACHABLE: Final = 3

PIPE_WIDTH: Final = 220
"""Characters of a line where no terminal says how wide it is: rather long lines than ids and paths cut in two."""
_GAP: Final = 2
"""Cells between two columns."""
_LEAST_CELLS: Final = 8
# No markup and no emoji: what is printed is data, and a product may be called "Shirt [blue]".
console: Final = Console(
    highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else PIPE_WIDTH
)
errors: Final = Console(stderr=True, highlight=False, markup=False, emoji=False)


def print_json(value: Any) -> None:
    """Print one JSON document, indented."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def print_table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str | None = None,
    whole: Collection[str] = (),
    giving_way: Sequence[str] = (),
    piped_width: int = PIPE_WIDTH,
) -> None:
    """Print a table for people; columns under the headings `whole` are not folded in a narrow terminal.

    The columns `giving_way` share what the others leave, the first named first: each is cut to one line, and left out
    where hardly a word of it would be seen. `piped_width`: cells of a line where no terminal says it.
    """
    width = console.width if console.is_terminal else min(console.width, piped_width)
    room = _room(headings, rows, giving_way, width)
    shown = [number for number, heading in enumerate(headings) if room.get(heading, 1)]
    table = Table(
        title=title,
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="bold",
        padding=(0, _GAP, 0, 0),
    )
    for number in shown:
        heading = headings[number]
        # An id cut short cannot be copied.
        table.add_column(heading, overflow="fold", no_wrap=heading in whole or heading in room)
    for row in rows:
        table.add_row(*(_cut(row[number], room.get(headings[number])) for number in shown))
    console.print(table)


def _room(
    headings: Sequence[str], rows: Sequence[Sequence[str]], giving_way: Sequence[str], line: int
) -> dict[str, int]:
    """Return how many cells of a `line` each column that gives way has; 0: it is left out."""
    natural = {
        heading: max([cell_len(heading), *(cell_len(row[number]) for row in rows)])
        for number, heading in enumerate(headings)
    }
    left = line + _GAP - sum(width + _GAP for heading, width in natural.items() if heading not in giving_way)
    room = {}
    for heading in giving_way:
        width = min(natural[heading], left - _GAP)
        room[heading] = width if width >= min(natural[heading], _LEAST_CELLS) else 0
        left -= room[heading] + _GAP if room[heading] else 0
    return room


def _cut(text: str, cells: int | None) -> str:
    """Return a text on one line of so many cells; as it is where they are not given."""
    if cells is None:
        return text
    line = " ".join(text.split())
    return line if cell_len(line) <= cells else set_cell_size(line, cells - 1).rstrip() + "…"


def stop(message: str, code: int) -> NoReturn:
    """Say what is wrong and end with an exit code."""
    errors.print(message, style="red", soft_wrap=True)
    raise typer.Exit(code)
