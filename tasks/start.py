"""How a run begins: claimed in the ledger, its definition frozen, its chain enqueued. Also by hand:

>>> from tasks.start import trigger
>>> trigger("acme-daily")
'acme-daily-20261121T061502Z-3f9a'
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import structlog

from jobs.catalogue import Catalogue, load_catalogue
from jobs.definition import Report
from jobs.errors import InvalidDefinition
from reports.columns import known_fields
from runs.log import note
from tasks.chain import enqueue
from tasks.context import Context, context
from tasks.settings import Settings

log = structlog.get_logger()


class UnknownJob(LookupError):  # noqa: N818 - the name says what it is
    """No valid definition has this name."""

    def __init__(self, job: str, known: tuple[str, ...]) -> None:
        super().__init__(job, known)
        self.job = job
        self.known = known

    def __str__(self) -> str:
        return f"no job {self.job!r}; there are: {', '.join(self.known) or 'none'}"


def trigger(job: str) -> str:
    """Start a run of a job now and return its id.

    Raises UnknownJob, InvalidDefinition when the job's own file is wrong, and redis.ConnectionError.
    """
    here = context()
    catalogue = read_catalogue(here.settings)
    return start_manual(here, find_job(catalogue, job))


def find_job(catalogue: Catalogue, job: str) -> Report:
    """Return a job's definition.

    Raises InvalidDefinition when a file of its name is wrong, UnknownJob when no file says it.
    """
    if job in catalogue.jobs:
        return catalogue.jobs[job]
    for file, mistakes in catalogue.broken.items():
        if Path(file).stem == job:
            raise InvalidDefinition(file, mistakes)
    raise UnknownJob(job, tuple(sorted(catalogue.jobs)))


def start_manual(here: Context, report: Report, fields: Mapping[str, str] | None = None) -> str:
    """Start a run of a definition now; `fields` are frozen with the run. Returns the run's id."""
    now = datetime.now(UTC)
    run_id = f"{report.job}-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    here.ledger.claim(
        run_id, report.job, definition=report.model_dump_json(), deadline=report.deadline, fields=fields
    )
    _begin(here, run_id, "manual")
    return run_id


def start_run(here: Context, report: Report, due_at: datetime) -> str | None:
    """Start the run of a due time, unless it has been claimed; any number of beats may try."""
    run_id = f"{report.job}-{due_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    made, _ = here.ledger.claim(
        run_id,
        report.job,
        definition=report.model_dump_json(),
        deadline=report.deadline,
        due_at=due_at,
    )
    if not made:
        return None
    _begin(here, run_id, "schedule")
    return run_id


def cancel(here: Context, run_id: str, reason: str) -> bool:
    """End a run that is under way; its tasks find it ended and do nothing more. Returns whether it was."""
    ended = here.ledger.end(run_id, "cancelled", reason=reason, tell=False)
    if ended:
        note(here.redis, run_id, "run_cancelled", detail=reason)
        log.warning("run_cancelled", run=run_id, reason=reason)
    return ended


def read_catalogue(values: Settings, previous: Catalogue | None = None) -> Catalogue:
    """Return the jobs of the definitions folder."""
    return load_catalogue(values.jobs, known_fields=known_fields(), previous=previous)


def _begin(here: Context, run_id: str, how: str) -> None:
    # A crash between the claim and here leaves a queued run without a message: the sweeper enqueues it.
    note(here.redis, run_id, "run_claimed", detail=how)
    enqueue(run_id, "collect_urls")
    log.info("run_started", run=run_id, trigger=how)
