"""`celery -A tests.chaos.app worker`: ours, with a visibility time-out that a frozen worker can outlast in a test."""

from worker.app import app

__all__ = ["app"]

VISIBILITY_TIMEOUT_S = 20

app.conf.broker_transport_options = {
    **app.conf.broker_transport_options,
    "visibility_timeout": VISIBILITY_TIMEOUT_S,
}
