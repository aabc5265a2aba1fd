"""How a run begins: claimed in the ledger, its definition frozen, its chain enqueued. Also by hand:

>>> from tasks.start import trigger
>>> trigger("acme-daily")
'acme-daily-20261121T061502Z-3f9a'
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

from jobs.job import Job
from jobs.maintenance import Maintenance
from jobs.overrides import overridden
from runs.log import note
from runs.record import Run, StepName
from tasks.catalogue import current_catalogue, find_job
from tasks.chain import enqueue
from tasks.context import Context
from tasks.reach import reach

log = structlog.get_logger()


def trigger(job: str, overrides: Mapping[str, object] | None = None) -> str:
    """Start a run of a job now and return its id.

    `overrides` are values for this run alone, by dotted key (`{"fetch.batch_size": 50}`) or by settings of one place
    (`{"fetch": {"batch_size": 50}}`); what they do not name stays as it is. Raises UnknownJob, InvalidDefinition when
    the job's own file or an override is wrong, and at once RedisAway.
    """
    here = reach()
    catalogue = current_catalogue(here)
    found = find_job(catalogue, job)
    if job in catalogue.last_good:
        log.warning("last_good_version_in_force", job=job, file=catalogue.files[job].name)
    return start_manual(here, overridden(found, overrides or {}))


def _fields(job: Job, given: Mapping[str, str] | None) -> dict[str, str]:
    kind = {"maintenance": job.maintenance} if isinstance(job, Maintenance) else {}
    return {**kind, **(given or {})}


def start_manual(here: Context, job: Job, fields: Mapping[str, str] | None = None) -> str:
    """Start a run of a job now; `fields` are frozen with the run. Returns the run's id."""
    now = datetime.now(UTC)
    run_id = f"{job.job}-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    here.ledger.claim(
        run_id, job.job, definition=job.model_dump_json(), deadline=job.deadline, fields=_fields(job, fields)
    )
    _begin(here, run_id, job, "manual")
    return run_id


def start_run(here: Context, job: Job, due_at: datetime) -> str | None:
    """Start the run of a due time, unless it has been claimed; any number of beats may try."""
    return _start_due(here, job, due_at, None, reclaim=False)


def start_backfill(here: Context, job: Job, due_at: datetime) -> str | None:
    """Start the run of a due time that has none, or but a record that it was missed; None if it has been claimed."""
    return _start_due(here, job, due_at, {"trigger": "backfill"}, reclaim=True)


def is_open(here: Context, job: Job, due_at: datetime) -> bool:
    """Return whether `start_backfill` would start a run for a due time."""
    run_id = scheduled_id(job.job, due_at)
    return not here.ledger.claimed(job.job, due_at) or here.ledger.never_started(run_id)


def record_missed(here: Context, job: Job, due_at: datetime, reason: str, before: str = "") -> bool:
    """Record a due time that passed without a run as a run that failed, so that people are told; once.

    `before` is the run that was still under way, where that is why.
    """
    run_id = scheduled_id(job.job, due_at)
    made, _ = here.ledger.claim(
        run_id,
        job.job,
        definition=job.model_dump_json(),
        deadline=job.deadline,
        due_at=due_at,
        missed=reason,
        fields=_fields(job, {"left_out_for": before} if before else None),
    )
    if made:
        note(here.redis, run_id, "never_started", detail=reason)
        log.error("due_time_missed", job=job.job, due_at=due_at.isoformat(), reason=reason)
    return made


def scheduled_id(job: str, due_at: datetime) -> str:
    """Return the id of the run of a due time."""
    return f"{job}-{due_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def cancel(here: Context, run_id: str, reason: str) -> bool:
    """End a run that is under way or held; its tasks find it ended and do nothing more. Returns whether it was."""
    ended = here.ledger.end(run_id, "cancelled", reason=reason, tell=False)
    if ended:
        note(here.redis, run_id, "run_cancelled", detail=reason)
        log.info("run_cancelled", run=run_id, reason=reason)
    return ended


def give_up(here: Context, run: Run, step: StepName, why: str, *, event: str) -> bool:
    """End a run as failed at a step, have people told why and what hindered it; False where it has gone on since."""
    reason = f"{why}; what hindered it last: {run.hindered}" if run.hindered else why
    ended = here.ledger.end(run.id, "failed", reason=reason, step=step, life=run.life, tell=True)
    if ended:
        note(here.redis, run.id, event, step=step, detail=reason)
    return ended


def _start_due(
    here: Context, job: Job, due_at: datetime, fields: Mapping[str, str] | None, *, reclaim: bool
) -> str | None:
    """Claim and begin; a run that is caught up long after it was due has its whole deadline from now on."""
    late = here.ledger.now() - due_at
    run_id = scheduled_id(job.job, due_at)
    made, _ = here.ledger.claim(
        run_id,
        job.job,
        definition=job.model_dump_json(),
        deadline=job.deadline if late < job.deadline else late + job.deadline,
        due_at=due_at,
        reclaim=reclaim,
        fields=_fields(job, fields),
    )
    if not made:
        return None
    _begin(here, run_id, job, (fields or {}).get("trigger", "schedule"))
    return run_id


def _begin(here: Context, run_id: str, job: Job, how: str) -> None:
    # A crash between the claim and here leaves a queued run without a message: the sweeper enqueues it.
    note(here.redis, run_id, "run_claimed", detail=how)
    enqueue(run_id, "maintain" if isinstance(job, Maintenance) else "collect_urls")
