"""The sweeper: finds what has no message, no lease and no result, and enqueues exactly that.

It runs in the beat process, outside the queue, so that it works when no worker does. Celery alone loses a
message that was popped by a worker which then died, and a chord's body when the last header's worker dies before
it is published. Neither shows anywhere but here: a unit that should be under way is neither done in the ledger,
nor leased, nor in a queue. Seen so twice in a row, it is enqueued again; a message too many changes nothing.
"""

import time
from datetime import timedelta
from typing import Final

import structlog

from reports.wording import counted
from runs.ledger import Unit
from runs.log import note
from runs.record import Run
from tasks.apart import look_at_each
from tasks.chain import enqueue, enqueue_batches
from tasks.context import Context
from tasks.steps.message import conclude
from tasks.transport.broker import waiting_units

log = structlog.get_logger()

LOOK_EVERY_S: Final = 5.0
SURE_AFTER_S: Final = 10.0
"""How long a unit must be nowhere, at every look, before it counts as lost.

Between the queue and the lease a message is in a worker's hands: it takes one message for each free child and none
ahead (`worker_prefetch_multiplier`), so that is the moment from pop to `begin`. A unit that comes back later is parked
until 15 s after its time. Who is late all the same finds its unit begun, and does nothing.
"""
_FIRST_WAIT: Final = timedelta(seconds=15)
_LONGEST_WAIT: Final = timedelta(minutes=5)
_COST_SHARE: Final = 20  # a look that takes a second is followed by 20 s of rest
_LONGEST_REST_S: Final = 20.0
"""A look may have waited for a Redis that was away; the next must not be minutes off for that."""


class Sweeper:
    """Remembers between looks what was nowhere, and since when."""

    def __init__(self, here: Context) -> None:
        self._here = here
        self._nowhere_since: dict[tuple[str, str], float] = {}
        self._next_look = 0.0

    def tick(self) -> None:
        """Look if it is time to, and continue the runs that lost something."""
        began = time.monotonic()
        if began < self._next_look:
            return
        self._look(began)
        took = time.monotonic() - began
        self._next_look = time.monotonic() + min(
            max(LOOK_EVERY_S, took * _COST_SHARE), LOOK_EVERY_S + _LONGEST_REST_S
        )

    def _look(self, now: float) -> None:
        # The order matters: what leaves the queue after this scan has its lease when it is looked for.
        waiting = waiting_units(self._here.redis)
        nowhere: dict[tuple[str, str], float] = {}
        look_at_each(
            self._here,
            self._here.ledger.active(),
            lambda run: nowhere.update(self._look_at(run, waiting, now)),
        )
        self._nowhere_since = nowhere

    def _look_at(self, run: Run, waiting: set[tuple[str, str]], now: float) -> dict[tuple[str, str], float]:
        """Continue a run if it lost something; return which of its units are nowhere, and since when."""
        if run.next_step() is None:
            conclude(self._here, run.id, run.life)  # its worker died between the last step and the end
            return {}
        lost = self._nowhere(run, waiting)
        since = {(run.id, unit.name): self._nowhere_since.get((run.id, unit.name), now) for unit in lost}
        sure = [unit for unit in lost if now - since[run.id, unit.name] >= SURE_AFTER_S]
        if sure:
            self._continue(run, sure)
        return since

    def _nowhere(self, run: Run, waiting: set[tuple[str, str]]) -> list[Unit]:
        first = run.next_step()
        if first is None:
            return []
        leased = self._here.ledger.leased(run.id)
        scraping = first == "scrape" and next(s for s in run.steps if s.name == "scrape").state == "running"
        if scraping and "scrape" not in leased:
            units = [Unit("scrape", batch) for batch in self._here.ledger.missing_batches(run.id)]
        else:
            units = [Unit(first)]
        return [unit for unit in units if unit.name not in leased and (run.id, unit.name) not in waiting]

    def _continue(self, run: Run, lost: list[Unit]) -> None:
        turn = self._here.ledger.may_sweep(run.id, first=_FIRST_WAIT, longest=_LONGEST_WAIT)
        if not turn:
            return
        batches = [unit.batch for unit in lost if unit.batch is not None]
        what = counted(len(batches), "batch", "batches") if batches else lost[0].name
        words = f"{what} stood in no queue any more and is put into one again"
        note(self._here.redis, run.id, "run_continued", step=lost[0].step, detail=words)
        log.warning("run_continued", run=run.id, lost=what, turn=turn)
        if batches:
            enqueue_batches(run.id, batches)
        else:
            enqueue(run.id, lost[0].step)
