"""Work on one unit of a run: begin it in the ledger, keep its lease alive, and give it back whatever happens."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final, TypeVar

import structlog
from celery import current_task
from redis.exceptions import RedisError

from runs.ledger import HEARTBEAT, Attempt, Ledger, Refusal, Unit
from runs.log import note
from runs.process import is_gone
from tasks.task import request

log = structlog.get_logger()
T = TypeVar("T")

MOST_TRIES: Final = 6
"""Executions of a step that died with their worker, hung, or met a fault of ours."""
PARKED: Final = timedelta(seconds=15)
"""How much longer than its wait a unit is kept for the task that comes back for it."""
REDIS_PATIENCE_S: Final = 90.0
"""How long what cannot be had again, pages fetched or a channel's answer, waits for a Redis that is away."""


def begin(ledger: Ledger, run_id: str, unit: Unit) -> Attempt | None:
    """Begin the unit for the task in execution; None when there is nothing to do for it.

    A message delivered again while the attempt of its first delivery still shows life comes back once, when the
    heartbeats tell whether that worker died. Raises celery's Retry for it.
    """
    task_id, turn, redelivered = request()
    answer = ledger.begin(run_id, unit, task_id, turn=turn, redelivered=redelivered)
    if isinstance(answer, Refusal) and redelivered and is_gone(answer.by):
        answer = ledger.begin(run_id, unit, task_id, turn=turn, redelivered=True, stale=timedelta(0))
    if isinstance(answer, Attempt):
        if answer.taken:
            what = unit.step if unit.batch is None else f"batch {unit.batch}"
            detail = f"{what} begun again: its worker died, was stopped, or hangs"
            note(ledger.redis, run_id, "begun_again", step=unit.step, detail=detail)
        return answer
    log.info("unit_skipped", run=run_id, step=unit.name, verdict=answer.verdict)
    running: Any = current_task
    if answer.verdict == "busy" and redelivered and not running.request.retries:
        raise running.retry(countdown=answer.wait.total_seconds(), max_retries=None)
    return None


@contextlib.contextmanager
def heartbeat(ledger: Ledger, attempt: Attempt) -> Iterator[None]:
    """Renew the lease of a unit while the context lasts."""
    with alive(lambda: ledger.renew(attempt), attempt.unit.name, attempt.run_id):
        yield


@contextlib.contextmanager
def alive(renew: Callable[[], bool], name: str, run_id: str) -> Iterator[None]:
    """Call `renew` every few seconds while the context lasts, until it says that somebody newer has the work."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(HEARTBEAT.total_seconds()):
            try:
                if not renew():
                    return
            except RedisError as error:  # the lease may run out; the fence then protects what others write
                log.warning("heartbeat_failed", run=run_id, step=name, error=str(error))

    thread = threading.Thread(target=beat, name=f"heartbeat-{name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def backoff(attempt: int) -> timedelta:
    """Return how long to wait after the `attempt`-th try, from 1: 2, 4, 8 … at most 60 s."""
    return timedelta(seconds=min(60, 2**attempt))


def patiently(store: Callable[[], T], patience_s: float) -> T:
    """Return what `store` does, called again while Redis is away or full, for at most `patience_s`."""
    ends = time.monotonic() + patience_s
    while True:
        try:
            return store()
        except RedisError as error:
            if time.monotonic() > ends:
                raise
            log.warning("redis_unavailable", error=str(error))
            time.sleep(1)
