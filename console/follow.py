"""Following a run to its end: a live view or lines for people, and the sweeper and the watch where no beat runs."""

import time
from collections.abc import Callable
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from console.output import errors
from reports.wording import counted
from runs.record import Run
from tasks.context import Context
from tasks.upkeep.sweep import Sweeper
from tasks.upkeep.watch import Watch

_POLL_S: Final = 0.15
_LINE_S: Final = 5.0
"""Between two lines of progress where no terminal shows a bar."""
_COUNT_S: Final = 1.0
"""Between two counts of the pages that unfinished batches have; these tell of them every 5 s."""


def follow(here: Context, run_id: str, keep_up: Callable[[], None], *, quiet: bool = False) -> Run:
    """Wait until the run has ended and return it; `keep_up` is called at each look."""
    sweeper, watch = Sweeper(here), Watch(here)
    columns = (
        TextColumn("{task.description:<14}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("URLs"),
        TimeElapsedColumn(),
    )
    live = errors.is_terminal
    told = counted_at = time.monotonic()
    under_way = 0
    with Progress(*columns, console=errors, disable=quiet or not live, transient=True) as progress:
        bar = progress.add_task("queued", total=None)
        while True:
            run = here.ledger.run(run_id)
            if run.ended:
                return run
            step = run.next_step() or "write_message"
            if time.monotonic() - counted_at >= _COUNT_S:
                counted_at = time.monotonic()
                under_way = here.ledger.pages_under_way(run_id)
            # A batch that ended since they were counted is in both.
            pages = min(run.pages + under_way, run.urls or 0)
            progress.update(bar, description=step, total=run.urls, completed=pages)
            if not (quiet or live) and time.monotonic() - told >= _LINE_S:
                told = time.monotonic()
                errors.print(_line(step, pages, run.urls))
            keep_up()
            sweeper.tick()
            watch.tick()
            time.sleep(_POLL_S)


def _line(step: str, pages: int, urls: int | None) -> str:
    """Return `scrape: 1,250 of 20,000 URLs`."""
    return step if urls is None else f"{step}: {pages:,} of {counted(urls, 'URL')}"
