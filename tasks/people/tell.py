"""Telling people how a run ended that has no report to show: failed, late, never started, held by its gates; and whom
a published report's message has not reached.

Its own people hear of the first of a kind at once, and of its repetitions in a digest; so do the operators, over
all jobs. What stands is kept as the job's trouble, for escalation and for the word that all is well again.
"""

from datetime import timedelta
from typing import Final

import msgspec
import structlog

from jobs.job import Job
from reports.message import (
    Failure,
    Lack,
    Message,
    Progress,
    compose,
    compose_failure,
    compose_late,
    compose_undelivered,
)
from runs.record import PUBLISHED_STATES, Run
from runs.troubles import Quiet, Trouble, Troubles
from tasks.context import Context, context
from tasks.delivered import first_reach_of
from tasks.people.notices import plain_message, signature
from tasks.steps.deliver import deliver_all
from tasks.steps.facts import run_facts
from tasks.steps.message import unused_words
from tasks.steps.reduce import reduced
from tasks.task import task

log = structlog.get_logger()

PEOPLE_QUIET: Final = timedelta(hours=12)
"""A job's own people hear of the same trouble at once every so often; a daily job's every day."""
OPERATORS_QUIET: Final = timedelta(minutes=30)
"""One cause may fail two hundred reports: operators hear of the first, then of all the others together."""
OPERATORS: Final = "(operators)"
"""Audience of what operators hear; no job can have this name."""


@task(name="tell_end", queue="control", deadline_s=240)
def tell_end(run_id: str) -> str:
    """Tell people how the run ended. Should this message be lost, beat tells them."""
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
    again = (
        _tell_of_lack(here, run, job) if run.state in PUBLISHED_STATES else _tell_of_trouble(here, run, job)
    )
    if not again:
        here.ledger.told(run)


def _tell_of_trouble(here: Context, run: Run, job: Job) -> bool:
    """Tell of a run that has no report to show; returns whether some channel is to be tried again."""
    kind, message = trouble_kind(here, run), trouble_message(here, run, job)
    like = signature(kind, _failed_step(run), run.reason)
    told, again = _tell(here, run, kind, like, message=message, people=people_of(job, kind))
    # Escalation begins where its own people have been asked first.
    since = run.ended_at or run.deadline_at
    Troubles(here.redis).put(
        Trouble(job=run.job, kind=kind, run=run.id, sequence=run.sequence, since=since, told=told)
    )
    return again


def _tell_of_lack(here: Context, run: Run, job: Job) -> bool:
    """Tell those who can be reached, and the operators, whom a published report's message has not reached.

    Returns whether some channel is to be tried again.
    """
    again, unused = False, unused_words(here, run.id)
    reach = first_reach_of(here, run, job.notify)
    if reach.lack:
        step = run.next_step() or "write_message"
        why = run.hindered or f"its time was over while {step} was not done"
        lack = Lack(got=reach.got, missed=reach.missed, untried=reach.untried, why=why, step=step)
        message = compose_undelivered(run_facts(here, run, job), lack)
        like = signature("undelivered", step, reach.lack)
        # A deadline that passed with nobody told is a missed one.
        called = [] if reach.got else [one for one in people_of(job, "late") if one not in job.notify]
        people = (*reach.able, *called)
        _, again = _tell(here, run, "undelivered", like, message=message, people=people)
    if unused:
        name, words = message_name(run, "template"), _built_in_words(run, unused)
        again = deliver_all(here, run.id, name, words, here.settings.operators) or again
    return again


def _tell(  # noqa: PLR0913 - what is told of whom to whom
    here: Context, run: Run, kind: str, like: str, *, message: Message, people: tuple[str, ...]
) -> tuple[bool, bool]:
    """Tell a job's people and the operators, unless they have just heard the like.

    Returns whether its people hear of it at once, and whether some channel is to be tried again.
    """
    name = message_name(run, kind)
    tells_people, tells_operators = _who_hears(here, run, kind, like)
    again = tells_people and deliver_all(here, run.id, name, message, people)
    if tells_operators:
        others = tuple(address for address in here.settings.operators if address not in people)
        again = deliver_all(here, run.id, f"{name}-operators", message, others) or again
    return tells_people, again


def _who_hears(here: Context, run: Run, kind: str, like: str) -> tuple[bool, bool]:
    """Return whether a job's people hear of a run at once, and whether the operators do; else in a digest."""
    if kind == "held":  # it waits for somebody's decision
        return True, True
    quiet = Quiet(here.redis)
    # A run that is out itself is no success between two of its kind.
    published = 0 if run.is_out else here.ledger.published_sequence(run.job)
    return (
        quiet.may_tell(run.job, like, run.id, PEOPLE_QUIET, published=published),
        quiet.may_tell(OPERATORS, like, run.id, OPERATORS_QUIET),
    )


def people_of(job: Job, kind: str) -> tuple[str, ...]:
    """Return whom a job tells of a trouble at once."""
    called = (to for rule in job.escalation if not rule.after and kind in rule.on for to in rule.to)
    return tuple(dict.fromkeys((*job.notify, *called)))


def message_name(run: Run, kind: str) -> str:
    """Return the name under which a message about a run is recorded: what is said of one life holds in no other."""
    return f"{kind}-{run.life}" if run.life else kind


def trouble_kind(here: Context, run: Run) -> str:
    """Return what is wrong with a run that ended."""
    if run.state != "failed":
        return run.state
    if here.ledger.field(run.id, "never_started") and run.started_at is None:
        return "never_started"
    late = run.ended_at is not None and run.ended_at >= run.deadline_at and not run.is_out
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
        facts = msgspec.structs.replace(facts, notices=(run.reason, *facts.notices))
        return compose_late(facts, None, here.ledger.field(run.id, "left_out_for"))
    if kind == "late":
        facts = msgspec.structs.replace(facts, notices=(run.reason, *facts.notices))
        stopped = run.next_step() or step
        return compose_late(facts, Progress(step=stopped, pages=run.pages, urls=run.urls))
    attempts = next((one.attempts for one in run.steps if one.name == step), 1)
    return compose_failure(facts, Failure(step=step, happened=run.reason, attempts=attempts))


def _built_in_words(run: Run, unused: str) -> Message:
    """Return the word to whoever runs the service that a report was told in other words than its job's."""
    lines = [
        f"The message of {run.id} went out in the built-in words: its own could not be used.",
        f"What happened: {unused}",
        "",
        "See what is wrong: shelfbeat jobs check",
        f"Send it in its own words once they are mended: shelfbeat jobs trigger {run.job}",
    ]
    return plain_message(f"Shelfbeat: the template of {run.job} cannot be used", lines, "delivered_with_gaps")


def _failed_step(run: Run) -> str:
    return next((step.name for step in run.steps if step.state == "failed"), None) or "start"
