"""The last run of each job: does it stick, is it held, did it miss its deadline, is its report empty?"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from console.doctor.finding import Finding, good, problem, warning
from jobs.job import Job
from reports.wording import counted
from runs.ledger import UnknownRun
from runs.record import PUBLISHED_STATES, Run
from tasks.catalogue import built_in
from tasks.context import Context
from tasks.people.outlook import last_moment, outlook

_LOOKED_AT: Final = 3
"""Newest runs of a job among which the last that ended is looked for."""
_MANY_TRIES: Final = 3
_SETTLED: Final = timedelta(minutes=1)
"""What is younger may still come right by itself."""


def check_last_runs(here: Context, jobs: Iterable[Job]) -> Iterator[Finding]:
    """Yield what is wrong with runs under way and with the last run that ended, of each job."""
    now = here.ledger.now()
    looked_at = 0
    told: list[Finding] = []
    for job in jobs:
        runs = list(_newest(here, job.job))
        looked_at += len(runs)
        empty = _is_empty(here, job)
        told += [found for found in (judge_run(run, now, empty=empty) for run in runs) if found is not None]
    yield from told
    if looked_at and not told:
        yield good(
            "last runs", f"{counted(looked_at, 'run')} looked at: none sticks, failed, is held or empty"
        )


def judge_run(run: Run, now: datetime, *, empty: bool = False) -> Finding | None:
    """Return what is wrong with a run, of which no product is expected where it is `empty`; None where nothing is."""
    return _ended(run, empty=empty) if run.ended else _under_way(run, now)


def _is_empty(here: Context, job: Job) -> bool:
    """Whether a job is the built-in self-test without a page of yours: its one URL gives no product."""
    return not here.settings.self_test_url and job == built_in(here.settings).get("self-test")


def _newest(here: Context, job: str) -> Iterator[Run]:
    """Yield a job's runs from the newest to the last that ended."""
    for run_id in here.ledger.runs_of(job, _LOOKED_AT):
        try:
            run = here.ledger.run(run_id)
        except UnknownRun:  # older than runs are kept
            return
        yield run
        if run.ended:
            return


def _ended(run: Run, *, empty: bool) -> Finding | None:
    check, look = f"last run of {run.job}", f"See more: shelfbeat runs show {run.id}"
    if run.state == "held":
        fix = f"shelfbeat runs release {run.id}, or: shelfbeat runs cancel {run.id}"
        return warning(check, f"{run.id} is held: {run.reason}", fix)
    if run.state == "failed":
        late = run.ended_at is not None and run.ended_at >= run.deadline_at and run.started_at is not None
        return problem(check, f"{run.id} {'missed its deadline' if late else 'failed'}: {run.reason}", look)
    if run.state in PUBLISHED_STATES and run.urls and not run.products and not empty:
        urls = counted(run.urls, "URL")
        return warning(check, f"{run.id} was published without a product: none of {urls} gave one", look)
    if run.state in PUBLISHED_STATES and run.reason:  # whom its message has not reached
        again = f"shelfbeat runs rerun {run.id} --from {run.next_step() or 'write_message'}"
        fix = f"See whether the channels take messages: shelfbeat notify test {run.job}, then: {again}"
        return warning(check, f"{run.id} is published, but {run.reason}", fix)
    return None


def _under_way(run: Run, now: datetime) -> Finding | None:
    check, look = f"run of {run.job}", f"See more: shelfbeat runs show {run.id}"
    step = next((one for one in run.steps if one.state != "done"), run.steps[-1])
    hindered = f": {run.hindered}" if run.hindered else ""
    if now >= last_moment(run):
        return problem(check, f"{run.id} is past its deadline, at {step.name}{hindered}", look)
    # Batches are tried on their own: of them the pages tell.
    again = step.attempts >= _MANY_TRIES or (step.name == "scrape" and not run.pages)
    if run.hindered and again and now - run.opened_at >= _SETTLED:
        tries = f" (try {step.attempts})" if step.attempts >= _MANY_TRIES else ""
        return problem(check, f"{run.id} sticks at {step.name}{tries}{hindered}", look)
    if outlook(run, now) is not None:
        return warning(check, f"{run.id} may miss its deadline, it is at {step.name}{hindered}", look)
    return None
