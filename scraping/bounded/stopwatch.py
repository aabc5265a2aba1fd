"""A bound on the CPU that reading one page may take in this process.

A timer of CPU time ticks while a batch runs; the page whose reading spans too many ticks is broken off by an
exception. It reaches Python code and regular expressions, not C code that never returns: pages that could hold
that code for long are read apart (scraping/bounded/apart.py).
"""

import signal
import threading
from types import FrameType, TracebackType
from typing import Final

PAGE_CPU_S: Final = 4.0
_TICK_S: Final = 0.5


class OutOfTime(BaseException):
    """Reading a page took too much CPU. A BaseException, so that no reader mistakes it for a fault of its own."""


class Stopwatch:
    """Ticks between `start` and `stop`; a `with` block in between is one page. Idle outside the main thread."""

    def __init__(self, limit_s: float = PAGE_CPU_S) -> None:
        self._limit = max(1, round(limit_s / _TICK_S))
        self._ticks = 0
        self._reading = False
        self._before: signal.Handlers | None = None

    def start(self) -> None:
        """Start to tick. Only the main thread hears signals; elsewhere pages are unbounded."""
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGPROF, self._tick)  # type: ignore[assignment]
            signal.setitimer(signal.ITIMER_PROF, _TICK_S, _TICK_S)

    def stop(self) -> None:
        """Stop to tick."""
        if self._before is not None:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, self._before)
            self._before = None

    def __enter__(self) -> None:
        self._ticks = 0
        self._reading = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reading = False

    def _tick(self, _number: int, _frame: FrameType | None) -> None:
        if self._reading:
            self._ticks += 1
            if self._ticks > self._limit:
                self._reading = False
                raise OutOfTime
