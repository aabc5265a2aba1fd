"""`celery -A tests.chaos.newer worker|beat`: ours as a later version may be, beside workers of this one.

It freezes more into definitions, and sends a task with each run that only it knows.
"""

import json
from typing import Any

from jobs.definition import Report
from tasks import start
from tests.chaos.app import app

__all__ = ["app"]


@app.task(name="newer_task")
def newer_task(run_id: str) -> str:
    """Do nothing."""
    return run_id


def _begin_with_more() -> None:
    enqueue = vars(start)["enqueue"]

    def enqueue_more(run_id: str, first: Any) -> None:
        for _ in range(3):
            newer_task.delay(run_id)
        enqueue(run_id, first)

    vars(start)["enqueue"] = enqueue_more


def _freeze_more() -> None:
    dump = Report.model_dump_json

    def dump_more(self: Report, **options: Any) -> str:
        definition = json.loads(dump(self, **options))
        definition["newer"] = definition["fetch"]["newer"] = definition["publish"]["newer"] = {"key": 1}
        return json.dumps(definition)

    setattr(Report, "model_dump_json", dump_more)  # noqa: B010 - a patch, as mypy reads it


_begin_with_more()
_freeze_more()
