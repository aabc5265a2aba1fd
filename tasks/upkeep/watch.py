"""The watch: no run outlives its deadline. Works with every worker dead."""

import time
from typing import Final

import structlog

from runs.record import Run
from tasks.apart import look_at_each
from tasks.context import Context
from tasks.delivered import is_being_sent
from tasks.people.outlook import last_moment
from tasks.start import give_up
from tasks.steps.message import conclude

log = structlog.get_logger()

LOOK_EVERY_S: Final = 5.0


class Watch:
    """Ends runs at their deadline; what ends here people have yet to hear."""

    def __init__(self, here: Context) -> None:
        self._here = here
        self._next_look = 0.0

    def tick(self) -> None:
        """Look if it is time to."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_EVERY_S
        look_at_each(self._here, self._here.ledger.active(), self._end_if_late)

    def _end_if_late(self, run: Run) -> None:
        here = self._here
        if here.ledger.now() < last_moment(run):
            return
        if run.is_out:
            if not is_being_sent(here, run.id):  # a channel that is about to answer is waited for
                conclude(here, run.id, run.life)
            return
        step = run.next_step() or "write_message"
        why = f"the deadline passed while {step} was not done"
        if give_up(here, run, step, why, event="deadline_missed"):
            log.error("deadline_missed", run=run.id, step=step)
