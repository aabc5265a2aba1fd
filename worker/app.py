"""`celery -A worker.app worker`, and `celery -A worker.app flower`."""

from tasks.app import app

__all__ = ["app"]
