"""Beat's own sign of life to an outside monitor."""

import time
from typing import Final

import structlog
from redis.exceptions import RedisError

from jobs.secrets import MissingSecret, resolve
from reports.errors import Unavailable
from reports.wording import counted
from tasks.context import Context
from tasks.people.ping import ping

log = structlog.get_logger()

PING_EVERY_S: Final = 60.0
STILL_S: Final = 30.0
"""A clock that has not ticked for so long is not alive, whatever this thread does."""


class Pulse:
    """Ticks beside the clock, and tells of it."""

    def __init__(self, here: Context) -> None:
        self._here = here
        self._next_ping = 0.0
        self._ticked = time.monotonic()

    def clock_ticked(self) -> None:
        """Note that the clock went round; called by the clock's own thread."""
        self._ticked = time.monotonic()

    def tick(self) -> None:
        """Ping the monitor if it is time to."""
        monitor = self._here.settings.monitor
        if not monitor or time.monotonic() < self._next_ping:
            return
        try:
            address = resolve(monitor, self._here.secrets)
        except (MissingSecret, Unavailable) as error:
            log.warning("monitor_not_known", reason=str(error))
            self._next_ping = time.monotonic() + PING_EVERY_S
            return
        still_s = time.monotonic() - self._ticked
        try:
            active = len(self._here.ledger.active())
        except RedisError as error:
            ping(address, "fail", f"Redis cannot be reached: {error}")
        else:
            if still_s > STILL_S:
                ping(address, "fail", f"the clock has not ticked for {still_s:.0f} s")
            else:
                ping(address, "success", f"{counted(active, 'run')} under way")
        self._next_ping = time.monotonic() + PING_EVERY_S
