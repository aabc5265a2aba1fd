"""How a run begins: claimed in the ledger, its definition frozen, its chain enqueued. Also by hand:

>>> from tasks.start import trigger
>>> trigger("acme-daily")
'acme-daily-20261121T061502Z-3f9a'
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from jobs.definition import Report
from jobs.overrides import overridden
from runs.log import note
from tasks.catalogue import current_catalogue, find_job
from tasks.chain import enqueue
from tasks.context import Context, context

log = structlog.get_logger()


def trigger(job: str, overrides: Mapping[str, object] | None = None) -> str:
    """Start a run of a job now and return its id.

    `overrides` are values for this run alone, by dotted key: `{"fetch.batch_size": 50}`. Raises UnknownJob,
    InvalidDefinition when the job's own file or an override is wrong, and redis.ConnectionError.
    """
    here = context()
    return start_manual(here, overridden(find_job(current_catalogue(here), job), overrides or {}))


def start_manual(here: Context, report: Report, fields: Mapping[str, str] | None = None) -> str:
    """Start a run of a definition now; `fields` are frozen with the run. Returns the run's id."""
    now = datetime.now(UTC)
    run_id = f"{report.job}-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    here.ledger.claim(
        run_id, report.job, definition=report.model_dump_json(), deadline=report.deadline, fields=fields
    )
    _begin(here, run_id, "manual")
    return run_id


def start_run(
    here: Context, report: Report, due_at: datetime, fields: Mapping[str, str] | None = None
) -> str | None:
    """Start the run of a due time, unless it has been claimed; any number of beats may try.

    A run that is caught up long after it was due has its whole deadline from now on.
    """
    late = here.ledger.now() - due_at
    deadline = report.deadline if late < report.deadline else late + report.deadline
    run_id = scheduled_id(report.job, due_at)
    made, _ = here.ledger.claim(
        run_id,
        report.job,
        definition=report.model_dump_json(),
        deadline=deadline,
        due_at=due_at,
        fields=fields,
    )
    if not made:
        return None
    _begin(here, run_id, (fields or {}).get("trigger", "schedule"))
    return run_id


def record_missed(here: Context, report: Report, due_at: datetime, reason: str) -> bool:
    """Record a due time that passed without a run as a run that failed, so that people are told; once."""
    run_id = scheduled_id(report.job, due_at)
    made, _ = here.ledger.claim(
        run_id,
        report.job,
        definition=report.model_dump_json(),
        deadline=report.deadline,
        due_at=due_at,
        fields={"never_started": reason},
    )
    if made:
        note(here.redis, run_id, "never_started", detail=reason)
        here.ledger.end(run_id, "failed", reason=reason, tell=True)
        log.error("due_time_missed", job=report.job, due_at=due_at.isoformat(), reason=reason)
    return made


def scheduled_id(job: str, due_at: datetime) -> str:
    """Return the id of the run of a due time."""
    return f"{job}-{due_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def cancel(here: Context, run_id: str, reason: str) -> bool:
    """End a run that is under way; its tasks find it ended and do nothing more. Returns whether it was."""
    ended = here.ledger.end(run_id, "cancelled", reason=reason, tell=False)
    if ended:
        note(here.redis, run_id, "run_cancelled", detail=reason)
        log.warning("run_cancelled", run=run_id, reason=reason)
    return ended


def _begin(here: Context, run_id: str, how: str) -> None:
    # A crash between the claim and here leaves a queued run without a message: the sweeper enqueues it.
    note(here.redis, run_id, "run_claimed", detail=how)
    enqueue(run_id, "collect_urls")
    log.info("run_started", run=run_id, trigger=how)
