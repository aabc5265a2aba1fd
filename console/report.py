"""`shelfbeat report`: one ad-hoc report on an embedded stack, no configuration."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from console.findings import print_findings
from console.follow import follow
from console.output import DONE, RUN_FAILED, WRONG_USAGE, console, print_json, stop
from console.stack import Stack, running_stack
from console.view import run_view
from jobs.definition import FileFormat, Report
from jobs.url_sources import FileSource
from reports.errors import Unavailable
from runs.record import PUBLISHED_STATES, Run
from scraping.sources.collect import Places, collect
from scraping.sources.distinct import Distinct
from scraping.sources.download import DownloadSettings
from scraping.sources.errors import NoSuchColumn, UnusableSource
from scraping.sources.reader import SourceReader
from tasks.context import context
from tasks.start import start_manual

_FORMATS: tuple[FileFormat, ...] = ("xlsx", "csv", "jsonl")


def report(
    urls: Annotated[list[str] | None, typer.Argument(help="Product URLs.", metavar="URL")] = None,
    urls_file: Annotated[
        str | None,
        typer.Option("--urls", metavar="FILE", help="Text, CSV or XLSX file with URLs; - is standard input."),
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="Heading of the column with the URLs, for CSV and XLSX.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the report.", show_default=False)
    ] = ...,  # type: ignore[assignment]
    formats: Annotated[str, typer.Option(help="Files to write; rows.jsonl is always written.")] = "xlsx,csv",
    concurrency: Annotated[
        int, typer.Option(min=1, max=512, help="Pages under way at once, per batch.")
    ] = 32,
    batch_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=5000,
            help="URLs a task; default: 250, or ten times a concurrency above 32.",
            show_default=False,
        ),
    ] = None,
    robots: Annotated[bool, typer.Option(help="Obey robots.txt.")] = True,
    processes: Annotated[int, typer.Option(min=1, help="Worker processes.")] = os.cpu_count() or 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the run as JSON.")] = False,
) -> None:
    """Visit product URLs once and write a report: no configuration, nothing installed.

    Ends with 1 where no URL gave a product.
    """
    chosen = _formats(formats)
    if not urls and urls_file is None:
        stop("no URLs: give some, or a file with --urls FILE (- for standard input)", WRONG_USAGE)
    with tempfile.TemporaryDirectory(prefix="shelfbeat-") as scratch:
        sources = _sources(urls or [], urls_file, column, Path(scratch))
        definition = _definition(sources, chosen, _fetch(concurrency, batch_size, robots=robots))
        with running_stack(Path(scratch) / "stack", processes=processes) as stack:
            run = _run(definition, out, stack, as_json=as_json)
    raise typer.Exit(DONE if run.state in PUBLISHED_STATES and run.products else RUN_FAILED)


def _run(definition: Report, out: Path, stack: Stack, *, as_json: bool) -> Run:
    """Run the report to its end, and print what came of it."""
    here = context()
    run_id = start_manual(here, definition, {"out": str(out.absolute()), "base": str(Path.cwd())})
    run = follow(here, run_id, stack.keep_up, quiet=as_json)
    view = run_view(here, run_id)
    if as_json:
        print_json(view)
        return run
    print_findings(here, view)
    if view["published"]:
        console.print(f"Written to {out.absolute()}", soft_wrap=True)
    return run


def _formats(text: str) -> tuple[FileFormat, ...]:
    given = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [part for part in given if part not in _FORMATS]
    if unknown:
        stop(f"--formats: {', '.join(_FORMATS)} are possible, not {', '.join(unknown)}", WRONG_USAGE)
    return tuple(fmt for fmt in _FORMATS if fmt in given or fmt == "jsonl")


def _fetch(concurrency: int, batch_size: int | None, *, robots: bool) -> dict[str, Any]:
    return {
        "concurrency": concurrency,
        "batch_size": batch_size,
        "robots": "obey" if robots else "ignore",
        "per_host": min(16, concurrency),
    }


def _sources(urls: list[str], file: str | None, column: str | None, scratch: Path) -> list[dict[str, Any]]:
    sources: list[dict[str, Any]] = [{"list": urls}] if urls else []
    if file == "-":
        copy = scratch / "urls.txt"
        copy.write_bytes(sys.stdin.buffer.read())
        file = str(copy)
    if file is not None:
        is_http = file.startswith(("http://", "https://"))
        if not is_http and not Path(file).is_file():
            stop(f"--urls: there is no file {file}", WRONG_USAGE)
        if not is_http:
            _check_column(file, column)
        sources.append({"file": file if is_http else str(Path(file).absolute()), "column": column})
    return sources


def _check_column(file: str, column: str | None) -> None:
    """End the command where a file at hand has not the column: nothing need be started to find that out."""
    first = collect(
        [FileSource(file=file, column=column)],
        read=SourceReader(DownloadSettings(user_agent="")),
        read_sheet=lambda _, __: (),
        places=Places(Path()),
        seen=Distinct(),
    )
    try:
        next(first, None)
    except UnusableSource as error:
        if isinstance(error.__cause__, NoSuchColumn):
            stop(f"--column: {error.detail}", WRONG_USAGE)
    except Unavailable:
        return  # the run tells it, as it tells what else may be wrong with the file


def _definition(
    sources: list[dict[str, Any]], formats: tuple[FileFormat, ...], fetch: dict[str, Any]
) -> Report:
    return Report.model_validate(
        {
            "job": "adhoc",
            "category": "Ad hoc",
            "deadline": "12h",
            "urls": sources,
            "fetch": fetch,
            "publish": {"files": formats},
        }
    )
