"""The history of a run: what its rows are held against, and what it leaves for later runs.

Off without `SHELFBEAT_HISTORY`. It never holds a report back: what goes wrong here is logged, and the report
goes out without it.
"""

import functools
import os
from collections.abc import Callable, Iterator

import structlog

from exporters.errors import ExtraMissing
from exporters.history.lowest import LowestPrices
from exporters.history.schema import RunStamp
from exporters.history.store import History
from jobs.definition import Report
from reports.errors import Unavailable
from reports.real_discount import with_lowest
from reports.row import Row
from runs.log import note
from runs.record import Run
from tasks.context import Context

log = structlog.get_logger()

Rows = Callable[[], Iterator[Row]]


def history_of(here: Context) -> History | None:
    """Return the history that the settings name. Opened only after the fork: see exporters.history.store."""
    location = here.settings.history
    return None if location is None else _history(os.getpid(), location)


@functools.lru_cache(maxsize=1)
def _history(_pid: int, location: str) -> History:
    return History(location)


def held_against(here: Context, run: Run, report: Report, rows: Rows) -> Rows:
    """Return the rows with the lowest price of the month before; the prices are looked up once."""
    lowest = _lowest(here, run, report)
    if lowest is None or not len(lowest):
        return rows

    def compared() -> Iterator[Row]:
        for row in rows():
            yield with_lowest(row, lowest.of(row))

    return compared


def keep_rows(here: Context, run: Run, report: Report, rows: Rows) -> None:
    """Write the run's rows to the history; a repeat replaces them by the same."""
    history = history_of(here)
    if history is None:
        return
    try:
        history.put(stamp(run, report), rows)
    except (Unavailable, ExtraMissing) as error:
        _went_without(here, run, error)


def stamp(run: Run, report: Report) -> RunStamp:
    """Return the run's place in the history: its due date is the job's, not UTC's."""
    return RunStamp(run.job, run.id, run.due_at.astimezone(report.zone).date(), run.due_at)


def _lowest(here: Context, run: Run, report: Report) -> LowestPrices | None:
    history = history_of(here)
    if history is None:
        return None
    try:
        return history.lowest_prices(run.job, stamp(run, report).report_date)
    except (Unavailable, ExtraMissing) as error:
        _went_without(here, run, error)
        return None


def _went_without(here: Context, run: Run, error: Exception) -> None:
    log.warning("history_unavailable", run=run.id, detail=str(error))
    note(here.redis, run.id, "history_unavailable", detail=str(error))
