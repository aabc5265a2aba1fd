"""Telling people how a run ended that has no report to show: failed, or held by its quality gates."""

import structlog

from reports.message import Failure, Message, compose, compose_failure
from runs.record import Run
from tasks.context import Context, context
from tasks.deliver import deliver_all
from tasks.facts import run_facts
from tasks.reduce import reduced
from tasks.task import task

log = structlog.get_logger()


@task(name="tell_end", queue="control", deadline_s=240)
def tell_end(run_id: str) -> str:
    """Tell people how the run ended. Should this message be lost, the watch tells them."""
    tell_of_end(context(), run_id)
    return run_id


def tell_of_end(here: Context, run_id: str) -> None:
    """Tell the job's people and the operators, each once; what a channel did not take is tried again later."""
    run = here.ledger.run(run_id)
    job = here.job(run_id)
    people = tuple(dict.fromkeys((*job.notify, *here.settings.operators)))
    again = deliver_all(here, run_id, run.state, _message(here, run), people)
    if not again:
        here.ledger.told(run_id)


def _message(here: Context, run: Run) -> Message:
    facts = run_facts(here, run, here.job(run.id))
    found = reduced(here, run.id)
    if run.state == "held" and found is not None:
        return compose(found.summary, facts)
    failed = next((step for step in run.steps if step.state == "failed"), None)
    return compose_failure(
        facts,
        Failure(
            step=failed.name if failed else "start",
            happened=run.reason,
            attempts=failed.attempts if failed else 1,
        ),
    )
