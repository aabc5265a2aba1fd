"""The rows of a run in URL-list order, each with what changed since the run it is compared with."""

from collections.abc import Iterator

from reports.comparison import compare
from reports.planning import windows
from reports.row import Row
from reports.snapshot import Snapshot
from runs.record import Run
from tasks.context import Context


class MissingRows(Exception):  # noqa: N818 - the name says what it is
    """The run's rows are not what its URL list promises."""

    def __init__(self, run_id: str, position: int, found: int | None) -> None:
        super().__init__(run_id, position, found)

    def __str__(self) -> str:
        _, position, found = self.args
        return f"expected the row of position {position}, found {'none' if found is None else found}"


def rows_in_order(here: Context, run: Run) -> Iterator[Row]:
    """Yield every row of the run once, in URL-list order. Raises MissingRows, RowsExpired."""
    expected = 0
    for row in here.store(run.id).ordered_rows(windows(run.batches or 0)):
        if row.position != expected:
            raise MissingRows(run.id, expected, row.position)
        yield row
        expected += 1
    if expected != (run.urls or 0):
        raise MissingRows(run.id, expected, None)


def compared_rows(here: Context, run: Run) -> Iterator[Row]:
    """Yield what `rows_in_order` does, each row with what changed."""
    return compare(rows_in_order(here, run), previous_snapshot(here, run))


def previous_snapshot(here: Context, run: Run) -> Snapshot | None:
    """Return what the run is compared with; None for a first run, or when the last is too long ago.

    Which edition of which run that is, is settled at the first question, so that every step and a repeat find the same.
    """
    before, edition = here.ledger.compared_with(run.id)
    raw = here.store(before).snapshot(edition) if before else None
    return None if raw is None else Snapshot(raw)
