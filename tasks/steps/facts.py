"""What the ledger knows of a run, in the form that messages are composed from."""

import msgspec

from exporters.published import Published
from jobs.job import Job
from reports.message import Place, RunFacts
from runs.record import Run
from tasks.context import Context
from tasks.steps.reduce import reduced


def run_facts(here: Context, run: Run, job: Job, state: str | None = None) -> RunFacts:
    """Return the facts of a run; `state` says what it is about to be, default: what it is."""
    places = published(here, run.id)
    found = reduced(here, run.id)
    return RunFacts(
        job=run.job,
        run=run.id,
        state=state or run.state,
        timezone=job.timezone,
        due_at=run.due_at,
        deadline_at=run.deadline_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        customer=job.customer,
        published=tuple(Place(kind=place.kind, link=place.link, path=place.path) for place in places),
        warnings=tuple(finding.sentence for finding in found.findings) if found else (),
        notices=(
            *_backfilled(run, job),
            *_unremembered(here, run),
            *(place.notice for place in places if place.notice),
        ),
    )


def _backfilled(run: Run, job: Job) -> tuple[str, ...]:
    if run.trigger != "backfill":
        return ()
    day = run.claimed_at.astimezone(job.zone)
    return (f"Produced afterwards: pages as they were on {day:%d %B %Y}, not on the day it was due.",)


def _unremembered(here: Context, run: Run) -> tuple[str, ...]:
    if run.trigger != "schedule" or not here.ledger.field(run.id, "unremembered"):
        return ()
    return ("The service's records begin after this report was due: it may have been delivered before.",)


def published(here: Context, run_id: str) -> list[Published]:
    """Return where the run was written, with paths and links as far as they have been found."""
    raw = here.ledger.result(run_id, "find_path") or here.ledger.result(run_id, "write_to_sheet")
    return [] if raw is None else msgspec.json.decode(raw, type=list[Published])
