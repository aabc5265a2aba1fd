"""Runs as people and programs see them in a list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from console.output import print_table
from runs.record import Run

_HEADINGS: Final = ("run", "state", "due (UTC)", "started (UTC)", "products", "reason")


def print_runs(runs: Sequence[Run]) -> None:
    """Print a line a run; when it was started only where that is not when it was due."""
    rows = [
        (
            run.id,
            run.state.replace("_", " "),
            _minute(run.due_at),
            _started(run),
            "" if run.urls is None else f"{run.products} of {run.urls}",
            run.reason or run.hindered,
        )
        for run in runs
    ]
    print_table(_HEADINGS, rows, whole=_HEADINGS, giving_way=("started (UTC)", "reason"))


def brief(run: Run) -> dict[str, Any]:
    """Return a run as JSON-able data."""
    return {
        "run": run.id,
        "job": run.job,
        "state": run.state,
        "due_at": run.due_at.isoformat(),
        "claimed_at": run.claimed_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "urls": run.urls,
        "products": run.products,
        "reason": run.reason or None,
    }


def _started(run: Run) -> str:
    claimed = _minute(run.claimed_at)
    return "" if claimed == _minute(run.due_at) else claimed


def _minute(at: datetime) -> str:
    return f"{at:%m-%d %H:%M}"
