"""Jobs as people and programs see them in a list."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from textwrap import shorten
from typing import Any, Final

from console.output import print_table
from jobs.job import Job
from jobs.schedule import next_due
from runs.agenda import Pause

_WIDTH: Final = 120
"""A line of the list, where no terminal says how wide it is."""
_PAUSE_CHARS: Final = 40


def print_jobs(jobs: Sequence[Job], paused: Mapping[str, Pause]) -> None:
    """Print a line a job."""
    rows = [
        (job.job, *_when(job, paused), job.timezone, job.customer, job.description, job.category)
        for job in jobs
    ]
    print_table(
        ("job", "schedule", "next", "time zone", "customer", "description", "category"),
        rows,
        whole=("job", "schedule", "next", "time zone"),
        giving_way=("customer", "category", "description"),
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
    found = paused.get(job.job)
    if found is not None:
        after = shorten(
            f"paused by {found.by}" + (f": {found.why}" if found.why else ""), _PAUSE_CHARS, placeholder="…"
        )
    return job.schedule or "by hand", after
