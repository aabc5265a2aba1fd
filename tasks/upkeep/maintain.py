"""maintain: the one step of a job of the service itself."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec
import structlog

from exporters.errors import ExtraMissing
from jobs.maintenance import Maintenance
from reports.errors import Unavailable
from reports.message import Message
from tasks.delivered import MESSAGE, reach_of
from tasks.steps.deliver import deliver_all
from tasks.steps.history import history_of
from tasks.steps.message import conclude
from tasks.steps.step import Done, GiveUp, Work, step
from tasks.upkeep.cleaning import clean_up
from tasks.upkeep.figures import count_day, keep_day, kept_days, month_before
from tasks.upkeep.summaries import reconciliation_message, usage_message, usage_rows

log = structlog.get_logger()

_COUNTED_AGAIN: Final = 3
"""Days that are counted anew: what was open then may have been settled since."""


@step("maintain", deadline_s=480)
def maintain(work: Work) -> Done:
    """Do what the job's definition says."""
    job = work.context.job(work.run_id)
    if not isinstance(job, Maintenance):
        raise GiveUp("this run is of a report, it has no step maintain")
    found = _WORKS[job.maintenance](work, job)
    log.info("maintained", work=job.maintenance)
    return Done(msgspec.json.encode(found), then=conclude)


def _clean_up(work: Work, job: Maintenance) -> Any:
    return clean_up(work.context, job.keep_files)


def _usage(work: Work, job: Maintenance) -> Any:
    first, last = month_before(work.context.ledger.run(work.run_id).due_at.astimezone(job.zone))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    kept = kept_days(work.context.redis, days)
    rows = usage_rows(kept, job.prices)
    message = usage_message(first, last, rows, job.prices, missing=len(days) - len(kept))
    _tell(work, job.notify or work.context.settings.usage_to, message)
    return rows


def _reconcile(work: Work, job: Maintenance) -> Any:
    here = work.context
    today = here.ledger.run(work.run_id).due_at.date()
    days = [count_day(here, today - timedelta(days=n)) for n in range(1, _COUNTED_AGAIN + 1)]
    for day in days:
        keep_day(here.redis, day)
    if days[0].open:
        _tell(work, job.notify, reconciliation_message(days[0]))
    return days[0]


def _history(work: Work, _job: Maintenance) -> Any:
    history = history_of(work.context)
    if history is None:
        return {"kept": False}
    try:
        return history.keep(work.context.ledger.now().date(), work.context.settings.history_days)
    except ExtraMissing as error:
        raise GiveUp(str(error)) from error


_WORKS: Final[Mapping[str, Callable[[Work, Maintenance], Any]]] = {
    "clean-up": _clean_up,
    "usage-summary": _usage,
    "delivery-reconciliation": _reconcile,
    "history-upkeep": _history,
}


def _tell(work: Work, people: tuple[str, ...], message: Message) -> None:
    """Send to these people; to the operators where there are none."""
    here = work.context
    to = people or here.settings.operators
    if deliver_all(here, work.run_id, MESSAGE, message, to):
        raise Unavailable("a channel", reach_of(here, work.run_id, to).lack)
