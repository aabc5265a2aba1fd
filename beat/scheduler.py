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

from beat.background import TICK_S, Background, tick_safely
from beat.clock import Clock
from beat.complaints import Complaints
from beat.definitions import Definitions
from beat.pulse import Pulse
from beat.watchdog import Watchdog
from runs import keys
from runs.scripts import redis_now, to_ms
from tasks.context import context
from tasks.people.escalation import Escalation
from tasks.people.monitors import Monitors
from tasks.people.untold import Untold
from tasks.upkeep.sweep import Sweeper
from tasks.upkeep.watch import Watch

log = structlog.get_logger()


class LedgerScheduler(Scheduler):
    """Celery's scheduler with our jobs beside its entries; `beat_schedule` works as ever."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock: Clock | None = None
        self._born = 0
        self._pulse: Pulse | None = None
        self._watchdog = Watchdog()
        self._beside: list[Background] = []

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Start what is due; beside it lost work is continued and ends are told. Returns seconds to wait."""
        self._watchdog.went_round()
        wait = float(super().tick(*args, **kwargs) or 0)
        here = context()
        if self._clock is None:
            definitions, monitors = Definitions(here), Monitors(here)
            self._clock, self._pulse = Clock(here, definitions), Pulse(here)
            self._beside = [
                Background("sweeper", Sweeper(here).tick),
                Background("watch", Watch(here).tick),
                Background("untold", Untold(here).tick),
                Background("escalation", Escalation(here).tick),
                Background("complaints", Complaints(here, definitions).tick),
                Background("pulse", self._pulse.tick),
                Background("monitors", lambda: monitors.look(definitions.jobs())),
                Background("watchdog", self._watchdog.tick),
            ]
        if tick_safely("clock", self._start_what_is_due) and self._pulse is not None:
            self._pulse.clock_ticked()
            self._sign(here.redis)  # whoever looks for a beat looks for a clock that goes
        return min(wait or TICK_S, TICK_S)

    def _start_what_is_due(self) -> None:
        born = context().ledger.remember()
        if self._clock is not None:
            if born != self._born:
                self._clock.forget()
            self._clock.tick()
        self._born = born

    def close(self) -> None:
        """Stop what works beside the clock."""
        for part in self._beside:
            part.close()
        super().close()

    def _sign(self, redis: Any) -> None:
        try:
            key = keys.beat(socket.gethostname(), os.getpid())
            redis.set(key, to_ms(redis_now(redis)), ex=keys.BEAT_TTL)
        except RedisError as error:
            log.warning("redis_unavailable", part="sign", error=str(error))
