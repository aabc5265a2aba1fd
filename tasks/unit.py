"""Work on one unit of a run: begin it in the ledger, keep its lease alive, and give it back whatever happens."""

import contextlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import structlog
from redis.exceptions import RedisError

from runs.ledger import LEASE, Attempt, Ledger, Unit
from tasks.task import request

log = structlog.get_logger()

HEARTBEAT_S: Final = LEASE.total_seconds() / 3
MOST_ATTEMPTS: Final = 6
"""Executions of a step, the ones that died with their worker included."""


def begin(ledger: Ledger, run_id: str, unit: Unit) -> Attempt | None:
    """Begin the unit for the task in execution; None when there is nothing to do for it."""
    task_id, redelivered = request()
    verdict, attempt = ledger.begin(run_id, unit, task_id, redelivered=redelivered)
    if attempt is None:
        log.info("unit_skipped", run=run_id, step=unit.name, verdict=verdict)
    return attempt


@contextlib.contextmanager
def heartbeat(ledger: Ledger, attempt: Attempt) -> Iterator[threading.Event]:
    """Renew the lease while the context lasts; the event yielded is set once a newer attempt has the unit."""
    lost, stop = threading.Event(), threading.Event()

    def beat() -> None:
        while not stop.wait(HEARTBEAT_S):
            try:
                if not ledger.renew(attempt):
                    lost.set()
                    return
            except RedisError as error:  # the lease may run out; the fence then protects what others write
                log.warning("heartbeat_failed", run=attempt.run_id, step=attempt.unit.name, error=str(error))

    thread = threading.Thread(target=beat, name=f"heartbeat-{attempt.unit.name}", daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        stop.set()
        thread.join()


def backoff(attempt: int) -> timedelta:
    """Return how long to wait after the `attempt`-th try, from 1: 2, 4, 8 … at most 60 s."""
    return timedelta(seconds=min(60, 2**attempt))
