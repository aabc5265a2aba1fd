"""Whether a run will make its deadline at its present pace. Pure."""

from datetime import datetime, timedelta

from reports.message import Progress
from runs.record import Run


def outlook(run: Run, now: datetime) -> Progress | None:
    """Return how far a run has got when it will miss its deadline; None while it will make it, or nobody knows.

    A run that nobody has begun after a quarter of its time is at risk, and so is one that fetches nothing; one
    that publishes or tells after nine tenths of it. Between them counts the pace of the pages so far, with the time
    that finding the URLs took once more for all that follows.
    """
    allowed = run.deadline_at - run.opened_at
    if run.ended or now >= run.deadline_at or allowed <= timedelta(0):
        return None
    gone = now - run.opened_at
    step = run.next_step() or "write_message"
    stuck = Progress(step=step, pages=run.pages, urls=run.urls)
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
    return Progress(step=step, pages=run.pages, urls=run.urls, expected_at=now + rest)
