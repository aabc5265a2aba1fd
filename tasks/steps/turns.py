"""The turns of a batch: what it has so far, and when it comes back for the pages that it could not have yet.

A batch gives its worker slot back and goes to the end of the queue when all that is left waits for slow hosts, or
when its own deadline came first; and once more, after a pause, for what failed for a passing reason, where the
definition asks for a second pass; again and again while a whole host is out. What it has is kept in between, and
saved with each heartbeat while it works, so that a kill costs the pages of a few seconds; no page is asked for
twice in vain.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog

from reports.hosts import host_of
from reports.planning import fetching_time
from reports.row import ProductUrl, Row
from runs import keys
from runs.ledger import Attempt, Ledger
from runs.store import pack_rows
from scraping.batch import was_cut_short, was_not_asked
from scraping.pacing.retrying import can_pass
from tasks.context import Context
from tasks.steps.unit import PARKED

log = structlog.get_logger()

_REST: Final = timedelta(seconds=5)
"""Pause of a batch that got nothing in its turn."""
_PASS_PAUSE: Final = timedelta(minutes=5)
"""Pause before a further pass at the most; at most a quarter of the time that is left for fetching."""
_SHORTEST_PAUSE: Final = timedelta(seconds=5)
_OUTAGE_PASSES: Final = 15
"""Further passes while a host is out: an outage of an hour passes, where the deadline allows."""
_OUTAGE_PAGES: Final = 3


def time_left(ledger: Ledger, run_id: str) -> timedelta:
    """Return how long fetching may go on, so that the run can still be published by its deadline. Raises UnknownRun."""
    opened_at, deadline_at, now = ledger.times(run_id)
    return opened_at + fetching_time(deadline_at - opened_at) - now


@dataclass
class Turn:
    """One turn of a batch."""

    here: Context
    attempt: Attempt
    _settled: list[Row] = field(default_factory=list)
    """Rows that an earlier turn has, and those of this one so far."""
    _had: int = 0
    """How many rows earlier turns have."""
    _saved: int = 0
    _passes: int | None = None
    """Further passes of the batch before this turn; read once, so that asking again for the pause gives the same."""
    _saving: threading.Lock = field(default_factory=threading.Lock)
    """The heartbeat saves beside the batch's own thread; what that saves last must stay."""

    @property
    def _batch(self) -> int:
        return self.attempt.unit.batch or 0

    def rows(
        self, urls: Sequence[ProductUrl], fetch: Callable[[Sequence[ProductUrl]], list[Row]]
    ) -> list[Row]:
        """Return a row for each URL: those that an earlier turn has, the others fetched now."""
        asked = {item.position for item in urls}
        # The first attempt of all has nothing to find.
        kept = [] if self.attempt.fence == 1 else self.here.store(self.attempt.run_id).part(self._batch)
        had = {row.position: row for row in kept if row.position in asked}
        left = [item for item in urls if item.position not in had]
        self._settled.extend(had.values())
        self._had = self._saved = len(had)
        return [*had.values(), *(fetch(left) if left else [])]

    def heard(self, row: Row) -> None:
        """Take note of a row as it is made."""
        if not _waits(row):
            self._settled.append(row)

    def alive(self) -> bool:
        """Renew the batch's lease and save the rows so far, for whoever comes after a kill; False as `renew`."""
        kept = self.here.ledger.renew(self.attempt)
        with self._saving:
            so_far = list(self._settled)
            if kept and len(so_far) > self._saved:
                self.here.ledger.save_part(self.attempt, pack_rows(so_far), pages=len(so_far))
                self._saved = len(so_far)
        return kept

    def pause(self, rows: Sequence[Row]) -> timedelta | None:
        """Return after which pause the batch comes back; None when its rows are final."""
        if not any(_waits(row) or _may_pass(row) for row in rows):
            return None
        here, run_id = self.here, self.attempt.run_id
        left = time_left(here.ledger, run_id)
        if left <= timedelta(0):
            return None
        waiting = sum(_waits(row) for row in rows)
        progress = len(self._settled) > self._had
        if any(was_not_asked(row) for row in rows):
            return timedelta(0) if progress else _REST
        if waiting and progress:  # without progress its pages take longer than any turn
            return timedelta(0)
        if not here.report(run_id).fetch.second_pass:
            return None
        field = keys.further_passes(self.attempt.life, self._batch)
        if self._passes is None:
            self._passes = int(here.ledger.field(run_id, field) or 0)
        pause = further_pass(rows, self._passes, left)
        if pause is not None:
            here.redis.hset(keys.run(run_id), field, self._passes + 1)
        return pause

    def keep(self, rows: Sequence[Row], pause: timedelta) -> None:
        """Keep the rows that are settled, and the unit for this batch's next turn."""
        again = _waits if any(_waits(row) for row in rows) else _may_pass
        settled = [row for row in rows if not again(row)]
        with self._saving:
            self._saved = len(rows)  # nothing more to save: the heartbeat must not put others there
            self.here.ledger.save_part(self.attempt, pack_rows(settled), pages=len(settled))
        self.here.ledger.park(self.attempt, pause + PARKED, forgive=True)
        log.info("batch_waits", settled=len(settled), waiting=len(rows) - len(settled))


def further_pass(rows: Sequence[Row], passes: int, left: timedelta) -> timedelta | None:
    """Return the pause before a batch asks again for what may pass; None when it has done so often enough.

    `passes`: how often it did; `left`: time for fetching. One page that always fails costs one pass; a host none of
    whose pages came is out, and worth more.
    """
    pause = min(_PASS_PAUSE, left / 4)
    most = _OUTAGE_PASSES if _is_out(rows) else 1
    wanted = any(_may_pass(row) for row in rows) and passes < most
    return pause if wanted and (not passes or pause >= _SHORTEST_PAUSE) else None


def _is_out(rows: Sequence[Row]) -> bool:
    """Return whether some host of the batch gave no page at all, for reasons that may pass."""
    found: dict[str, list[bool]] = defaultdict(list)
    for row in rows:
        found[host_of(row.url)].append(_may_pass(row))
    return any(len(failed) >= _OUTAGE_PAGES and all(failed) for failed in found.values())


def _waits(row: Row) -> bool:
    """Return whether a row's page did not have its turn in full; a host that is down is not waited for."""
    return was_not_asked(row) or was_cut_short(row)


def _may_pass(row: Row) -> bool:
    return row.failure is not None and can_pass(row.failure)
