"""The chain of a run: which signatures lead from a step to the end. Ids travel, rows do not.

Celery is loaded when something is enqueued: it is a third of a second that `shelfbeat jobs list` need not wait.
"""

from collections.abc import Iterable
from typing import Any, Final

from runs.record import MAINTENANCE_STEPS, STEPS, StepName

_LOWEST: Final = 9
_AFTER_REDUCE: Final = STEPS[STEPS.index("reduce_rows") + 1 :]


def steps_from(run_id: str, first: StepName) -> Any:
    """Return the chain from `first` to the end.

    `scrape` replaces itself by a chord whose body is reduce_rows and the steps after it, so reduce_rows stands
    in the chain only when it is the first.
    """
    names = MAINTENANCE_STEPS if first in MAINTENANCE_STEPS else STEPS[STEPS.index(first) :]
    if first in {"collect_urls", "scrape"}:
        names = tuple(name for name in names if name != "reduce_rows")
    return _chain(_signature(name, run_id) for name in names)


def enqueue(run_id: str, first: StepName) -> None:
    """Enqueue the chain from `first`."""
    steps_from(run_id, first).apply_async()


def priority(batch: int) -> int:
    """Return a batch's priority, 0 the highest: 0, 1, 2, 2, 3, 3, 3, 3, 4 …, from the 257th batch on 9.

    So the first batches of a report go ahead of the later ones of a larger report, whichever came first.
    """
    return min(_LOWEST, batch.bit_length())


def batch_signature(run_id: str, batch: int) -> Any:
    """Return the task of one batch."""
    from tasks.app import FETCH, app  # noqa: PLC0415 - see the module's docstring

    return app.signature("scrape_batch", args=(run_id, batch), immutable=True).set(
        queue=FETCH, priority=priority(batch)
    )


def enqueue_batches(run_id: str, batches: Iterable[int]) -> None:
    """Enqueue batches on their own, without a chord: the ledger knows when the last one is done."""
    from tasks.app import app  # noqa: PLC0415 - see the module's docstring

    with app.producer_pool.acquire(block=True) as producer:
        for batch in batches:
            batch_signature(run_id, batch).apply_async(producer=producer)


def after_scrape(run_id: str) -> Any:
    """Return reduce_rows and the steps after it: the body of the chord."""
    return _chain(_signature(name, run_id) for name in ("reduce_rows", *_AFTER_REDUCE))


def _chain(signatures: Iterable[Any]) -> Any:
    from celery import chain  # noqa: PLC0415 - see the module's docstring

    return chain(*signatures)


def _signature(name: str, run_id: str) -> Any:
    from tasks.app import CONTROL, app  # noqa: PLC0415 - see the module's docstring

    return app.signature(name, args=(run_id,), immutable=True).set(queue=CONTROL, priority=0)
