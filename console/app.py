"""The `shelfbeat` command."""

import logging
import sys

import structlog
import typer

from console import jobs, notify, runs, secrets, variables
from console.backfill import backfill
from console.demonstration import demo
from console.doctor.command import doctor
from console.extract import extract
from console.history import history, upkeep
from console.report import report
from console.services import beat, flower, up, worker

app = typer.Typer(
    name="shelfbeat",
    help="Product reports from lists of URLs: every report, every morning, complete, on time, once.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(rich_help_panel="Try it")(demo)
app.command(rich_help_panel="Try it")(report)
app.command(rich_help_panel="Try it")(extract)
app.add_typer(jobs.app, name="jobs", rich_help_panel="Every day")
app.add_typer(runs.app, name="runs", rich_help_panel="Every day")
app.command(rich_help_panel="Every day")(backfill)
app.add_typer(variables.app, name="variables", rich_help_panel="Every day")
app.add_typer(secrets.app, name="secrets", rich_help_panel="Every day")
app.add_typer(notify.app, name="notify", rich_help_panel="Every day")
app.command(rich_help_panel="Every day")(history)
app.command(rich_help_panel="Services")(doctor)
app.command(rich_help_panel="Services")(up)
app.command(rich_help_panel="Services")(worker)
app.command(rich_help_panel="Services")(beat)
app.command(rich_help_panel="Services")(flower)
app.command(rich_help_panel="Services")(upkeep)


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
    app()
