"""scrape_batch: fetch and extract one batch. A bad page becomes a row, never an exception.

A batch that kills its worker is tried again in halves, and the half in work is written down first, so that the
URL that does it is found in a few deaths, becomes a row that says so, and its neighbours are kept.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from celery import current_task
from celery.exceptions import Retry, SoftTimeLimitExceeded
from redis.exceptions import RedisError

from jobs.definition import Report
from reports.errors import Unavailable
from reports.row import ProductUrl, Row
from runs.ledger import Attempt, Unit
from runs.log import note
from runs.store import RowsExpired, pack_rows
from runs.suspects import Suspects, parts
from scraping.batch import GiveWay, scrape
from scraping.fetcher import Fetcher
from scraping.pacing.host_gate import NOT_ASKED
from tasks.context import Context, context
from tasks.rerun import with_kept_rows
from tasks.steps.child import child
from tasks.steps.metering import metered
from tasks.steps.step import fail
from tasks.steps.turns import Turn, time_left
from tasks.steps.unit import PARKED, REDIS_PATIENCE_S, alive, backoff, begin, patiently
from tasks.task import task
from tasks.transport.broker import served, wait_before

log = structlog.get_logger()

BATCH_DEADLINE_S: Final = 60.0
"""When a batch returns what it has, with rows for the rest."""
_PLAIN_TRIES: Final = 2
"""Attempts that died before a batch is taken for one that kills its worker."""
_RAISING_TRIES: Final = 4
"""Attempts of a batch that raises, before its URLs become rows that say so."""
_MOST_TRIES: Final = 40
TURN_S: Final = 10.0
"""How long a batch holds its worker slot while all that is left waits for hosts that set their own pace."""
_OTHERS_S: Final = 1.0
"""How long a batch holds its worker slot while messages wait that go before it: those of smaller reports."""


@task(name="scrape_batch", queue="fetch", deadline_s=240, ignore_result=True)
def scrape_batch(run_id: str, batch: int) -> int:
    """Fetch, extract and store one batch; returns its number, the same on a redelivery."""
    here = context()
    attempt = begin(here.ledger, run_id, Unit("scrape", batch))
    if attempt is None:
        return batch
    structlog.contextvars.bind_contextvars(run=run_id, step="scrape", batch=batch)
    try:
        turn = Turn(here, attempt)
        with alive(turn.alive, attempt.unit.name, run_id), metered(here, run_id):
            urls = here.store(run_id).urls(batch)
            rows = with_kept_rows(
                here, attempt, urls, lambda some: turn.rows(some, lambda left: _rows(turn, left))
            )
            pause = patiently(lambda: turn.pause(rows), REDIS_PATIENCE_S)
            if pause is None:
                _keep(here, attempt, rows)
                return batch
            patiently(lambda: turn.keep(rows, pause), REDIS_PATIENCE_S)
        running: Any = current_task
        raise running.retry(countdown=pause.total_seconds(), max_retries=None)
    except Retry:
        raise
    except RowsExpired as error:
        fail(here, attempt, f"{error}; do it again from collect_urls")
    except (Exception, SoftTimeLimitExceeded) as error:
        log.exception("batch_raised")
        _raised(here, attempt, error)
    finally:
        structlog.contextvars.clear_contextvars()
    return batch


def _rows(turn: Turn, urls: Sequence[ProductUrl]) -> list[Row]:
    here, attempt = turn.here, turn.attempt
    report = here.report(attempt.run_id)
    left_s = time_left(here.ledger, attempt.run_id).total_seconds()
    if left_s <= 0:
        return failed_rows(urls, NOT_ASKED, "the run's deadline came before this page's turn")
    bounds = _Bounds(time.monotonic() + min(BATCH_DEADLINE_S, left_s), _others_wait(child().fetcher))
    if attempt.tries <= _PLAIN_TRIES:
        return _scrape(turn, urls, report, bounds)
    if attempt.tries > _MOST_TRIES:
        return failed_rows(urls, "internal", "its worker died again and again with this batch")
    return _scrape_carefully(turn, urls, report, bounds)


@dataclass(frozen=True)
class _Bounds:
    """What ends an attempt of a batch, in however many parts it is scraped."""

    ends: float
    """On the monotonic clock."""
    give_way: GiveWay


def _scrape(turn: Turn, urls: Sequence[ProductUrl], report: Report, bounds: _Bounds) -> list[Row]:
    worker_child = child()
    return worker_child.run(
        scrape(
            urls,
            worker_child.fetcher,
            report,
            deadline_s=max(0.0, bounds.ends - time.monotonic()),
            patience_s=TURN_S,
            give_way=bounds.give_way,
            on_row=turn.heard,
        )
    )


def _others_wait(fetcher: Fetcher) -> GiveWay:
    """Return what says, once the batch has had its time, whether messages wait that go before it."""
    running: Any = current_task
    priority = int((running.request.delivery_info or {}).get("priority") or 0)
    queues = served()
    had_its_time = time.monotonic() + _OTHERS_S

    async def others_wait() -> bool:
        client = fetcher.pace.client
        if client is None or time.monotonic() < had_its_time:
            return False
        try:
            return await wait_before(client, priority, queues)
        except RedisError as error:
            log.warning("redis_unavailable", error=str(error))
            return False

    return others_wait


def _scrape_carefully(turn: Turn, urls: Sequence[ProductUrl], report: Report, bounds: _Bounds) -> list[Row]:
    """Scrape part after part, each written down before it begins; what died alone in its part is given up."""
    by_position = {item.position: item for item in sorted(urls, key=lambda item: item.position)}
    suspects = Suspects(turn.here.redis, turn.attempt.run_id, turn.attempt.unit.name)
    guilty = suspects.blamed(list(by_position))
    rows = failed_rows(
        [by_position[at] for at in guilty], "internal", "the worker died while it read this page"
    )
    try:
        for part in parts([at for at in by_position if at not in guilty], suspects.tried()):
            suspects.try_part(part)
            rows += _scrape(turn, [by_position[at] for at in part], report, bounds)
    finally:
        suspects.clear()  # whatever happened, this worker lives: no page of the part in work killed it
    return rows


def failed_rows(urls: Sequence[ProductUrl], failure: str, detail: str) -> list[Row]:
    """Return rows that say why these URLs have no page."""
    return [
        Row(position=item.position, url=item.url, failure=failure, failure_detail=detail, feed=item.feed)
        for item in urls
    ]


def _keep(here: Context, attempt: Attempt, rows: list[Row]) -> None:
    products = sum(row.is_product for row in rows)
    failed = sum(row.failure is not None for row in rows)
    packed = pack_rows(rows)
    kept = patiently(
        lambda: here.ledger.finish_batch(attempt, packed, pages=len(rows), products=products),
        REDIS_PATIENCE_S,
    )
    log.info("batch_scraped" if kept else "batch_superseded", pages=len(rows), failed=failed)


def _raised(here: Context, attempt: Attempt, error: BaseException) -> None:
    """A fault of ours: try again, and in the end store rows that say so, since the chord needs every header."""
    reason = f"{type(error).__name__}: {error}"[:300]
    note(here.redis, attempt.run_id, "batch_raised", step=attempt.unit.name, detail=reason)
    passes = isinstance(error, Unavailable | RedisError)
    if passes or attempt.tries < _RAISING_TRIES:
        wait = backoff(attempt.waits + 1 if passes else attempt.tries)
        here.ledger.park(attempt, wait + PARKED, forgive=passes, hindered=reason)
        running: Any = current_task
        raise running.retry(countdown=wait.total_seconds(), max_retries=None)
    urls = here.store(attempt.run_id).urls(attempt.unit.batch or 0)
    _keep(here, attempt, failed_rows(urls, "internal", reason))
