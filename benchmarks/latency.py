"""When the site's latency binds: how near a worker child comes to the ideal, and how pages/s grow with processes.

python -m benchmarks.latency
"""

import statistics
from typing import Final

from benchmarks.fetch import PageServer, measure

DELAY_MS: Final = 100.0
PAGES: Final = 8_000
ROUNDS: Final = 3


def print_latency() -> None:
    """Print the share of the ideal at 16 to 128 connections, and pages/s of 1, 2 and 4 processes."""
    print(f"\nSmall pages that take {DELAY_MS:.0f} ms; ideal = connections / latency; medians of {ROUNDS}")
    with PageServer(delay_ms=DELAY_MS, size=0.02) as port:
        for connections in (16, 64, 128):
            ideal = connections / DELAY_MS * 1000
            share = PAGES * connections // 128
            reached = [measure(f"markup:{connections}", port, share, 1).pages_s for _ in range(ROUNDS)]
            print(f"{connections:>6} connections, one process: {statistics.median(reached):7.0f} pages/s, "
                  f"{statistics.median(reached) / ideal:.0%} of the ideal")  # fmt: skip
        single = 0.0
        for processes in (1, 2, 4):
            found = [
                measure("markup:32", port, PAGES // 4 * processes, processes).pages_s for _ in range(ROUNDS)
            ]
            middle = statistics.median(found)
            single = single or middle
            print(
                f"{processes:>6} processes of 32 connections: {middle:7.0f} pages/s, {middle / single:.2f} times one"
            )


if __name__ == "__main__":
    print_latency()
