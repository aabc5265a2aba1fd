"""scrape: replaces itself by a chord of the run's batches, whose body is reduce_rows and the steps after it."""

import structlog
from celery import Task, chord, current_task, group

from runs.ledger import Unit
from tasks.chain import after_scrape, batch_signature
from tasks.context import context
from tasks.steps.unit import begin, heartbeat
from tasks.task import task

log = structlog.get_logger()


@task(name="scrape", queue="control", deadline_s=300)
def scrape(run_id: str) -> str:
    """Fan out the batches that are not done: all of them the first time, the missing ones on a repeat."""
    here = context()
    attempt = begin(here.ledger, run_id, Unit("scrape"))
    if attempt is None:
        return run_id
    with heartbeat(here.ledger, attempt):
        try:
            busy = here.ledger.leased(run_id)
            missing = here.ledger.missing_batches(run_id)
            headers = [
                batch_signature(run_id, batch) for batch in missing if Unit("scrape", batch).name not in busy
            ]
            log.info("scrape_fans_out", run=run_id, batches=len(headers))
            running: Task[[str], str] = current_task
            # The steps after the chord become part of its body; left in the chain, a header's fault would
            # fire no errback.
            running.request.chain = None
            body = after_scrape(run_id)
            running.replace(chord(group(headers), body) if headers else body)
        finally:
            # From here on the batches' own leases show that the step is alive; the last batch ends it.
            here.ledger.give_back(attempt)
    return run_id
