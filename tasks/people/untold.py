"""Telling of ends that nobody told, with every worker dead, and of messages that were kept aside.

Apart from what ends runs: a channel may take half a minute to answer, and many a run may have to be told of.
"""

import time
from datetime import timedelta
from typing import Final

from runs.record import Run
from tasks.apart import look_at_each
from tasks.context import Context
from tasks.people.aside_notice import AsideNotice
from tasks.people.tell import tell_of_end

LOOK_EVERY_S: Final = 5.0
_TELL_AFTER: Final = timedelta(seconds=15)
"""How long a worker has to tell of a run's end before beat does."""


class Untold:
    """Tells what people have yet to hear."""

    def __init__(self, here: Context) -> None:
        self._here = here
        self._aside = AsideNotice(here)
        self._next_look = 0.0

    def tick(self) -> None:
        """Look if it is time to."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_EVERY_S
        look_at_each(self._here, self._here.ledger.untold(), self._tell)
        self._aside.tick()

    def _tell(self, run: Run) -> None:
        if run.ended_at is not None and self._here.ledger.now() - run.ended_at > _TELL_AFTER:
            tell_of_end(self._here, run.id)
