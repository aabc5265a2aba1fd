"""A part of beat that works beside the clock: a slow mail server must not keep a due run from starting."""

import threading
from collections.abc import Callable
from typing import Final

import structlog
from redis.exceptions import OutOfMemoryError, RedisError

log = structlog.get_logger()

TICK_S: Final = 1.0


def tick_safely(name: str, tick: Callable[[], None]) -> bool:
    """Call `tick`; a fault of one part must not stop the others, and Redis comes back. Returns whether it went well."""
    try:
        tick()
    except OutOfMemoryError:
        log.error("redis_full", part=name, todo="raise Redis' maxmemory; all goes on by itself then")
    except RedisError as error:  # what is due then is computed again
        log.warning("redis_unavailable", part=name, error=str(error))
    except Exception:
        log.exception("tick_failed", part=name)
    else:
        return True
    return False


class Background:
    """Ticks in a thread of its own until it is closed or the process ends."""

    def __init__(self, name: str, tick: Callable[[], None]) -> None:
        self._name = name
        self._tick = tick
        self._closed = threading.Event()
        threading.Thread(target=self._run, name=f"beat-{name}", daemon=True).start()

    def close(self) -> None:
        """Let the tick under way be the last."""
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.is_set():
            tick_safely(self._name, self._tick)
            self._closed.wait(TICK_S)
