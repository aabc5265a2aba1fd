"""Times that must stand in an order, or messages are delivered again while their work goes on."""

import importlib
from datetime import timedelta
from typing import Any

import pytest

from runs.units import LEASE
from tasks.app import VISIBILITY_TIMEOUT_S, app
from tasks.steps.unit import PARKED, backoff

# Celery warns of the task attribute `queue`, which each of our tasks names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_no_task_may_last_and_no_message_may_wait_as_long_as_the_visibility_time_out() -> None:
    app.loader.import_default_modules()
    ours: list[Any] = [task for task in app.tasks.values() if str(task.__module__).startswith("tasks.")]
    assert len(ours) >= 9
    assert all(task.soft_time_limit < task.time_limit < VISIBILITY_TIMEOUT_S for task in ours)
    pass_pause: timedelta = vars(importlib.import_module("tasks.steps.turns"))["_PASS_PAUSE"]
    assert max(pass_pause, backoff(99), LEASE) + PARKED < timedelta(seconds=VISIBILITY_TIMEOUT_S)


def test_a_batch_returns_and_can_wait_for_redis_within_its_soft_limit() -> None:
    batch: Any = importlib.import_module("tasks.steps.batch")
    assert batch.scrape_batch.soft_time_limit > batch.BATCH_DEADLINE_S + batch.REDIS_PATIENCE_S
