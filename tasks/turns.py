"""The turns of a batch: what it has so far, and when it comes back for the pages that it could not have yet.

A batch gives its worker slot back and goes to the end of the queue when all that is left waits for slow hosts, or
when its own deadline came first; and once more, after a pause, for what failed for a passing reason, where the
definition asks for a second pass. What it has is kept in between, and saved with each heartbeat while it works, so
that a kill costs the pages of a few seconds; no page is asked for twice in vain.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from reports.row import ProductUrl, Row
from runs.ledger import Attempt
from runs.record import Run
from scraping.batch import was_cut_short, was_not_asked
from scraping.retrying import can_pass
from tasks.context import Context
from tasks.unit import PARKED

log = structlog.get_logger()

_REST: Final = timedelta(seconds=5)
"""Pause of a batch that got nothing in its turn."""
_SECOND_PASS: Final = timedelta(minutes=5)
"""Pause before the second pass at the most; at most a quarter of the time that is left for fetching."""


def scrape_until(run: Run) -> datetime:
    """Return when fetching must end so that the run can still be published by its deadline."""
    whole = run.deadline_at - run.opened_at
    reserve = min(max(whole / 10, timedelta(seconds=30)), timedelta(minutes=10), whole / 2)
    return run.deadline_at - reserve


@dataclass
class Turn:
    """One turn of a batch."""

    here: Context
    attempt: Attempt
    _settled: list[Row] = field(default_factory=list)
    """Rows that an earlier turn has, and those of this one so far."""
    _saved: int = 0

    @property
    def _batch(self) -> int:
        return self.attempt.unit.batch or 0

    def rows(
        self, urls: Sequence[ProductUrl], fetch: Callable[[Sequence[ProductUrl]], list[Row]]
    ) -> list[Row]:
        """Return a row for each URL: those that an earlier turn has, the others fetched now."""
        asked = {item.position for item in urls}
        kept = self.here.store(self.attempt.run_id).part(self._batch)
        had = {row.position: row for row in kept if row.position in asked}
        left = [item for item in urls if item.position not in had]
        self._settled.extend(had.values())
        self._saved = len(had)
        return [*had.values(), *(fetch(left) if left else [])]

    def heard(self, row: Row) -> None:
        """Take note of a row as it is made."""
        if not _waits(row):
            self._settled.append(row)

    def alive(self) -> bool:
        """Renew the batch's lease and save the rows so far, for whoever comes after a kill; False as `renew`."""
        kept = self.here.ledger.renew(self.attempt)
        so_far = list(self._settled)
        if kept and len(so_far) > self._saved:
            self.here.store(self.attempt.run_id).put_part(self._batch, so_far)
            self._saved = len(so_far)
        return kept

    def pause(self, rows: Sequence[Row]) -> timedelta | None:
        """Return after which pause the batch comes back; None when its rows are final."""
        here, run_id = self.here, self.attempt.run_id
        left = scrape_until(here.ledger.run(run_id)) - here.ledger.now()
        if left <= timedelta(0):
            return None
        waiting = sum(_waits(row) for row in rows)
        progress = len(rows) - waiting - len(here.store(run_id).part(self._batch)) > 0
        if any(was_not_asked(row) and _waits(row) for row in rows):
            return timedelta(0) if progress else _REST
        if waiting and progress:  # without progress its pages take longer than any turn
            return timedelta(0)
        if here.report(run_id).fetch.second_pass and any(_may_pass(row) for row in rows):
            first = not here.ledger.field(run_id, self._second_pass)
            here.ledger.freeze(run_id, self._second_pass, "1")
            return min(_SECOND_PASS, left / 4) if first else None
        return None

    def keep(self, rows: Sequence[Row], pause: timedelta) -> None:
        """Keep the rows that are settled, and the unit for this batch's next turn."""
        again = _waits if any(_waits(row) for row in rows) else _may_pass
        settled = [row for row in rows if not again(row)]
        self._saved = len(rows)  # nothing more to save: the heartbeat must not put less there
        self.here.store(self.attempt.run_id).put_part(self._batch, settled)
        self.here.ledger.park(self.attempt, pause + PARKED, forgive=True)
        log.info("batch_waits", settled=len(settled), waiting=len(rows) - len(settled))

    @property
    def _second_pass(self) -> str:
        return f"second_pass:{self._batch}"


def _waits(row: Row) -> bool:
    """Return whether a row's page did not have its turn in full; a host that is down is not waited for."""
    return row.failure == "timeout" and (was_not_asked(row) or was_cut_short(row))


def _may_pass(row: Row) -> bool:
    return row.failure is not None and can_pass(row.failure)
