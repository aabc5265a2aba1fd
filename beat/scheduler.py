"""Beat's scheduler: what is due follows from the definitions and the ledger's claims (law 11).

No schedule file, no lock, no leader: whatever beat process ticks first claims a due time, the others find it
claimed. The same process sweeps and watches, since it is the one that lives outside the queue.
"""

import os
import socket
from typing import Any

import structlog
from celery.beat import Scheduler
from redis.exceptions import RedisError

from beat.clock import Clock
from beat.definitions import Definitions
from runs import keys
from tasks.context import context
from tasks.sweep import Sweeper
from tasks.watch import Watch

log = structlog.get_logger()

_TICK_S = 1.0


class LedgerScheduler(Scheduler):
    """Celery's scheduler with our jobs beside its entries; `beat_schedule` works as ever."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parts: tuple[Clock, Sweeper, Watch] | None = None

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Start what is due, continue what stopped, tell what ended. Returns seconds until the next tick."""
        wait = float(super().tick(*args, **kwargs) or 0)
        here = context()
        if self._parts is None:
            self._parts = (Clock(here, Definitions(here)), Sweeper(here), Watch(here))
        for part in self._parts:
            try:
                part.tick()
            except RedisError as error:  # Redis comes back; what is due then is computed again
                log.warning("redis_unavailable", part=type(part).__name__, error=str(error))
            except Exception:  # one part's fault must not stop the others
                log.exception("tick_failed", part=type(part).__name__)
        self._sign(here.redis)
        return min(wait or _TICK_S, _TICK_S)

    def _sign(self, redis: Any) -> None:
        try:
            seconds, micros = redis.time()
            key = keys.beat(socket.gethostname(), os.getpid())
            redis.set(key, seconds * 1_000 + micros // 1_000, ex=keys.BEAT_TTL)
        except RedisError as error:
            log.warning("redis_unavailable", part="sign", error=str(error))
