"""How a step of the chain is carried out: once, with retries for what can pass, and an end that people hear of."""

import errno
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, NoReturn

import structlog
from celery import Task, current_task
from celery.exceptions import SoftTimeLimitExceeded
from redis.exceptions import RedisError

from exporters.errors import PublishRefused
from jobs.definition import Report
from jobs.errors import InvalidDefinition
from jobs.secrets import MissingSecret
from reports.errors import Unavailable
from runs.ledger import Attempt, Unit
from runs.log import note
from runs.record import StepName
from runs.store import RowsExpired, RunStore
from tasks.context import Context, UnreadableDefinition, context
from tasks.steps.unit import MOST_TRIES, PARKED, backoff, begin, heartbeat
from tasks.task import task

log = structlog.get_logger()


class StepFailed(Exception):  # noqa: N818 - the name says what it is
    """A step gave up; the run has ended as failed and people are told."""

    def __init__(self, run_id: str, step: str, reason: str) -> None:
        super().__init__(run_id, step, reason)
        self.reason = reason

    def __str__(self) -> str:
        run_id, step, reason = self.args
        return f"{run_id}: {step}: {reason}"


class Hold(Exception):  # noqa: N818 - the name says what it is
    """The report is not good enough to publish; a person decides."""


class GiveUp(Exception):  # noqa: N818 - the name says what it is
    """Trying again cannot help: a person must act. The text is the reason that people read."""


class Superseded(Exception):  # noqa: N818 - the name says what it is
    """The run has ended meanwhile, or a newer attempt has the step: nothing more may leave the house."""


@dataclass(frozen=True)
class Work:
    """What the body of a step gets."""

    context: Context
    attempt: Attempt
    run_id: str
    store: RunStore

    @functools.cached_property
    def report(self) -> Report:
        """The report's definition."""
        return self.context.report(self.run_id)

    def still_wanted(self) -> None:
        """Ask the ledger before something is published. Raises Superseded."""
        if not self.context.ledger.renew(self.attempt):
            raise Superseded


@dataclass(frozen=True)
class Done:
    """What a step found: its result (JSON), and figures for the run's own record."""

    result: bytes = b"null"
    fields: dict[str, str | int] = field(default_factory=dict)
    then: Callable[[Context, str, int], None] | None = None
    """What follows once the step is recorded as done: called with the run's id and its life. The sweeper repeats it
    should we die before it."""


_MOST_FAULTS = 3
"""Tries of a step that raises what nobody foresaw: a fault of ours seldom passes by itself."""
_WORE_OUT = f"tried {MOST_TRIES} times; its worker died or hung each time"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_FOR_A_PERSON = (GiveUp, InvalidDefinition, MissingSecret, RowsExpired, PublishRefused, UnreadableDefinition)


def step(name: StepName, *, deadline_s: int) -> Callable[[Callable[[Work], Done]], "Task[[str], str]"]:
    """Register the body of a step as a task that takes a run id and returns it."""

    def register(body: Callable[[Work], Done]) -> "Task[[str], str]":
        def run_step(run_id: str) -> str:
            perform(run_id, name, body)
            return run_id

        run_step.__doc__ = body.__doc__
        run_step.__module__ = body.__module__
        return task(name=name, queue="control", deadline_s=deadline_s)(run_step)

    return register


def perform(run_id: str, name: StepName, body: Callable[[Work], Done]) -> None:
    """Carry out a step unless it is done, or somebody else's, or too early."""
    here = context()
    attempt = begin(here.ledger, run_id, Unit(name))
    if attempt is None:
        return
    structlog.contextvars.bind_contextvars(run=run_id, step=name)
    log.info("step_started", attempt=attempt.fence)
    try:
        if attempt.tries > MOST_TRIES:
            raise GiveUp(_WORE_OUT)
        with heartbeat(here.ledger, attempt):
            work = Work(here, attempt, run_id, here.store(run_id))
            done = body(work)
            kept = here.ledger.finish_step(attempt, done.result, **done.fields)
        note(here.redis, run_id, "step_done" if kept else "step_superseded", step=name)
        if kept and done.then is not None:
            done.then(here, run_id, attempt.life)
        log.info("step_done" if kept else "step_superseded")
    except Superseded:
        note(here.redis, run_id, "step_superseded", step=name)
        log.info("step_superseded")
    except Hold as error:
        hold(here, attempt, str(error))
    except _FOR_A_PERSON as error:
        fail(here, attempt, str(error))
    except SoftTimeLimitExceeded as error:
        _try_again(here, attempt, error, most=MOST_TRIES)
    except Exception as error:
        if _passes(error):
            _wait_for_others(here, attempt, str(error))
        log.exception("step_raised")
        _try_again(here, attempt, error, most=_MOST_FAULTS)
    finally:
        structlog.contextvars.clear_contextvars()


def fail(here: Context, attempt: Attempt, reason: str) -> NoReturn:
    """End the attempt's run as failed and have people told. Raises StepFailed, which stops the chain."""
    run_id, name = attempt.run_id, attempt.unit.step
    if here.ledger.end(run_id, "failed", reason=reason, step=name, attempt=attempt, tell=True):
        note(here.redis, run_id, "run_failed", step=name, detail=reason)
        log.error("run_failed", reason=reason)
        current_task.app.send_task("tell_end", args=[run_id])
    raise StepFailed(run_id, name, reason)


def hold(here: Context, attempt: Attempt, reason: str) -> NoReturn:
    """End the attempt's run as held and have people told. Raises StepFailed, which stops the chain."""
    run_id = attempt.run_id
    if here.ledger.end(run_id, "held", reason=reason, attempt=attempt, tell=True):
        note(here.redis, run_id, "run_held", detail=reason)
        current_task.app.send_task("tell_end", args=[run_id])
    raise StepFailed(run_id, attempt.unit.step, f"held: {reason}")


def _passes(error: Exception) -> bool:
    """Return whether an error is of what others provide: a service, Redis, room on a disk."""
    return isinstance(error, Unavailable | RedisError) or getattr(error, "errno", None) in _FULL


def _try_again(here: Context, attempt: Attempt, error: BaseException, *, most: int) -> NoReturn:
    """A fault that may be ours: a few more tries, then a person must look."""
    reason = f"{type(error).__name__}: {error}"
    if attempt.tries >= most:
        fail(here, attempt, f"tried {attempt.tries} times; at last: {reason}")
    _come_back(here, attempt, reason, backoff(attempt.tries), forgive=False)


def _wait_for_others(here: Context, attempt: Attempt, reason: str) -> NoReturn:
    """What others provide is away: it is tried until it is back, or the run's deadline ends the run.

    A person who waits for a manual run hears of it after a minute.
    """
    patient = (
        here.ledger.field(attempt.run_id, "trigger") == "schedule" or attempt.unit.step == "write_message"
    )
    times = attempt.waits + 1
    if not patient and times >= MOST_TRIES:
        fail(here, attempt, f"tried {times} times; at last: {reason}")
    _come_back(here, attempt, reason, backoff(times), forgive=True)


def _come_back(here: Context, attempt: Attempt, reason: str, wait: timedelta, *, forgive: bool) -> NoReturn:
    name = attempt.unit.step
    note(here.redis, attempt.run_id, "step_retries", step=name, detail=reason)
    log.warning("step_retries", reason=reason, wait_s=wait.total_seconds(), attempt=attempt.fence)
    # The lease outlasts the wait, so that the sweeper leaves the step to this message.
    here.ledger.park(attempt, wait + PARKED, forgive=forgive, hindered=reason)
    running: Any = current_task
    raise running.retry(countdown=wait.total_seconds(), max_retries=None)
