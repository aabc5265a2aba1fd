"""`celery -A beat.app beat`: the clock. Any number may run; none holds a lock or a file."""

from tasks.app import app

__all__ = ["app"]
