"""`celery -A tests.chaos.dying worker|beat`: ours, dying at the transitions that a test has marked in Redis.

A mark `die:<point>` is a set of job names. The first process that gets to the point with one of them takes the
name out and dies: alone (as a child that the kernel kills), or with its whole worker or beat (as a machine).
"""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from celery.backends.redis import RedisBackend
from celery.canvas import _chain as chain_class

from runs.deliveries import Deliveries
from runs.ledger import Attempt, Ledger
from tasks.context import context
from tests.chaos.app import app

__all__ = ["app"]


def _die_if_marked(point: str, run_id: str) -> None:
    redis = context().redis
    job = "-".join(run_id.split("-")[:2])
    if redis.srem(f"die:{point}", job):
        whole = int(redis.incr("die:count")) % 2 == 0
        redis.rpush("die:deaths", f"{point} {run_id} {_now_ms()}")
        if whole or point == "after_claim":
            os.killpg(0, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def _now_ms() -> int:
    seconds, micros = context().redis.time()
    return int(seconds * 1_000 + micros // 1_000)


def _around(owner: Any, name: str, run_of: Callable[..., str], before: Any = None, after: Any = None) -> None:
    """Wrap a method; `before` and `after` name the point by the same arguments, or are None."""
    inner = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if before is not None and (point := before(*args, **kwargs)):
            _die_if_marked(point, run_of(*args, **kwargs))
        result = inner(*args, **kwargs)
        if after is not None and (point := after(*args, **kwargs)):
            _die_if_marked(point, run_of(*args, **kwargs))
        return result

    setattr(owner, name, wrapped)


def _steps(**points: str) -> Callable[..., str | None]:
    return lambda _ledger, attempt, *_args, **_kwargs: points.get(attempt.unit.step)


def _of_attempt(_ledger: Ledger, attempt: Attempt, *_args: Any, **_kwargs: Any) -> str:
    return attempt.run_id


def _always(point: str) -> Callable[..., str]:
    return lambda *_args, **_kwargs: point


def _begin_noted() -> None:
    inner = Ledger.begin

    def wrapped(ledger: Ledger, run_id: str, *args: Any, **kwargs: Any) -> Any:
        answer = inner(ledger, run_id, *args, **kwargs)
        if isinstance(answer, Attempt):
            ledger.redis.rpush(f"begins:{run_id}", _now_ms())
            ledger.redis.expire(f"begins:{run_id}", 3_600)
        return answer

    setattr(Ledger, "begin", wrapped)  # noqa: B010 - a patch, as mypy reads it


def _body_dies() -> None:
    returns, publish = RedisBackend.on_chord_part_return, chain_class.apply_async
    inside = threading.local()

    def returning(*args: Any, **kwargs: Any) -> Any:
        inside.chord = True
        try:
            return returns(*args, **kwargs)
        finally:
            inside.chord = False

    def publishing(chain: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(inside, "chord", False):
            _die_if_marked("body", chain.tasks[0].args[0])
        return publish(chain, *args, **kwargs)

    setattr(RedisBackend, "on_chord_part_return", returning)  # noqa: B010 - a patch, as mypy reads it
    setattr(chain_class, "apply_async", publishing)  # noqa: B010


_begin_noted()
_body_dies()
_around(Ledger, "claim", lambda _ledger, run_id, *_a, **_k: run_id, after=_always("after_claim"))
_around(Ledger, "begin", lambda _ledger, run_id, *_a, **_k: run_id, after=_always("after_begin"))
_around(Ledger, "finish_batch", _of_attempt, _always("before_batch"), _always("after_batch"))
_around(
    Ledger,
    "finish_step",
    _of_attempt,
    _steps(write_to_sheet="before_sheet"),
    _steps(reduce_rows="after_reduce", write_to_sheet="after_sheet"),
)
_around(Ledger, "end", lambda _ledger, run_id, *_a, **_k: run_id, before=_always("before_end"))


def _run_of(deliveries: Deliveries, *_args: Any, **_kwargs: Any) -> str:
    return str(deliveries._key).split(":")[2]


_around(Deliveries, "intend", _run_of, after=_always("after_intent"))
_around(Deliveries, "confirm", _run_of, _always("before_confirm"), _always("after_confirm"))
