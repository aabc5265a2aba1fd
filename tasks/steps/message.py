"""parse_message and write_message: what people are told of a report, and telling them."""

import msgspec
import structlog
from celery import current_task

from reports.errors import Unavailable
from reports.message import Message, compose
from runs.log import note
from runs.record import RunState
from tasks.context import Context
from tasks.delivered import MESSAGE, reach_of
from tasks.steps.deliver import deliver_all
from tasks.steps.facts import run_facts
from tasks.steps.reduce import Reduced, reduced, reduced_before
from tasks.steps.step import Done, GiveUp, Work, step

log = structlog.get_logger()


@step("parse_message", deadline_s=60)
def parse_message(work: Work) -> Done:
    """Compose the message from the run's figures."""
    here = work.context
    found = _found(here, work.run_id)
    run = here.ledger.run(work.run_id)
    before = reduced_before(here, run)
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
    if deliver_all(here, work.run_id, MESSAGE, message, work.report.notify, still_wanted=work.still_wanted):
        raise Unavailable("a channel", reach_of(here, work.run_id, work.report.notify).lack)
    return Done(then=_conclude_and_tell)


def conclude(here: Context, run_id: str, life: int) -> None:
    """End a run all of whose steps are done, or whose report is out and whose time is, as what its figures make it.

    `life` is that in which the caller found it so: one that was opened again since goes on.

    Where its message did not reach everybody, or not in its own words, those who can be reached and the operators
    have yet to hear of it.
    """
    run = here.ledger.run(run_id)
    is_report = not here.ledger.field(run_id, "maintenance")
    found = reduced(here, run_id) if is_report else None
    state: RunState = _end_state(found) if found is not None else "published"
    lack = reach_of(here, run_id, here.job_or_name(run).notify if is_report else ()).lack
    reason = f"its message did not reach everybody: {lack}" if lack else ""
    tell = is_report and bool(lack or unused_words(here, run_id))
    if here.ledger.end(run_id, state, reason=reason, life=life, tell=tell):
        note(here.redis, run_id, "run_ended", detail=state)
        log.info("run_ended", run=run_id, state=state, reason=reason)


def unused_words(here: Context, run_id: str) -> str:
    """Return why a run's message was not composed in its job's own words; '' where it was, or there is none."""
    raw = here.ledger.result(run_id, "parse_message")
    return "" if raw is None else msgspec.json.decode(raw, type=Message).unused


def _conclude_and_tell(here: Context, run_id: str, life: int) -> None:
    conclude(here, run_id, life)
    if here.ledger.is_untold(run_id):
        current_task.app.send_task("tell_end", args=[run_id])


def _found(here: Context, run_id: str) -> Reduced:
    found = reduced(here, run_id)
    if found is None:
        raise GiveUp("there are no figures of this run; run it again from reduce_rows")
    return found


def _end_state(found: Reduced) -> RunState:
    # A report without one product is no whole report, whatever the reasons are.
    return "published_with_gaps" if found.gaps or not found.summary.products else "published"
