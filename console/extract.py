"""`shelfbeat extract`: read saved pages, and show how each field came about."""

import gzip
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from reports.row import Row
from scraping.extraction import extract as extract_page
from scraping.page import Page

_ENCODER = msgspec.json.Encoder(decimal_format="string")


class Saved(msgspec.Struct):
    """A line of `--jsonl` input: a saved page."""

    id: str | int
    file: str
    url: str


def extract(
    file: Annotated[Path | None, typer.Argument(help="A saved page, .html or .html.gz.")] = None,
    url: Annotated[str | None, typer.Option(help="The address the page was saved from.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Read lines {"id", "file", "url"} from standard input.')
    ] = False,
) -> None:
    """Read saved pages: one FILE with its --url, or many with --jsonl."""
    if jsonl == (file is not None) or (file is not None and url is None):
        typer.echo("Give FILE and --url, or --jsonl with lines on standard input.", err=True)
        raise typer.Exit(2)
    if file is not None and url is not None:
        typer.echo(msgspec.json.format(_ENCODER.encode(read_saved(file, url)), indent=2).decode())
        return
    for line in _lines():
        typer.echo(line)


def read_saved(file: Path, url: str) -> Row:
    """Return the row of a page saved in `file`, gzipped or not."""
    return extract_page(saved_page(file, url))


def saved_page(file: Path, url: str) -> Page:
    """Return a saved page as if it had been fetched now. Raises OSError where the file cannot be read."""
    body = file.read_bytes()
    if file.suffix == ".gz":
        body = gzip.decompress(body)
    return Page(url=url, final_url=url, status=200, body=body, fetched_at=datetime.now(UTC))


def _lines() -> Iterator[str]:
    for text in sys.stdin:
        if text.strip():
            saved = msgspec.json.decode(text, type=Saved)
            row = msgspec.to_builtins(
                read_saved(Path(saved.file), saved.url), builtin_types=(), str_keys=True
            )
            yield _ENCODER.encode({"id": saved.id, **row}).decode()
