"""How the command speaks: tables for people, JSON for programs, and exit codes that mean something."""

import json
import sys
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, NoReturn

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

DONE: Final = 0
RUN_FAILED: Final = 1
WRONG_USAGE: Final = 2
UNREACHABLE: Final = 3

PIPE_WIDTH: Final = 220
"""Characters of a line where no terminal says how wide it is: rather long lines than ids and paths cut in two."""
_GAP: Final = 2
"""Cells between two columns."""
_LEAST_CELLS: Final = 20
"""Cells of a text that is cut: of fewer hardly a word would be seen."""
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
    piped_width: int = sys.maxsize,
) -> None:
    """Print a table for people; columns under the headings `whole` are not folded and not cut.

    The columns `giving_way` share what the others leave, the first named first, each cut to one line; what there is no
    room for beside the others stands on a line below its row, and what is empty in all rows nowhere. Where no terminal
    says how wide a line is, it has `piped_width` cells: by default nothing is folded or cut there.
    """
    if console.is_terminal and not giving_way:
        _print_folded(headings, rows, title, whole)
        return
    cells = [[" ".join(text.split()) for text in row] for row in rows]
    natural = [
        max([cell_len(heading), *(cell_len(row[number]) for row in cells)])
        for number, heading in enumerate(headings)
    ]
    told = [heading for heading in giving_way if any(row[headings.index(heading)] for row in cells)]
    firm = [heading for heading in headings if heading not in giving_way]
    line = console.width if console.is_terminal else piped_width
    beside = _beside(headings, natural, (*firm, *told), {*firm, *whole}, line)
    if title is not None:
        console.print(title, soft_wrap=True)
    console.print(_line(headings, beside), style="bold", soft_wrap=True)
    for row in cells:
        console.print(_line(row, beside), soft_wrap=True)
        below = [
            f"{heading}: {row[number]}"
            for number, heading in enumerate(headings)
            if number not in beside and row[number]
        ]
        if below:
            for part in Text(" · ".join(below)).wrap(console, line - _GAP):
                console.print(f"{'':{_GAP}}{part.plain.rstrip()}", style="dim", soft_wrap=True)


def _print_folded(
    headings: Sequence[str], rows: Sequence[Sequence[str]], title: str | None, whole: Collection[str]
) -> None:
    table = Table(
        title=title,
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="bold",
        padding=(0, _GAP, 0, 0),
    )
    for heading in headings:
        # An id cut short cannot be copied.
        table.add_column(heading, overflow="fold", no_wrap=heading in whole)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _beside(
    headings: Sequence[str],
    natural: Sequence[int],
    order: Sequence[str],
    whole: Collection[str],
    line: int,
) -> dict[int, int]:
    """Return the columns that stand beside one another on a `line` of so many cells, and how many each has.

    They take their room in this `order`.
    """
    left, found = line + _GAP, dict[int, int]()
    for heading in order:
        number, is_whole = headings.index(heading), heading in whole
        least = natural[number] if is_whole else min(natural[number], _LEAST_CELLS)
        if not found or least + _GAP <= left:  # what a row is called by begins its line, however long it is
            found[number] = natural[number] if is_whole else min(natural[number], left - _GAP)
            left -= found[number] + _GAP
    return dict(sorted(found.items()))


def _line(row: Sequence[str], beside: Mapping[int, int]) -> str:
    gap = " " * _GAP
    return gap.join(
        set_cell_size(_cut(row[number], cells), cells) for number, cells in beside.items()
    ).rstrip()


def _cut(text: str, cells: int) -> str:
    return text if cell_len(text) <= cells else set_cell_size(text, cells - 1).rstrip() + "…"


def stop(message: str, code: int) -> NoReturn:
    """Say what is wrong and end with an exit code."""
    errors.print(message, style="red", soft_wrap=True)
    raise typer.Exit(code)
