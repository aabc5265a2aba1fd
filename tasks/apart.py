"""Looking at many runs, each apart: what is wrong with one of them keeps no other from being looked at."""

from collections.abc import Callable, Iterable
from functools import partial

import structlog
from redis.exceptions import RedisError

from runs.ledger import UnknownRun
from runs.record import Run
from tasks.context import Context

log = structlog.get_logger()


def look_at_each(here: Context, run_ids: Iterable[str], look: Callable[[Run], None]) -> None:
    """Call `look` with each run; one whose records have expired is forgotten. Raises nothing but RedisError."""
    for run_id in run_ids:
        look_apart(run_id, partial(_look_at, here, run_id, look), here.ledger.forget)


def _look_at(here: Context, run_id: str, look: Callable[[Run], None]) -> None:
    look(here.ledger.run(run_id))


def look_apart(run_id: str, look: Callable[[], None], gone: Callable[[str], None]) -> None:
    """Call `look`, and `gone` with the run's id where its records have expired. Raises nothing but RedisError."""
    try:
        look()
    except UnknownRun:
        gone(run_id)
    except RedisError:
        raise
    except Exception:
        log.exception("look_failed", run=run_id)
