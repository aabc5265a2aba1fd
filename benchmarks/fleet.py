"""A whole run on a stack of its own (embedded Redis, a worker with two processes): what it takes, and how much memory.

python -m benchmarks.fleet orchestration [URLS]      real pages, against the same loop without Celery
python -m benchmarks.fleet million [URLS …]          simulated pages, from 10,000 to 1,000,000 URLs
"""

import contextlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
import psutil

from benchmarks.fetch import PROCESSES, PageServer, measure
from benchmarks.goals import Goal, print_goals
from jobs.definition import Fetch, Publish, Report
from jobs.url_sources import FileSource
from runs.child_process import start_child, stop_child
from runs.embedded import EmbeddedRedis
from tasks.context import context
from tasks.start import start_manual
from tasks.upkeep.sweep import Sweeper

CONNECTIONS: Final = 100
_LOOK_S: Final = 0.5
"""The ledger has the times: looking more often would only take the processes that are measured their CPU."""
_SAMPLE_S: Final = 1.0
"""Rarely enough to take the processes that are measured no CPU: a look at all of them takes some 5 ms."""
_MB: Final = 1_000_000


@dataclass
class Peaks:
    """The largest memory of each process (RSS, MB), and the CPU of all (s), sampled while a run lasts."""

    pids: dict[int, str]
    mb: dict[str, float] = field(default_factory=dict)
    cpu_s: dict[int, float] = field(default_factory=dict)

    def look(self) -> None:
        """Take one sample of all processes and their descendants."""
        for pid, name in self.pids.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                for process in (root := psutil.Process(pid), *root.children(recursive=True)):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        used, times = process.memory_info().rss / _MB, process.cpu_times()
                        self.mb[name] = max(self.mb.get(name, 0.0), used)
                        self.cpu_s[process.pid] = times.user + times.system

    def must_live(self) -> None:
        """Raise RuntimeError when one of the processes has ended."""
        for pid, name in self.pids.items():
            if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                message = f"{name} has ended"
                raise RuntimeError(message)

    @contextlib.contextmanager
    def sampled(self) -> Iterator[None]:
        """Sample until the block ends."""
        stop = threading.Event()

        def sample() -> None:
            while not stop.wait(_SAMPLE_S):
                self.look()

        thread = threading.Thread(target=sample)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


class RunFigures(msgspec.Struct, frozen=True):
    """One run, measured."""

    urls: int
    whole_s: float
    scrape_s: float
    """From the URLs being collected to the last row stored."""
    cpu_s: float
    mb: dict[str, float]
    state: str
    products: int

    @property
    def cost_us(self) -> float:
        """CPU of all processes for a URL."""
        return self.cpu_s / self.urls * 1e6


@contextlib.contextmanager
def bench_stack(app: str) -> Iterator[tuple[Path, Peaks]]:
    """Run an embedded Redis and a worker of `app` in a folder of their own; the environment names them."""
    folder = Path(tempfile.mkdtemp(prefix="shelfbeat-bench-"))
    redis = EmbeddedRedis(folder / "redis")
    redis.start()
    os.environ |= {
        "SHELFBEAT_REDIS_URL": redis.url,
        "SHELFBEAT_HOME": str(folder / "home"),
        "SHELFBEAT_JOBS": str(folder / "jobs.d"),
        "SHELFBEAT_ALLOW_PRIVATE_HOSTS": "127.0.0.0/8",
    }
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        app,
        "worker",
        "-c",
        str(PROCESSES),
        "--loglevel",
        "WARNING",
    ]
    with (folder / "worker.log").open("wb") as output:
        worker = start_child([*command, "--without-gossip", "--without-mingle"], output=output)
    try:
        redis_pid = int(context().redis.info("server")["process_id"])
        yield folder, Peaks({worker.pid: "worker", redis_pid: "redis"})
    finally:
        stop_child(worker, grace_s=30)
        redis.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run_report(folder: Path, peaks: Peaks, urls: Iterator[str], fetch: Fetch) -> RunFigures:
    """Run one report to its end and return its figures."""
    here = context()
    source = folder / "urls.txt"
    with source.open("w") as lines:
        lines.writelines(f"{url}\n" for url in urls)
    report = Report(
        job="bench",
        deadline="4h",
        urls=(FileSource(file=str(source)),),
        publish=Publish(files=("csv",)),  # jsonl would want every field of a row
        fetch=fetch,
    )
    sweeper = Sweeper(here)
    peaks.look()
    cpu = sum(peaks.cpu_s.values())
    with peaks.sampled():
        run_id = start_manual(here, report)
        while not (run := here.ledger.run(run_id)).ended:
            peaks.must_live()
            sweeper.tick()
            time.sleep(_LOOK_S)
    peaks.look()
    ended = {step.name: step.ended_at for step in run.steps}
    return RunFigures(
        urls=run.urls or 0,
        whole_s=_between(run.claimed_at, run.ended_at),
        scrape_s=_between(ended["collect_urls"], ended["scrape"]),
        cpu_s=sum(peaks.cpu_s.values()) - cpu,
        mb=dict(peaks.mb),
        state=run.state,
        products=run.products,
    )


