"""Fetching against its peers: the same pages, the same columns, two processes each, interleaved, medians.

python -m benchmarks.fetch [ROUNDS]
"""

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.goals import Goal, print_goals

PAGES: Final = 2_000
SEED: Final = 4
PROCESSES: Final = 2
ROUNDS: Final = 5
# Each contender reads for some seconds a round: pages repeat for those that are fast.
READ: Final = {"limit": 32_000, "shelfbeat": 16_000, "markup": 20_000, "scrapy": 2_000, "threads": 2_000}


@dataclass(frozen=True)
class Measured:
    """One contender in one round."""

    pages_s: float
    cpu_ms: float
    """CPU of the client processes for a page."""
    server_ms: float
    """CPU of the page server for a page."""
    waited: float
    """Share of the time that the clients waited for a CPU that others used."""


class PageServer:
    """The page server as a process of its own, for the length of a `with` block."""

    def __init__(
        self,
        pages: int = PAGES,
        delay_ms: float = 0.0,
        size: float = 1.0,
        certificate: Path | None = None,
    ) -> None:
        self._command = [
            sys.executable,
            "-m",
            "benchmarks.fetch_server",
            str(pages),
            str(SEED),
            str(delay_ms),
            str(size),
            *([str(certificate)] if certificate else []),
        ]

    @property
    def cpu_s(self) -> float:
        """CPU of the server so far."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    def __enter__(self) -> "PageServer":
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def measure(name: str, server: PageServer, pages: int, processes: int = PROCESSES) -> Measured:
    """Run one contender over `pages` pages in `processes` processes that start together."""
    share = pages // processes
    server_cpu_s = server.cpu_s
    clients = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "benchmarks.fetch_clients",
                name,
                str(server.port),
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
        pages_s=sum(item["pages"] / item["seconds"] for item in found),
        cpu_ms=sum(item["cpu_s"] for item in found) / sum(item["pages"] for item in found) * 1000,
        server_ms=(server.cpu_s - server_cpu_s) / (share * processes) * 1000,
        waited=sum(item["waited_s"] for item in found) / sum(item["seconds"] for item in found),
    )


def compare(rounds: int) -> dict[str, list[Measured]]:
    """Return each contender's rounds, interleaved so that a busy moment strikes all alike."""
    found: dict[str, list[Measured]] = {name: [] for name in READ}
    with PageServer() as server:
        for number in range(rounds):
            for name, pages in READ.items():
                found[name].append(measure(name, server, pages))
            print(f"  round {number + 1} of {rounds} done", file=sys.stderr, flush=True)
    return found


def print_comparison(found: dict[str, list[Measured]]) -> list[Goal]:
    """Print medians, and ratios taken within each round; return what is to be reached."""
    print(f"\nFetch and read {PAGES} generated pages of about 100 KB (23 KB gzipped), default columns, "
          f"{PROCESSES} processes, medians of {len(found['limit'])} interleaved rounds")  # fmt: skip
    print(
        f"{'':26}{'pages/s':>10}{'CPU-ms/page':>14}{'x Scrapy':>11}{'x limit':>10}{'server, CPU-ms':>17}"
        f"{'waited for a CPU':>19}"
    )
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
        server = statistics.median(row.server_ms for row in rows)
        print(f"{labels[name]:26}{pages:10.0f}{cpu:14.2f}{_ratio(rows, found['scrapy']):11.1f}"
              f"{_ratio(rows, found['limit']):10.2f}{server:17.3f}"
              f"{statistics.median(row.waited for row in rows):19.0%}")  # fmt: skip
    ours = found["shelfbeat"]
    return [
        Goal("default columns: times Scrapy's pages/s", _ratio(ours, found["scrapy"]), 10, ".1f"),
        Goal("default columns: of the fetch + gunzip limit", _ratio(ours, found["limit"]), 0.75),
    ]


def _ratio(rows: list[Measured], base: list[Measured]) -> float:
    return statistics.median(row.pages_s / other.pages_s for row, other in zip(rows, base, strict=True))


if __name__ == "__main__":
    print_goals(print_comparison(compare(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)))
