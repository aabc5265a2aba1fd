"""Following a run to its end: a live view for people, and the sweeper and the watch where no beat runs."""

import time
from collections.abc import Callable
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from console.output import errors
from runs.record import Run
from tasks.context import Context
from tasks.sweep import Sweeper
from tasks.watch import Watch

_POLL_S: Final = 0.15


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
    with Progress(*columns, console=errors, disable=quiet, transient=True) as progress:
        bar = progress.add_task("queued", total=None)
        while True:
            run = here.ledger.run(run_id)
            if run.ended:
                return run
            step = run.next_step() or "write_message"
            progress.update(bar, description=step, total=run.urls, completed=run.pages)
            keep_up()
            sweeper.tick()
            watch.tick()
            time.sleep(_POLL_S)
