"""`shelfbeat history` and `shelfbeat upkeep`: what a product cost and when it could be had."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from console.output import WRONG_USAGE, print_json, print_table, stop
from exporters.history.plot import page, svg
from exporters.history.png import png
from exporters.history.store import History, Observation
from reports.wording import counted
from tasks.settings import settings

_PICTURES: Final[dict[str, Callable[[str, Sequence[Observation]], bytes]]] = {
    ".png": png,
    ".html": lambda product, seen: page(product, seen).encode(),
    ".svg": lambda product, seen: svg(product, seen).encode(),
}


def history(
    product: Annotated[str, typer.Argument(help="URL, GTIN, SKU or MPN.")],
    job: Annotated[str | None, typer.Option(help="Only reports of this job.")] = None,
    days: Annotated[int, typer.Option(min=1, help="How far back.")] = 365,
    plot: Annotated[Path | None, typer.Option(help="Write a picture: a .png, .html or .svg file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a product's prices and stock over time."""
    if plot is not None and plot.suffix not in _PICTURES:
        stop(f"--plot: a name that ends in {', '.join(_PICTURES)}", WRONG_USAGE)
    since = (datetime.now(UTC) - timedelta(days=days)).date()
    seen = _opened().timeline(product, job=job, since=since)
    if not seen:
        of = f" of {job}" if job else ""
        stop(f"The history{of} has nothing of {product} in the last {counted(days, 'day')}.", WRONG_USAGE)
    if plot is not None:
        plot.write_bytes(_PICTURES[plot.suffix](product, seen))
    if as_json:
        print_json([msgspec.to_builtins(item) for item in seen])
        return
    rows = [
        (
            f"{item.due_at:%Y-%m-%d %H:%M}",
            item.job,
            f"{item.price:,.2f}" if item.price is not None else "",
            f"{item.list_price:,.2f}" if item.list_price is not None else "",
            item.currency or "",
            (item.failure or item.availability).replace("_", " "),
            item.name or item.url,
        )
        for item in seen
    ]
    print_table(("due (UTC)", "job", "price", "list price", "", "availability", "product"), rows)


def upkeep(
    days: Annotated[int | None, typer.Option(min=1, help="Forget what is older; default: nothing.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look after the history: forget old days, make few files of many, delete files no longer used."""
    done = _opened().keep(datetime.now(UTC).date(), days)
    if as_json:
        print_json(msgspec.to_builtins(done))
        return
    print_table(
        ("rows forgotten", "files before", "files after", "files deleted"),
        [(str(done.rows_forgotten), str(done.files_before), str(done.files_after), str(done.files_removed))],
    )


def _opened() -> History:
    location = settings().history
    if location is None:
        stop(
            "No history is kept: set SHELFBEAT_HISTORY to a folder or the URL of an object store.",
            WRONG_USAGE,
        )
    return History(location)
