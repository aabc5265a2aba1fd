"""parse_message and write_message: what people are told of a report, and telling them."""

from datetime import timedelta
from typing import Final

import msgspec
import structlog

from reports.errors import Unavailable
from reports.message import Failure, Message, compose, compose_failure
from runs.log import note
from runs.record import RunState
from tasks.context import Context
from tasks.deliver import MOST_ATTEMPTS, deliver_all, undelivered
from tasks.facts import run_facts
from tasks.notices import plain_message
from tasks.reduce import Reduced, reduced
from tasks.step import Done, GiveUp, Work, step

log = structlog.get_logger()

_LONG_ENOUGH: Final = timedelta(minutes=10)
"""How long channels that say "try later" are tried although the deadline has come."""
_OPERATORS_TRIES: Final = 8
"""Attempts of an operators' channel, with pauses up to five minutes: about ten minutes."""


@step("parse_message", deadline_s=60)
def parse_message(work: Work) -> Done:
    """Compose the message from the run's figures."""
    here = work.context
    found = _found(here, work.run_id)
    run = here.ledger.run(work.run_id)
    before = reduced(here, run.previous) if run.previous else None
    facts = run_facts(here, run, work.report, _end_state(found))
    message = compose(found.summary, facts, before.summary if before else None, work.report.message)
    if message.unused:
        note(here.redis, run.id, "template_unused", step="parse_message", detail=message.unused)
        log.error("template_unused", reason=message.unused)
    return Done(msgspec.json.encode(message))


@step("write_message", deadline_s=300)
def write_message(work: Work) -> Done:
    """Deliver the message to everybody who has not got it. A repeat sends nothing twice."""
    here = work.context
    raw = here.ledger.result(work.run_id, "parse_message")
    if raw is None:
        raise GiveUp("there is no message to send; run it again from parse_message")
    message = msgspec.json.decode(raw, type=Message)
    if deliver_all(
        here,
        work.run_id,
        "result",
        message,
        work.report.notify,
        most_attempts=_most_attempts(here, work.run_id),
    ):
        raise Unavailable("a channel", "; ".join(undelivered(here, work.run_id, "result")))
    lost = undelivered(here, work.run_id, "result")
    told = not lost or _tell_operators(work, lost)
    if message.unused:
        told = _tell_of_template(work, message) and told
    if not told:
        raise Unavailable("the operators' channel", "it did not take what it must hear")
    return Done(then=conclude)


def conclude(here: Context, run_id: str) -> None:
    """End a run all of whose steps are done, as what its figures make it."""
    is_report = not here.ledger.field(run_id, "maintenance")
    state: RunState = _end_state(_found(here, run_id)) if is_report else "published"
    lost = undelivered(here, run_id, "result")
    reason = f"its message did not reach everybody: {'; '.join(lost)}" if lost else ""
    if here.ledger.end(run_id, state, reason=reason, tell=False):
        note(here.redis, run_id, "run_ended", detail=state)
        log.info("run_ended", run=run_id, state=state)


def _found(here: Context, run_id: str) -> Reduced:
    found = reduced(here, run_id)
    if found is None:
        raise GiveUp("there are no figures of this run; run it again from reduce_rows")
    return found


def _end_state(found: Reduced) -> RunState:
    # A report without one product is no whole report, whatever the reasons are.
    return "published_with_gaps" if found.gaps or not found.summary.products else "published"


def _most_attempts(here: Context, run_id: str) -> int:
    """Return how often a channel is tried: until the deadline patiently, after it once."""
    run = here.ledger.run(run_id)
    began = run.steps[-1].started_at or run.deadline_at
    return MOST_ATTEMPTS if here.ledger.now() < max(run.deadline_at, began + _LONG_ENOUGH) else 1


def _tell_of_template(work: Work, message: Message) -> bool:
    """People have their report in the built-in words; whoever runs the service hears that they are not the job's."""
    here, run = work.context, work.context.ledger.run(work.run_id)
    lines = [
        f"The message of {run.id} went out in the built-in words: its own could not be used.",
        f"What happened: {message.unused}",
        "",
        "See what is wrong: shelfbeat jobs check",
        f"Send it in its own words once they are mended: shelfbeat jobs trigger {run.job}",
    ]
    told = plain_message(f"Shelfbeat: the template of {run.job} cannot be used", lines, "delivered_with_gaps")
    return _settled(here, run.id, "template", told)


def _tell_operators(work: Work, lost: list[str]) -> bool:
    """The report is out, but somebody does not know: the operators hear of it. Returns whether they did."""
    here = work.context
    facts = run_facts(here, here.ledger.run(work.run_id), work.report)
    failure = Failure(step="write_message", happened=f"Not delivered: {'; '.join(lost)}")
    return _settled(here, work.run_id, "undelivered", compose_failure(facts, failure))


def _settled(here: Context, run_id: str, kind: str, message: Message) -> bool:
    """Send the operators a message; returns whether nothing is left to try. A report waits ten minutes for them."""
    operators = here.settings.operators
    return not deliver_all(here, run_id, kind, message, operators, most_attempts=_OPERATORS_TRIES)
