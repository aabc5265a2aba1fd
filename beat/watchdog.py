"""Ending a beat that stands still, so that its supervisor starts it again: a health check alone restarts nothing."""

import os
import sys
from typing import Final

import structlog

log = structlog.get_logger()

STUCK_TICKS: Final = 300
"""Ticks, a second each, that one round of beat's loop may take. An outage of Redis is no reason: a call gives up
within 75 s. Ticks and not time, because a process that was frozen as a whole goes on by itself."""
_EXIT_CODE: Final = 70  # EX_SOFTWARE of sysexits.h


class Watchdog:
    """Ticks beside beat's loop and ends the process when that has not gone round for `stuck` ticks."""

    def __init__(self, stuck: int = STUCK_TICKS) -> None:
        self._stuck = stuck
        self._ticks = 0

    def went_round(self) -> None:
        """Note that the loop went round, whatever came of it; called by its own thread."""
        self._ticks = 0

    def tick(self) -> None:
        """End the process if the loop stands still."""
        self._ticks += 1
        if self._ticks > self._stuck:
            log.error("beat_stands_still", ticks=self._ticks)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(_EXIT_CODE)  # the thread that stands still would never see a signal
