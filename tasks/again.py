"""A run done again, or decided upon, by a person: from a step, for its failed URLs alone, released, dropped."""

from collections.abc import Callable, Sequence
from typing import Final

import structlog

from reports.planning import windows
from reports.row import ProductUrl, Row
from runs import keys
from runs.ledger import Attempt
from runs.log import note
from runs.record import StepName
from runs.store import RowsExpired
from tasks.chain import enqueue
from tasks.context import Context
from tasks.start import cancel

log = structlog.get_logger()

_ONLY_FAILED: Final = "only_failed"
_UNDER_WAY: Final = "it is under way; it can be done again when it has ended"


class NotPossible(Exception):  # noqa: N818 - the name says what it is
    """The run is not in a state for this. Says why, for people."""

    def __init__(self, run_id: str, why: str) -> None:
        super().__init__(run_id, why)  # all arguments up: errors cross processes

    def __str__(self) -> str:
        return ": ".join(self.args)


def rerun(here: Context, run_id: str, step: StepName) -> None:
    """Do an ended run again from a step; what came before it stays. Raises NotPossible, UnknownRun."""
    run = here.ledger.run(run_id)
    known = run.step_names
    if step not in known:
        raise NotPossible(run_id, f"it has no step {step}, but {', '.join(known)}")
    before = known[: known.index(step)]
    undone = [one.name for one in run.steps if one.name in before and one.state != "done"]
    if undone:
        raise NotPossible(run_id, f"{undone[0]} was never done; do it again from there")
    _reopen(here, run_id, step, only_failed=False)


def rerun_failed(here: Context, run_id: str) -> int:
    """Fetch the failed URLs of an ended run again, keep the other rows, and publish anew.

    Returns how many URLs that is. Raises NotPossible, UnknownRun.
    """
    run = here.ledger.run(run_id)
    if run.next_step() in {"collect_urls", "scrape"}:
        raise NotPossible(run_id, "not all its pages were fetched; do it again --from scrape")
    try:
        rows = here.store(run_id).ordered_rows(windows(run.batches or 0))
        failed = sum(row.failure is not None for row in rows)
    except RowsExpired as error:
        words = f"its rows are kept for {keys.ROWS_TTL.days} days and are gone; trigger the job anew"
        raise NotPossible(run_id, words) from error
    if not failed:
        raise NotPossible(run_id, "it has no failed URL")
    _reopen(here, run_id, "scrape", only_failed=True)
    return failed


def release(here: Context, run_id: str, by: str) -> None:
    """Publish a held run after all. Raises NotPossible, UnknownRun."""
    _must_be_held(here, run_id)
    here.ledger.freeze(run_id, "released", by)
    note(here.redis, run_id, "run_released", detail=by)
    _reopen(here, run_id, "write_to_sheet", only_failed=False)


def drop(here: Context, run_id: str, by: str) -> None:
    """End a held run for good, or one that is under way. Raises NotPossible, UnknownRun."""
    run = here.ledger.run(run_id)
    if run.state == "held":
        here.ledger.reopen(run_id, "write_to_sheet", here.job(run_id).deadline)
    elif run.ended:
        raise NotPossible(run_id, f"it has ended: {run.state.replace('_', ' ')}")
    cancel(here, run_id, f"cancelled by {by}")


def with_kept_rows(
    here: Context,
    attempt: Attempt,
    urls: Sequence[ProductUrl],
    fetch: Callable[[Sequence[ProductUrl]], list[Row]],
) -> list[Row]:
    """Return a batch's rows: all fetched, or, where only failed URLs are asked again, the good ones as they were."""
    if not here.ledger.field(attempt.run_id, _ONLY_FAILED):
        return fetch(urls)
    try:
        stored = here.store(attempt.run_id).rows(attempt.unit.batch or 0)
    except RowsExpired:
        return fetch(urls)
    good = {row.position: row for row in stored if row.failure is None}
    again = [item for item in urls if item.position not in good]
    return [*good.values(), *(fetch(again) if again else [])]


def _must_be_held(here: Context, run_id: str) -> None:
    state = here.ledger.run(run_id).state
    if state != "held":
        raise NotPossible(run_id, f"it is not held: {state.replace('_', ' ')}")


def _reopen(here: Context, run_id: str, step: StepName, *, only_failed: bool) -> None:
    if not here.ledger.run(run_id).ended:
        raise NotPossible(run_id, _UNDER_WAY)
    here.redis.hset(keys.run(run_id), _ONLY_FAILED, "1" if only_failed else "")
    answer = here.ledger.reopen(run_id, step, here.job(run_id).deadline)
    if answer == "running":
        raise NotPossible(run_id, _UNDER_WAY)
    here.redis.hincrby(keys.run(run_id), "reopened", 1)
    note(here.redis, run_id, "run_reopened", step=step, detail="failed URLs only" if only_failed else "")
    enqueue(run_id, step)
    log.info("run_reopened", run=run_id, step=step, only_failed=only_failed)
