"""A run done again, or decided upon, by a person: from a step, for its failed URLs alone, released, dropped."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from reports.planning import windows
from reports.reasons import may_give_product, reason
from reports.row import ProductUrl, Row
from runs import keys
from runs.ledger import Attempt
from runs.log import note
from runs.record import PUBLISHED_STATES, Run, StepName
from runs.store import RowsExpired
from tasks.chain import enqueue
from tasks.context import Context
from tasks.delivered import reach_of
from tasks.start import cancel

log = structlog.get_logger()

_ONLY_FAILED: Final = "only_failed"
_RELEASED: Final = "released"
_JUDGED_ANEW: Final = frozenset({"collect_urls", "scrape", "reduce_rows"})
_UNDER_WAY: Final = "it is under way; it can be done again when it has ended"


class NotPossible(Exception):  # noqa: N818 - the name says what it is
    """The run is not in a state for this. Says why, for people."""

    def __init__(self, run_id: str, why: str) -> None:
        super().__init__(run_id, why)  # all arguments up: errors cross processes

    def __str__(self) -> str:
        return ": ".join(self.args)


@dataclass(frozen=True)
class FailedUrls:
    """The URLs of a run without a product, counted by reason."""

    taken: Mapping[str, int]
    """Asked once more: their reason can pass."""
    left: Mapping[str, int]
    """Left as they are: their page would say the same."""


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
    if run.state == "held" and step not in _JUDGED_ANEW:
        words = f"it is held; publish it: shelfbeat runs release {run_id}, or drop it: shelfbeat runs cancel {run_id}"
        raise NotPossible(run_id, words)
    if run.state in PUBLISHED_STATES and step == "write_message":
        _must_lack_somebody(here, run_id)
    _reopen(here, run_id, step, only_failed=False)


def rerun_failed(here: Context, run_id: str) -> FailedUrls:
    """Fetch what an ended run lacks for a reason that can pass, keep the other rows, and publish anew.

    Raises NotPossible, UnknownRun.
    """
    run = here.ledger.run(run_id)
    _must_have_ended(run)
    undone = run.next_step()
    if undone in {"collect_urls", "scrape"}:
        raise NotPossible(run_id, f"not all its pages were fetched; do it again --from {undone}")
    try:
        found = _counted(here.store(run_id).ordered_rows(windows(run.batches or 0)))
    except RowsExpired as error:
        words = f"its rows are kept for {keys.ROWS_TTL.days} days and are gone; trigger the job anew"
        raise NotPossible(run_id, words) from error
    if not found.taken:
        left = ", ".join(f"{count} x {word}" for word, count in found.left.items())
        words = (
            f"no URL failed for a reason that can pass; left: {left}" if left else "every URL has its product"
        )
        raise NotPossible(run_id, words)
    _reopen(here, run_id, "scrape", only_failed=True)
    return found


def told_already(here: Context, run_id: str) -> tuple[str, ...]:
    """Return the channels that have a run's message, which a rerun sends them no second time."""
    return reach_of(here, run_id, ()).got


def _counted(rows: Iterable[Row]) -> FailedUrls:
    taken, left = Counter[str](), Counter[str]()
    for row in rows:
        if not row.is_product:
            (taken if may_give_product(row) else left)[reason(row)] += 1
    return FailedUrls(dict(taken.most_common()), dict(left.most_common()))


def release(here: Context, run_id: str, by: str) -> None:
    """Publish a held run after all. Raises NotPossible, UnknownRun."""
    _must_be_held(here, run_id)
    note(here.redis, run_id, "run_released", detail=by)
    _reopen(here, run_id, "write_to_sheet", only_failed=False, released_by=by)


def drop(here: Context, run_id: str, by: str) -> None:
    """End a held run for good, or one that is under way. Raises NotPossible, UnknownRun."""
    if not cancel(here, run_id, f"cancelled by {by}"):
        raise NotPossible(run_id, f"it has ended: {here.ledger.run(run_id).state.replace('_', ' ')}")


def with_kept_rows(
    here: Context,
    attempt: Attempt,
    urls: Sequence[ProductUrl],
    fetch: Callable[[Sequence[ProductUrl]], list[Row]],
) -> list[Row]:
    """Return a batch's rows: all fetched, or, where only what failed is asked again, the others as they were."""
    if not here.ledger.field(attempt.run_id, _ONLY_FAILED):
        return fetch(urls)
    try:
        stored = here.store(attempt.run_id).rows(attempt.unit.batch or 0)
    except RowsExpired:
        return fetch(urls)
    good = {row.position: row for row in stored if not may_give_product(row)}
    again = [item for item in urls if item.position not in good]
    return [*good.values(), *(fetch(again) if again else [])]


def _must_lack_somebody(here: Context, run_id: str) -> None:
    people = here.job(run_id).notify
    if not people:
        raise NotPossible(run_id, "its job tells nobody: it has no notify")
    if not reach_of(here, run_id, people).lack:
        raise NotPossible(run_id, "every channel has its message already; nothing is sent twice")


def _must_be_held(here: Context, run_id: str) -> None:
    state = here.ledger.run(run_id).state
    if state != "held":
        raise NotPossible(run_id, f"it is not held: {state.replace('_', ' ')}")


def _must_have_ended(run: Run) -> None:
    if not run.ended:
        raise NotPossible(run.id, _UNDER_WAY)


def _reopen(here: Context, run_id: str, step: StepName, *, only_failed: bool, released_by: str = "") -> None:
    _must_have_ended(here.ledger.run(run_id))
    changed = {_ONLY_FAILED: "1" if only_failed else ""}
    # What a person released were those figures: new ones are judged anew.
    if released_by or step in _JUDGED_ANEW:
        changed[_RELEASED] = released_by
    answer = here.ledger.reopen(run_id, step, here.job(run_id).deadline, changed)
    if answer == "running":
        raise NotPossible(run_id, _UNDER_WAY)
    note(here.redis, run_id, "run_reopened", step=step, detail="failed URLs only" if only_failed else "")
    enqueue(run_id, step)
    log.info("run_reopened", run=run_id, step=step, only_failed=only_failed)
