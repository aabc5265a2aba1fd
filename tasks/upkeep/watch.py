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
from tasks.context import Context
from tasks.people.aside_notice import AsideNotice
from tasks.people.outlook import last_moment
from tasks.people.tell import tell_of_end
from tasks.reached import is_being_sent
from tasks.steps.message import conclude

log = structlog.get_logger()

LOOK_EVERY_S: Final = 5.0
_TELL_AFTER: Final = timedelta(seconds=15)
"""How long a worker has to tell of a run's end before the watch does."""


class Watch:
    """Ends runs at their deadline, and tells of ends that nobody told."""

    def __init__(self, here: Context) -> None:
        self._here = here
        self._aside = AsideNotice(here)
        self._next_look = 0.0

    def tick(self) -> None:
        """Look if it is time to."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_EVERY_S
        ledger = self._here.ledger
        for run_id in ledger.active():
            self._apart(run_id, self._end_if_late)
        for run_id in ledger.untold():
            self._apart(run_id, self._tell)
        self._aside.tick()

    def _apart(self, run_id: str, look: Callable[[Run], None]) -> None:
        """Look at one run, so that what is wrong with it stays its own; forget a run that has expired."""
        try:
            look(self._here.ledger.run(run_id))
        except UnknownRun:
            self._here.ledger.forget(run_id)
        except RedisError:
            raise
        except Exception:  # the other runs' people must hear of theirs
            log.exception("watch_failed", run=run_id)

    def _tell(self, run: Run) -> None:
        if run.ended_at is not None and self._here.ledger.now() - run.ended_at > _TELL_AFTER:
            tell_of_end(self._here, run.id)

    def _end_if_late(self, run: Run) -> None:
        here = self._here
        if here.ledger.now() < last_moment(run):
            return
        if run.is_out:
            if not is_being_sent(here, run.id):  # a channel that is about to answer is waited for
                conclude(here, run.id, run.life)
            return
        step = run.next_step() or "write_message"
        reason = f"the deadline passed while {step} was not done"
        if run.hindered:
            reason += f"; what hindered it last: {run.hindered}"
        if here.ledger.end(run.id, "failed", reason=reason, step=step, life=run.life, tell=True):
            note(here.redis, run.id, "deadline_missed", step=step, detail=reason)
            log.error("deadline_missed", run=run.id, step=step)
