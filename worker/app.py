"""`celery -A worker.app worker`, and `celery -A worker.app flower`."""

from tasks.app import app
from worker.stopping import soften_sigterm

__all__ = ["app"]

soften_sigterm()
