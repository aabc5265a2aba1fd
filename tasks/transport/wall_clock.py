"""What a worker believes the time to be: asked by `shelfbeat doctor`, answered outside of every queue."""

import time
from typing import Any

from celery.worker.control import inspect_command


@inspect_command(name="wall_clock")
def wall_clock(_state: Any) -> float:
    """Return seconds since 1970 by this machine's clock."""
    return time.time()
