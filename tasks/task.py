"""Our `task` decorator: every option named, none free-form, so that a misspelt one raises TypeError."""

from collections.abc import Callable
from typing import Any, Literal, ParamSpec, TypeVar, cast

from celery import Task, current_task

from tasks.app import LONGEST_TASK_S, app

P = ParamSpec("P")
R = TypeVar("R")


def task(
    *,
    name: str,
    queue: Literal["control", "fetch"],
    deadline_s: int,
    ignore_result: bool = False,
) -> Callable[[Callable[P, R]], "Task[P, R]"]:
    """Register a task: its name in Flower and logs, its queue, and the hard limit of one execution in seconds."""
    if deadline_s > LONGEST_TASK_S:
        message = f"{name}: {deadline_s} s is above {LONGEST_TASK_S} s, and so near the visibility timeout"
        raise ValueError(message)

    def register(function: Callable[P, R]) -> "Task[P, R]":
        make = app.task(
            name=name,
            queue=queue,
            time_limit=deadline_s,
            soft_time_limit=deadline_s - max(2, deadline_s // 10),
            max_retries=None,  # how often is the step's or the batch's to say
            ignore_result=ignore_result,
        )
        return cast("Task[P, R]", make(function))

    return register


def request() -> tuple[str, int, bool]:
    """Return the id of the task in execution, how often it came back, and whether this is not its first execution."""
    now: Any = current_task.request
    redelivered = bool((now.delivery_info or {}).get("redelivered")) or now.retries > 0
    return str(now.id), int(now.retries), redelivered
