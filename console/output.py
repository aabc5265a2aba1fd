"""How the command speaks: tables for people, JSON for programs, and exit codes that mean something."""

import contextlib
import json
import sys
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final, NoReturn

import typer
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from rich.console import Console
from rich.table import Table

from jobs.errors import InvalidDefinition
from reports.errors import Unavailable
from runs.embedded import NoRedisServer
from runs.ledger import UnknownRun
from tasks.catalogue import UnknownJob
from tasks.variables import WouldBreak

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


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn the errors that people can do something about into a sentence and an exit code."""
    try:
        yield
    except (InvalidDefinition, UnknownJob, UnknownRun, WouldBreak) as error:
        stop(str(error), WRONG_USAGE)
    except (RedisConnectionError, RedisTimeoutError) as error:
        stop(
            f"Redis cannot be reached: {str(error).rstrip('.')}. Is SHELFBEAT_REDIS_URL right, and is it up?",
            UNREACHABLE,
        )
    except (Unavailable, NoRedisServer) as error:
        stop(str(error), UNREACHABLE)
