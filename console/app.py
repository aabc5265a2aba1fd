"""The `shelfbeat` command."""

import importlib
import logging
import sys
from typing import Final, NamedTuple

import structlog
import typer

_TRY, _DAILY, _SERVICES = "Try it", "Every day", "Services"


class _Command(NamedTuple):
    """One command or group of commands: `module:attribute`, and the panel of the help that shows it."""

    name: str
    place: str
    panel: str


_COMMANDS: Final = (
    _Command("demo", "console.demonstration:demo", _TRY),
    _Command("report", "console.report:report", _TRY),
    _Command("extract", "console.extract:extract", _TRY),
    _Command("jobs", "console.jobs:app", _DAILY),
    _Command("runs", "console.runs:app", _DAILY),
    _Command("backfill", "console.backfill:backfill", _DAILY),
    _Command("variables", "console.variables:app", _DAILY),
    _Command("secrets", "console.secrets:app", _DAILY),
    _Command("notify", "console.notify:app", _DAILY),
    _Command("history", "console.history:history", _DAILY),
    _Command("doctor", "console.doctor.command:doctor", _SERVICES),
    _Command("up", "console.services:up", _SERVICES),
    _Command("worker", "console.services:worker", _SERVICES),
    _Command("beat", "console.services:beat", _SERVICES),
    _Command("flower", "console.services:flower", _SERVICES),
    _Command("upkeep", "console.history:upkeep", _SERVICES),
)


def command(first: str = "") -> typer.Typer:
    """Return the command; where `first` names one of its commands, with that one alone.

    All of them together import aiohttp, lxml, Apprise and more, a second that `shelfbeat runs list` need not wait.
    """
    app = typer.Typer(
        name="shelfbeat",
        help="Product reports from lists of URLs: every report, every morning, complete, on time, once.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=_root,
    )
    for known in [one for one in _COMMANDS if one.name == first] or _COMMANDS:
        module, _, attribute = known.place.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=known.name, rich_help_panel=known.panel)
        else:
            app.command(known.name, rich_help_panel=known.panel)(found)
    return app


def _root() -> None:
    """Keep a single command a command of `shelfbeat`."""


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
