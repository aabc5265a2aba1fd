"""When a run ends at the latest, and whether it will make its deadline at its present pace. Pure."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from reports.message import Progress
from runs.record import Run

FAIR_SHARE: Final = timedelta(minutes=2)
"""How long a report's message is tried at the least: a channel that refuses at once six times, after 0, 2, 6, 14, 30
and 62 s."""


def last_moment(run: Run) -> datetime:
    """Return when a run ends at the latest: at its deadline.

    Where its report came out close to it, the message has its fair share of time from when it was first sent, or from
    the publication while it is not: four minutes after the deadline at the very most.
    """
    if not run.is_out:
        return run.deadline_at
    written = next(step.ended_at for step in run.steps if step.name == "write_to_sheet")
    began = run.steps[-1].started_at or written or run.deadline_at
    return max(run.deadline_at, began + FAIR_SHARE)


def outlook(run: Run, now: datetime) -> Progress | None:
    """Return how far a run has got when it will miss its deadline; None while it will make it, or nobody knows.

    A run that nobody has begun after a quarter of its time is at risk, and so is one that fetches nothing; one
    that publishes or tells after nine tenths of it. A message that is being sent puts nothing at risk: the report is
    out, and who has not got it is told at the end. Between them counts the pace of the pages so far, with the time
    that finding the URLs took once more for all that follows.
    """
    allowed = run.deadline_at - run.opened_at
    if run.ended or now >= run.deadline_at or allowed <= timedelta(0):
        return None
    gone = now - run.opened_at
    step = run.next_step() or "write_message"
    if run.is_out and run.steps[-1].started_at is not None:
        return None
    too_slow = run.too_slow if step == "scrape" else ""
    stuck = Progress(step=step, pages=run.pages, urls=run.urls, hindered=run.hindered, too_slow=too_slow)
    if run.state == "queued":
        return stuck if gone > allowed / 4 else None
    scrape = next((one for one in run.steps if one.name == "scrape"), None)
    if step != "scrape" or scrape is None or scrape.started_at is None or not run.urls:
        return stuck if gone > allowed * 0.9 else None
    spent = now - scrape.started_at
    if not run.pages:
        return stuck if spent > allowed / 4 else None
    if spent < allowed / 20:
        return None  # the first batches say little
    rest = spent * ((run.urls - run.pages) / run.pages) + max(timedelta(0), scrape.started_at - run.opened_at)
    if now + rest <= run.deadline_at:
        return None
    return msgspec.structs.replace(stuck, expected_at=now + rest)
