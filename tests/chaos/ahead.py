"""`celery -A tests.chaos.ahead worker`: ours on a machine whose clock is two hours ahead.

Only the transport's clock is moved: by it, a worker judges whether other workers' messages are overdue.
"""

import time

import kombu.transport.redis

from tests.chaos.app import app

__all__ = ["app"]

AHEAD_S = 7_200

setattr(kombu.transport.redis, "time", lambda: time.time() + AHEAD_S)  # noqa: B010 - a patch, as mypy reads it
