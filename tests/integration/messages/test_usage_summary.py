"""Who gets the monthly usage summary."""

import importlib
from datetime import UTC, datetime
from typing import Any

import pytest
from redis import Redis

from jobs.maintenance import BUILT_IN
from runs.ledger import Attempt, Ledger, Unit
from tasks.context import Context
from tasks.settings import read_settings
from tasks.steps.step import Work
from tests.support.receivers import Hook

# Celery warns of the task attribute `queue`, which each of our tasks names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

(USAGE,) = (job for job in BUILT_IN if job.job == "usage-summary")


@pytest.mark.parametrize(
    ("named", "notified", "told"), [(False, False, "ops"), (True, False, "accounts"), (True, True, "team")]
)
def test_it_goes_to_its_job_s_people_else_to_its_setting_s_else_to_the_operators(
    redis: Redis, named: bool, notified: bool, told: str
) -> None:
    maintain: Any = importlib.import_module("tasks.upkeep.maintain")
    with Hook(200) as ops, Hook(200) as accounts, Hook(200) as team:
        env = {"SHELFBEAT_OPERATORS": ops.address()} | (
            {"SHELFBEAT_USAGE_TO": accounts.address()} if named else {}
        )
        here = Context(read_settings(env), redis, Ledger(redis), ())
        job = USAGE.model_copy(update={"notify": (team.address(),) if notified else ()})
        due = datetime(2026, 12, 1, 6, 30, tzinfo=UTC)
        here.ledger.claim(
            "usage-1", job.job, definition=job.model_dump_json(), deadline=job.deadline, due_at=due
        )
        attempt = here.ledger.begin("usage-1", Unit("maintain"), "task")
        assert isinstance(attempt, Attempt)
        maintain._usage(Work(here, attempt, "usage-1", here.store("usage-1")), job)
        heard = {"ops": ops.bodies, "accounts": accounts.bodies, "team": team.bodies}
    assert {name for name, bodies in heard.items() if bodies} == {told}
    assert heard[told][0]["title"] == "Shelfbeat: usage of November 2026"
