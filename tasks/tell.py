"""Telling people how a run ended that has no report to show: failed, late, never started, held by its gates.

Its own people hear of the first of a kind at once, and of its repetitions in a digest; so do the operators, over
all jobs. What stands is kept as the job's trouble, for escalation and for the word that all is well again.
"""

from datetime import timedelta
from typing import Final

import msgspec
import structlog

from jobs.job import Job
from reports.message import Failure, Message, Progress, compose, compose_failure, compose_late
from runs.record import PUBLISHED_STATES, Run
from runs.troubles import Quiet, Trouble, Troubles
from tasks.context import Context, context
from tasks.deliver import deliver_all
from tasks.facts import run_facts
from tasks.notices import signature
from tasks.reduce import reduced
from tasks.task import task

log = structlog.get_logger()

PEOPLE_QUIET: Final = timedelta(hours=12)
"""A job's own people hear of the same trouble at once every so often; a daily job's every day."""
OPERATORS_QUIET: Final = timedelta(minutes=30)
"""One cause may fail two hundred reports: operators hear of the first, then of all the others together."""
_TRIES: Final = 5
OPERATORS: Final = "(operators)"
"""Audience of what operators hear; no job can have this name."""


@task(name="tell_end", queue="control", deadline_s=240)
def tell_end(run_id: str) -> str:
    """Tell people how the run ended. Should this message be lost, the watch tells them."""
    tell_of_end(context(), run_id)
    return run_id


def tell_of_end(here: Context, run_id: str) -> None:
    """Tell the job's people and the operators, each once; what a channel did not take is tried again later.

    Of a run that a person has opened again meanwhile nothing is told.
    """
    run = here.ledger.run(run_id)
    if not run.ended or not here.ledger.is_untold(run_id):
        return
    job = here.job_or_name(run)
    kind, message = trouble_kind(here, run), trouble_message(here, run, job)
    like = signature(kind, _failed_step(run), run.reason)
    quiet = Quiet(here.redis)
    tells_people = quiet.may_tell(run.job, like, run_id, PEOPLE_QUIET)
    tells_operators = quiet.may_tell(OPERATORS, like, run_id, OPERATORS_QUIET)
    name, people = message_name(run, kind), people_of(job, kind)
    again = tells_people and deliver_all(here, run_id, name, message, people)
    if tells_operators:
        others = tuple(address for address in here.settings.operators if address not in people)
        again = deliver_all(here, run_id, f"{name}-operators", message, others) or again
    # Escalation begins where its own people have been asked first.
    if run.state not in PUBLISHED_STATES:
        Troubles(here.redis).put(
            Trouble(
                job=run.job,
                kind=kind,
                run=run_id,
                sequence=run.sequence,
                since=run.ended_at or run.deadline_at,
                told=tells_people,
            )
        )
    if not again:
        here.ledger.told(run_id)


def tell_overdue(here: Context, run: Run) -> bool:
    """Tell of a report that is written and not told of by its deadline; returns whether all have heard.

    Its run goes on: the message is still tried.
    """
    job = here.job_or_name(run)
    why = f" What hinders it: {run.hindered}" if run.hindered else ""
    notice = f"The report is written, but its message is not delivered yet.{why}"
    facts = msgspec.structs.replace(run_facts(here, run, job), notices=(notice,))
    step = run.next_step() or "write_message"
    message = compose_late(facts, Progress(step=step, pages=run.pages, urls=run.urls))
    people = tuple(dict.fromkeys((*people_of(job, "late"), *here.settings.operators)))
    return not deliver_all(here, run.id, message_name(run, "overdue"), message, people, most_attempts=_TRIES)


def people_of(job: Job, kind: str) -> tuple[str, ...]:
    """Return whom a job tells of a trouble at once."""
    called = (to for rule in job.escalation if not rule.after and kind in rule.on for to in rule.to)
    return tuple(dict.fromkeys((*job.notify, *called)))


def message_name(run: Run, kind: str) -> str:
    """Return the name under which a message of this end is recorded: a run done again may fail again."""
    return f"{kind}-{run.life}" if run.life else kind


def trouble_kind(here: Context, run: Run) -> str:
    """Return what is wrong with a run that ended."""
    if run.state != "failed":
        return run.state
    if here.ledger.field(run.id, "never_started") and run.started_at is None:
        return "never_started"
    late = run.ended_at is not None and run.ended_at >= run.deadline_at
    return "late" if late else "failed"


def trouble_message(here: Context, run: Run, job: Job) -> Message:
    """Return the message about a run that ended without a report."""
    facts = run_facts(here, run, job)
    found = reduced(here, run.id)
    kind = trouble_kind(here, run)
    step = _failed_step(run)
    if run.state == "held" and found is not None:
        return compose(found.summary, facts)
    if kind == "never_started":
        return compose_late(msgspec.structs.replace(facts, notices=(run.reason, *facts.notices)), None)
    if kind == "late":
        facts = msgspec.structs.replace(facts, notices=(run.reason, *facts.notices))
        stopped = run.next_step() or step
        return compose_late(facts, Progress(step=stopped, pages=run.pages, urls=run.urls))
    attempts = next((one.attempts for one in run.steps if one.name == step), 1)
    return compose_failure(facts, Failure(step=step, happened=run.reason, attempts=attempts))


def _failed_step(run: Run) -> str:
    return next((step.name for step in run.steps if step.state == "failed"), None) or "start"