def _between(began: datetime | None, ended: datetime | None) -> float:
    assert began is not None
    assert ended is not None
    return (ended - began).total_seconds()


def orchestration(count: int) -> list[Goal]:
    """Compare the scrape of a real run with the same loop in two bare processes, on the same pages."""
    fetch = Fetch(concurrency=CONNECTIONS, per_host=512, conditional=False)
    with PageServer() as server, bench_stack("worker.app") as (folder, peaks):
        urls = [f"http://127.0.0.1:{server.port}/p/{number}" for number in range(count)]
        run_report(
            folder, peaks, iter(urls[:1000]), fetch
        )  # connections, imports and code are warm from here
        ratios = []
        for _ in range(3):
            bare = measure("shelfbeat", server, count)
            run = run_report(folder, peaks, iter(urls), fetch)
            assert run.products == count, f"{run.state}: {run.products} of {count}"
            reached = count / run.scrape_s
            ratios.append(reached / bare.pages_s)
            print(
                f"  bare loop {bare.pages_s:.0f} pages/s, {bare.cpu_ms:.3f} CPU-ms/page; in Celery "
                f"{reached:.0f} pages/s, {run.cpu_s / count * 1000:.3f} CPU-ms/page with all steps; "
                f"whole run {run.whole_s:.1f} s",
                flush=True,
            )
    ratios.sort()
    print(f"Orchestration at {count} URLs: {1 - ratios[1]:+.1%} of the bare loop's pages/s (median of 3)")
    print(f"Peak memory: worker process {peaks.mb['worker']:.0f} MB, Redis {peaks.mb['redis']:.0f} MB")
    what = f"orchestration at {count:,} URLs: of the bare loop's pages/s"
    return [Goal(what, 1 - ratios[1], 0.05, ".1%", at_least=False)]


def simulated_urls(count: int) -> Iterator[str]:
    """Yield URLs of 50 shops."""
    return (f"https://shop{number % 50}.example/p/{number}" for number in range(count))


def simulated(count: int) -> None:
    """Plan, fan out, store, reduce and publish a run whose pages are simulated; print its figures as JSON."""
    with bench_stack("benchmarks.simulated_worker") as (folder, peaks):
        run_report(folder, peaks, simulated_urls(5_000), Fetch())  # imports are paid for from here
        run = run_report(folder, peaks, simulated_urls(count), Fetch(batch_size=500))
        own_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MB
        figures = msgspec.structs.replace(run, mb={**run.mb, "sweeper": own_mb})
        print(msgspec.json.encode(figures).decode())


def million(counts: list[int]) -> list[Goal]:
    """Simulate runs of growing size, each in a process and a stack of its own."""
    print(f"{'URLs':>10}{'whole s':>10}{'CPU-us/URL':>12}{'worker MB':>11}{'sweeper MB':>12}{'Redis MB':>10}  state",
          flush=True)  # fmt: skip
    found = []
    for count in counts:
        command = [sys.executable, "-m", "benchmarks.fleet", "simulated", str(count)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        run = msgspec.json.decode(done.stdout.splitlines()[-1], type=RunFigures)
        print(f"{count:>10}{run.whole_s:>10.1f}{run.cost_us:>12.0f}{run.mb['worker']:>11.0f}"
              f"{run.mb['sweeper']:>12.0f}{run.mb['redis']:>10.0f}  {run.state}", flush=True)  # fmt: skip
        found.append(run)
    first, last = found[0], found[-1]
    name = f"{last.urls:,} URLs"
    largest = max(last.mb["worker"], last.mb["sweeper"])
    return [
        Goal(f"{name}: largest process, MB", largest, 400, ".0f", at_least=False),
        Goal(f"{name}: Redis, MB", last.mb["redis"], 600, ".0f", at_least=False),
        Goal(
            f"{name}: CPU a URL, of a run of {first.urls:,}",
            last.cost_us / first.cost_us,
            1.2,
            at_least=False,
        ),
    ]


def main() -> None:
    """Run the part that the command line names."""
    part, numbers = sys.argv[1], [int(text) for text in sys.argv[2:]]
    if part == "orchestration":
        print_goals(orchestration(*(numbers or [20_000])))
    elif part == "simulated":
        simulated(*numbers)
    else:
        print_goals(million(numbers or [10_000, 100_000, 1_000_000]))


if __name__ == "__main__":
    main()
