"""Fetching against its peers: the same pages, the same columns, two processes each, interleaved, medians.

python -m benchmarks.fetch [ROUNDS]
"""

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

PAGES: Final = 2_000
SEED: Final = 4
PROCESSES: Final = 2
ROUNDS: Final = 5
# Each contender reads for some seconds a round: pages repeat for those that are fast.
READ: Final = {"limit": 12_000, "shelfbeat": 4_000, "markup": 8_000, "scrapy": 2_000, "threads": 2_000}


@dataclass(frozen=True)
class Measured:
    """One contender in one round."""

    pages_s: float
    cpu_ms: float
    """CPU of the client processes for a page."""


class PageServer:
    """The page server as a process of its own, for the length of a `with` block."""

    def __init__(self, pages: int = PAGES, delay_ms: float = 0.0, size: float = 1.0) -> None:
        self._command = [
            sys.executable,
            "-m",
            "benchmarks.fetch_server",
            str(pages),
            str(SEED),
            str(delay_ms),
            str(size),
        ]

    def __enter__(self) -> int:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def measure(name: str, port: int, pages: int, processes: int = PROCESSES) -> Measured:
    """Run one contender over `pages` pages in `processes` processes that start together."""
    share = pages // processes
    clients = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.fetch_clients",
                name,
                str(port),
                str(share * number),
                str(share),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(processes)
    ]
    for client in clients:
        assert client.stdout is not None
        assert client.stdout.readline().strip() == "ready"
    for client in clients:
        assert client.stdin is not None
        client.stdin.write("go\n")
        client.stdin.flush()
    found = [json.loads(client.communicate()[0]) for client in clients]
    products = sum(item["products"] for item in found)
    assert products == share * processes, f"{name} found {products} products of {share * processes}"
    return Measured(
        pages_s=share * processes / max(item["seconds"] for item in found),
        cpu_ms=sum(item["cpu_s"] for item in found) / (share * processes) * 1000,
    )


def compare(rounds: int) -> dict[str, list[Measured]]:
    """Return each contender's rounds, interleaved so that a busy moment strikes all alike."""
    found: dict[str, list[Measured]] = {name: [] for name in READ}
    with PageServer() as port:
        for number in range(rounds):
            for name, pages in READ.items():
                found[name].append(measure(name, port, pages))
            print(f"  round {number + 1} of {rounds} done", file=sys.stderr, flush=True)
    return found


def print_comparison(found: dict[str, list[Measured]]) -> None:
    """Print medians, and ratios taken within each round."""
    print(f"\nFetch and read {PAGES} generated pages of about 100 KB (23 KB gzipped), default columns, "
          f"{PROCESSES} processes, medians of {len(found['limit'])} interleaved rounds")  # fmt: skip
    print(f"{'':26}{'pages/s':>10}{'CPU-ms/page':>14}{'x Scrapy':>11}{'x limit':>10}")
    labels = {
        "limit": "fetch + gunzip limit",
        "shelfbeat": "shelfbeat",
        "markup": "shelfbeat, markup columns",
        "scrapy": "Scrapy",
        "threads": "requests + threads",
    }
    for name, rows in found.items():
        pages = statistics.median(row.pages_s for row in rows)
        cpu = statistics.median(row.cpu_ms for row in rows)
        print(f"{labels[name]:26}{pages:10.0f}{cpu:14.2f}{_ratio(rows, found['scrapy']):11.1f}"
              f"{_ratio(rows, found['limit']):10.2f}")  # fmt: skip


def _ratio(rows: list[Measured], base: list[Measured]) -> float:
    return statistics.median(row.pages_s / other.pages_s for row, other in zip(rows, base, strict=True))


if __name__ == "__main__":
    print_comparison(compare(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
