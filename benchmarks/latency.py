"""When the site's latency binds: how near a worker child comes to the ideal, and how pages/s grow with processes.

python -m benchmarks.latency
"""

import statistics
from typing import Final

from benchmarks.fetch import PageServer, measure
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
            share = _pages_s(server, connections, 1) / _ideal(connections)
            print(f"{connections:>6} connections, one process: {share:.0%} of the ideal", flush=True)
            goals.append(Goal(f"of the ideal at 100 ms, {connections} connections", share, 0.90))
        single = _pages_s(server, EACH, 1)
        for processes in (2, 4):
            times = _pages_s(server, EACH, processes) / single
            print(f"{processes:>6} processes of {EACH} connections: {times:.2f} times one", flush=True)
    return [*goals, Goal("pages/s of 4 processes at 100 ms, times one", times, 3.6)]


def _ideal(connections: int) -> float:
    return connections / DELAY_MS * 1000


def _pages_s(server: PageServer, connections: int, processes: int) -> float:
    pages = round(_ideal(connections) * SECONDS) * processes
    rounds = [measure(f"markup:{connections}", server, pages, processes) for _ in range(ROUNDS)]
    return statistics.median(one.pages_s for one in rounds)


if __name__ == "__main__":
    print_goals(print_latency())
