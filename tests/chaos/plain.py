"""The same work on Celery as it comes: a chain with a chord, default settings, results in Redis, no ledger.

`celery -A tests.chaos.plain worker` is its worker. What it fetches, writes and sends is the same, as small as it
can be; a clock of its own is left out (each report is started once), in Celery's favour.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from celery import Celery, chain, chord, group

from tests.chaos.faults import Faults
from tests.chaos.processes import REPOSITORY, Service
from tests.chaos.verdict import Verdict
from tests.chaos.world import BATCH, URLS, World, dice_of, running, world

app = Celery("plain")
if "PLAIN_REDIS_URL" in os.environ:
    app.conf.update(
        broker_url=os.environ["PLAIN_REDIS_URL"],
        result_backend=os.environ["PLAIN_REDIS_URL"],
        broker_connection_retry_on_startup=True,
    )


@app.task(name="plain.collect")
def collect(_job: str, urls: list[str]) -> list[str]:
    """Return the URLs."""
    return urls


@app.task(name="plain.scrape", bind=True)
def scrape(self: Any, urls: list[str], job: str) -> Any:
    """Fan out, as Celery's documentation shows it."""
    parts = [urls[at : at + BATCH] for at in range(0, len(urls), BATCH)]
    return self.replace(chord(group(scrape_batch.s(part) for part in parts), reduce_rows.s(job)))


@app.task(name="plain.scrape_batch")
def scrape_batch(urls: list[str]) -> list[list[Any]]:
    """Fetch a batch."""
    with ThreadPoolExecutor(BATCH) as threads:
        return list(threads.map(_visit, urls))


def _visit(url: str) -> list[Any]:
    with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - our own shop
        return [url, len(answer.read())]


@app.task(name="plain.reduce_rows")
def reduce_rows(batches: list[list[list[Any]]], job: str) -> str:
    """Write the report."""
    folder = Path(os.environ["PLAIN_HOME"])
    path = folder / f"{job}.jsonl"
    lines = [json.dumps({"url": url, "bytes": size}) for batch in batches for url, size in batch]
    path.with_suffix(".part").write_text("\n".join(lines))
    path.with_suffix(".part").rename(path)
    return job


@app.task(name="plain.tell")
def tell(job: str) -> None:
    """Send the message."""
    body = json.dumps({"title": job}).encode()
    address = os.environ["PLAIN_HOOK"]
    post = urllib.request.Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 - our own hook
    urllib.request.urlopen(post, timeout=20)  # noqa: S310


def ordeal(folder: Path, seed: int, *, jobs: int, fault_s: float, patience_s: float = 60) -> Verdict:
    """Let a seed's faults happen to `jobs` reports on plain Celery."""
    home = folder / "out"
    home.mkdir(parents=True)
    with world(folder / "world", longest_answer_s=fault_s / 20) as made:
        env = {
            "PLAIN_REDIS_URL": made.redis.url,
            "PLAIN_HOME": str(home),
            "PLAIN_HOOK": made.hook.address().replace("json://", "http://"),
        }
        command = ["-A", "tests.chaos.plain", "worker", "--loglevel", "INFO", "-c", "2", "-n"]
        made.services = [
            Service(f"worker{number}", [*command, f"w{number}@%h"], folder / f"worker{number}.log", env)
            for number in range(2)
        ]
        # Beat has nothing to do here; the schedule of faults is the same, those that meet it hit an idle process.
        made.services.append(
            Service(
                "beat", ["-A", "tests.chaos.plain", "beat", "-s", str(folder / "s")], folder / "beat.log", env
            )
        )
        names = [f"job-{number:02}" for number in range(jobs)]
        with running(made), _starter(made, names, env) as starter:
            Faults(made, dice_of(seed)).run(fault_s)
            with contextlib.suppress(subprocess.TimeoutExpired):  # what it could not start is not delivered
                starter.wait(60)
            _wait(made, names, home, patience_s)
            return _judge(made, names, home)


@contextlib.contextmanager
def _starter(made: World, names: list[str], env: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Start all reports from a process of its own: Celery keeps connections to the Redis of the seed before."""
    reports = json.dumps({name: made.shop.urls(name, URLS) for name in names})
    command = [sys.executable, "-m", "tests.chaos.plain"]
    with subprocess.Popen(
        command, cwd=REPOSITORY, env={**os.environ, **env}, stdin=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdin is not None
        starter.stdin.write(reports)
        starter.stdin.close()
        try:
            yield starter
        finally:
            starter.kill()


def _start(reports: dict[str, list[str]]) -> None:
    for name, urls in reports.items():
        for _ in range(100):
            try:
                chain(collect.s(name, urls), scrape.s(name), tell.s()).apply_async()
                break
            except Exception:  # noqa: BLE001 - Redis is away: whoever starts it tries again
                time.sleep(0.5)


def _told(made: World, name: str) -> int:
    return sum(body.get("title") == name for body in made.hook.taken)


def _wait(made: World, names: list[str], home: Path, patience_s: float) -> None:
    ends = time.monotonic() + patience_s
    while time.monotonic() < ends:
        if all((home / f"{name}.jsonl").exists() and _told(made, name) for name in names):
            return
        time.sleep(0.5)


def _judge(made: World, names: list[str], home: Path) -> Verdict:
    found = Verdict(runs=len(names))
    for name in names:
        path, told = home / f"{name}.jsonl", _told(made, name)
        found.messages += told
        if not path.exists() or not told:
            found.violations.append(f"{name}: never {'told of' if path.exists() else 'written'}")
            continue
        rows = [json.loads(line)["url"] for line in path.read_text().splitlines()]
        found.rows += len(rows)
        found.delivered += 1
        found.check(rows == made.shop.urls(name, URLS), f"{name}: the rows are not the URLs")
        found.check(told == 1, f"{name}: told {told} times")
    return found


if __name__ == "__main__":
    _start(json.load(sys.stdin))
