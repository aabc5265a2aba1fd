"""The `shelfbeat` command."""

import importlib
import logging
import os
import sys
from typing import Annotated, Any, Final, NamedTuple

import structlog
import typer
from typer.core import TyperGroup

_TRY, _DAILY, _SERVICES = "Try it", "Every day", "Services"
_COMPLETION: Final = "_SHELFBEAT_COMPLETE"
"""Set by the shell while it completes a line: then every command is wanted."""


class _Command(NamedTuple):
    """One command or group of commands, as the help of `shelfbeat` names it without loading it."""

    name: str
    place: str
    """`module:attribute`."""
    panel: str
    summary: str
    """How its own help begins."""


COMMANDS: Final = (
    _Command("demo", "console.demonstration:demo", _TRY, "Run a report over a bundled shop"),
    _Command("report", "console.report:report", _TRY, "Visit product URLs once and write a report"),
    _Command("extract", "console.extract:extract", _TRY, "Read saved pages"),
    _Command(
        "jobs", "console.jobs:app", _DAILY, "The jobs that the definitions promise, and when they start"
    ),
    _Command("runs", "console.runs:app", _DAILY, "Runs: what happened and what happens"),
    _Command(
        "backfill", "console.backfill:backfill", _DAILY, "Start a run for every due time of a past period"
    ),
    _Command(
        "variables", "console.variables:app", _DAILY, "Variables: named values that definitions refer to"
    ),
    _Command("secrets", "console.secrets:app", _DAILY, "Secrets: what definitions refer to as secret:NAME"),
    _Command("notify", "console.notify:app", _DAILY, "Messages: whether they arrive"),
    _Command("history", "console.history:history", _DAILY, "Show a product's prices and stock over time"),
    _Command(
        "doctor", "console.doctor.command:doctor", _SERVICES, "Look at everything that a morning depends on"
    ),
    _Command("up", "console.services:up", _SERVICES, "Run everything in this terminal until Ctrl-C"),
    _Command("worker", "console.services:worker", _SERVICES, "Run a worker"),
    _Command("beat", "console.services:beat", _SERVICES, "Run a beat"),
    _Command("flower", "console.services:flower", _SERVICES, "Run Flower on this machine's loopback"),
    _Command("upkeep", "console.history:upkeep", _SERVICES, "Look after the history"),
)


class _Explaining(TyperGroup):
    """Whatever its commands do, a fault that people can mend ends them with a sentence and an exit code."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # typer's own kind of context
        """Carry out what was asked."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            from console.faults import explain  # noqa: PLC0415 - it knows the errors of every room, so loads them
            from console.output import stop  # noqa: PLC0415

            explained = explain(error)
            if explained is None:
                raise
            stop(*explained)


def command(first: str = "") -> typer.Typer:
    """Return the command, with its command `first` loaded; the others are known by name and summary alone.

    All of them together import aiohttp, lxml, Celery and more, seconds that `shelfbeat --help` need not wait.
    """
    app = typer.Typer(
        name="shelfbeat",
        cls=_Explaining,
        help="Product reports from lists of URLs: every report, every morning, complete, on time, once.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=_root,
    )
    for known in COMMANDS:
        if known.name == first or _COMPLETION in os.environ:
            _add(app, known)
        else:
            app.command(known.name, rich_help_panel=known.panel, help=f"{known.summary}.")(_unloaded)
    return app


def load(known: _Command) -> Any:
    """Return a command's function, or the Typer of a group."""
    module, _, attribute = known.place.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _add(app: typer.Typer, known: _Command) -> None:
    found = load(known)
    if isinstance(found, typer.Typer):
        app.add_typer(found, name=known.name, rich_help_panel=known.panel)
    else:
        app.command(known.name, rich_help_panel=known.panel)(found)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - only this option asks

        typer.echo(f"shelfbeat {version('shelfbeat')}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep a single command a command of `shelfbeat`."""


def _unloaded() -> None:
    """Stand for a command that is known by its summary alone."""


def main() -> None:
    """Entry point of the console script."""
    # What the command prints is its answer; events of the rooms below go beside it, warnings and worse.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        processors=[
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
    command(sys.argv[1] if len(sys.argv) > 1 else "")()
