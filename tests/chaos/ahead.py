"""`celery -A tests.chaos.ahead worker|beat`: ours on a machine whose clock is two hours ahead, for all that asks it."""

from datetime import UTC, datetime, timedelta
from typing import Final

import time_machine

AHEAD: Final = timedelta(hours=2)

# Before anything else is imported, and for as long as the process and its forks live.
time_machine.travel(datetime.now(UTC) + AHEAD, tick=True).start()

from tests.chaos.app import app  # noqa: E402 - see above

__all__ = ["app"]
