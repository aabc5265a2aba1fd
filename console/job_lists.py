"""Jobs as people and programs see them in a list."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from console.output import print_table
from jobs.job import Job
from jobs.schedule import next_due
from runs.agenda import Pause

_WIDTH: Final = 120
"""A line of the list, where no terminal says how wide it is."""


def print_jobs(jobs: Sequence[Job], paused: Mapping[str, Pause]) -> None:
    """Print a line a job."""
    rows = [
        (
            job.job,
            *_when(job, paused),
            job.timezone,
            _pause(paused.get(job.job)),
            job.customer,
            job.description,
            job.category,
        )
        for job in jobs
    ]
    print_table(
        ("job", "schedule", "next", "time zone", "paused", "customer", "description", "category"),
        rows,
        giving_way=("paused", "customer", "category", "description"),
        piped_width=_WIDTH,
    )


def brief(job: Job, paused: Mapping[str, Pause]) -> dict[str, Any]:
    """Return a job as JSON-able data."""
    due = next_due(job, datetime.now(UTC))
    return {
        "job": job.job,
        "category": job.category,
        "customer": job.customer,
        "schedule": job.schedule,
        "timezone": job.timezone,
        "description": job.description,
        "next": due.isoformat() if due else None,
        "paused": pause_json(paused[job.job]) if job.job in paused else None,
    }


def pause_json(pause: Pause) -> dict[str, str]:
    """Return a pause as JSON-able data."""
    return {"by": pause.by, "at": pause.at.isoformat(timespec="seconds"), "why": pause.why}


def local(job: Job, due: datetime) -> str:
    """Return a due time in the job's own time zone."""
    return f"{due.astimezone(job.zone):%a %Y-%m-%d %H:%M} {job.timezone}"


def _when(job: Job, paused: Mapping[str, Pause]) -> tuple[str, str]:
    due = next_due(job, datetime.now(UTC))
    after = f"{due.astimezone(job.zone):%Y-%m-%d %H:%M}" if due else ""
    return job.schedule or "by hand", "paused" if job.job in paused else after


def _pause(pause: Pause | None) -> str:
    if pause is None:
        return ""
    return f"by {pause.by}" + (f": {pause.why}" if pause.why else "")
