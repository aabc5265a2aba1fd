"""When the site's latency binds: how near a worker child comes to the ideal, and how pages/s grow with processes.

python -m benchmarks.latency
"""

import statistics
from collections.abc import Sequence
from typing import Final

from benchmarks.fetch import Measured, PageServer, measure
from benchmarks.goals import Goal, print_goals

DELAY_MS: Final = 100.0
SECONDS: Final = 5
"""How long each measurement takes where nothing but latency binds."""
ROUNDS: Final = 3
EACH: Final = 32
"""Connections of each of several processes."""


def print_latency() -> list[Goal]:
    """Print the share of the ideal at 16 to 128 connections, and pages/s of 1, 2 and 4 processes."""
    print(f"\nSmall pages that take {DELAY_MS:.0f} ms, columns that markup answers, batches as by default; "
          f"ideal = connections / latency; medians of {ROUNDS}")  # fmt: skip
    goals = []
    with PageServer(delay_ms=DELAY_MS, size=0.02) as server:
        for connections in (16, 64, 128):
            reached = _rounds(server, connections, 1)
            share = _pages_s(reached) / _ideal(connections)
            print(
                f"{connections:>6} connections, one process: {share:.0%} of the ideal, {_told(reached)}",
                flush=True,
            )
            goals.append(Goal(f"of the ideal at 100 ms, {connections} connections", share, 0.90))
        single = _pages_s(_rounds(server, EACH, 1))
        for processes in (2, 4):
            reached = _rounds(server, EACH, processes)
            times = _pages_s(reached) / single
            print(
                f"{processes:>6} processes of {EACH} connections: {times:.2f} times one, {_told(reached)}",
                flush=True,
            )
    return [*goals, Goal("pages/s of 4 processes at 100 ms, times one", times, 3.6)]


def _ideal(connections: int) -> float:
    return connections / DELAY_MS * 1000


def _rounds(server: PageServer, connections: int, processes: int) -> list[Measured]:
    pages = round(_ideal(connections) * SECONDS) * processes
    return [measure(f"markup:{connections}", server, pages, processes) for _ in range(ROUNDS)]


def _pages_s(rounds: Sequence[Measured]) -> float:
    return statistics.median(one.pages_s for one in rounds)


def _told(rounds: Sequence[Measured]) -> str:
    cpu_us = statistics.median(one.cpu_ms for one in rounds) * 1000
    waited = statistics.median(one.waited for one in rounds)
    return f"{cpu_us:.0f} us of CPU a page, {waited:.0%} of the time waited for a CPU"


if __name__ == "__main__":
    print_goals(print_latency())
