"""The watch: no run outlives its deadline in silence, and nobody is left untold. Works with every worker dead."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog
from redis.exceptions import RedisError

from runs.ledger import UnknownRun
from runs.log import note
from runs.record import Run
from tasks.aside_notice import AsideNotice
from tasks.context import Context
from tasks.tell import tell_of_end, tell_overdue

log = structlog.get_logger()

LOOK_EVERY_S: Final = 5.0
_TELL_AFTER: Final = timedelta(seconds=15)
"""How long a worker has to tell of a run's end before the watch does."""
_TELL_OVERTIME: Final = timedelta(hours=6)
"""How long after the deadline a published run's message is still tried."""


class Watch:
    """Ends runs at their deadline, and tells of ends that nobody told."""

    def __init__(self, here: Context) -> None:
        self._here = here
        self._aside = AsideNotice(here)
        self._next_look = 0.0
        self._overdue: set[str] = set()
        """Runs that are written and late, of which people heard."""

    def tick(self) -> None:
        """Look if it is time to."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_EVERY_S
        ledger = self._here.ledger
        active = ledger.active()
        self._overdue &= set(active)
        for run_id in active:
            self._apart(run_id, self._end_if_late, ledger.forget)
        for run_id in ledger.untold():
            self._apart(run_id, self._tell, ledger.told)
        self._aside.tick()

    def _apart(self, run_id: str, look: Callable[[Run], None], drop: Callable[[str], None]) -> None:
        """Look at one run, so that what is wrong with it stays its own; drop a run that has expired."""
        try:
            look(self._here.ledger.run(run_id))
        except UnknownRun:
            drop(run_id)
        except RedisError:
            raise
        except Exception:  # the other runs' people must hear of theirs
            log.exception("watch_failed", run=run_id)

    def _tell(self, run: Run) -> None:
        if run.ended_at is not None and self._here.ledger.now() - run.ended_at > _TELL_AFTER:
            tell_of_end(self._here, run.id)

    def _end_if_late(self, run: Run) -> None:
        late = self._here.ledger.now() - run.deadline_at
        if late < timedelta(0):
            return
        step = run.next_step() or "write_message"
        written = any(s.name == "write_to_sheet" and s.state == "done" for s in run.steps)
        if written and late < _TELL_OVERTIME:
            if run.id not in self._overdue and tell_overdue(self._here, run):
                self._overdue.add(run.id)
            return
        if written:
            reason = "published, but its message could not be delivered in time"
            ended = self._here.ledger.end(run.id, "published_with_gaps", reason=reason, tell=True)
        else:
            reason = f"the deadline passed while {step} was not done"
            if run.hindered:
                reason += f"; what hindered it last: {run.hindered}"
            ended = self._here.ledger.end(run.id, "failed", reason=reason, step=step, tell=True)
        if ended:
            note(self._here.redis, run.id, "deadline_missed", step=step, detail=reason)
            log.error("deadline_missed", run=run.id, step=step)
