"""How the command speaks: tables for people, JSON for programs, and exit codes that mean something."""

import json
import sys
from collections.abc import Collection, Sequence
from typing import Any, Final, NoReturn

import typer
from rich.console import Console
from rich.table import Table

DONE: Final = 0
RUN_FAILED: Final = 1
WRONG_USAGE: Final = 2
UNREACHABLE: Final = 3

PIPE_WIDTH: Final = 220
"""Characters of a line where no terminal says how wide it is: rather long lines than ids and paths cut in two."""
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
) -> None:
    """Print a table for people; columns under the headings `whole` are not folded in a narrow terminal."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        # An id cut short cannot be copied.
        table.add_column(heading, overflow="fold", no_wrap=heading in whole)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def stop(message: str, code: int) -> NoReturn:
    """Say what is wrong and end with an exit code."""
    errors.print(message, style="red", soft_wrap=True)
    raise typer.Exit(code)
