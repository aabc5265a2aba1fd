"""The real command line and real processes: how acceptance tests start and end them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from console.demo.shop import DemoShop, demo_shop
from runs.embedded import EmbeddedRedis
from runs.ledger import Ledger

BIN = Path(sys.executable).parent


@pytest.fixture
def shop() -> Iterator[DemoShop]:
    """The demo shop on a loopback port."""
    with demo_shop() as running:
        yield running


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment of the test's own: no Redis given, loopback shops allowed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHELFBEAT_")}
    return {
        **kept,
        "SHELFBEAT_HOME": str(tmp_path / "home"),
        "SHELFBEAT_JOBS": str(tmp_path / "jobs.d"),
        "SHELFBEAT_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }


def shelfbeat(
    *arguments: str, env: dict[str, str], stdin: str | None = None, timeout_s: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run the command and return what it did."""
    return subprocess.run(
        [str(BIN / "shelfbeat"), *arguments],
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def json_of(done: subprocess.CompletedProcess[str]) -> Any:
    """Return the JSON that a command printed; its errors explain a failure."""
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def json_lines(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a rows.jsonl."""
    return [json.loads(line) for line in path.read_text().splitlines()]


@dataclass
class Services:
    """Real Celery processes on a real Redis, started as any Celery user starts them."""

    env: dict[str, str]
    logs: Path
    redis: EmbeddedRedis
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `celery <arguments>`; its output goes to logs/<name>.log."""
        with (self.logs / f"{name}.log").open("ab") as output:
            process = subprocess.Popen(
                [str(BIN / "celery"), *arguments], env=self.env, stdout=output, stderr=subprocess.STDOUT
            )
        self.running[name] = process
        return process

    def worker(self, name: str = "worker", processes: int = 2) -> subprocess.Popen[bytes]:
        """Start a worker."""
        return self.start(
            name, "-A", "worker.app", "worker", "-c", str(processes), "-n", f"{name}@%h", "--loglevel", "INFO"
        )

    def beat(self, name: str = "beat") -> subprocess.Popen[bytes]:
        """Start a beat."""
        return self.start(name, "-A", "beat.app", "beat", "--loglevel", "INFO")

    def log(self, name: str) -> str:
        """Return what a process printed."""
        return (self.logs / f"{name}.log").read_text(errors="replace")

    def stop(self) -> None:
        """Stop all of them."""
        for process in self.running.values():
            if process.poll() is None:
                process.terminate()
        for process in self.running.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def wait_for_end(self, run_id: str, timeout_s: float = 60) -> dict[str, Any]:
        """Return `runs show` of a run once it has ended."""
        ends = time.monotonic() + timeout_s
        with Redis.from_url(self.redis.url) as client:
            while not (run := Ledger(client).run(run_id)).ended:
                assert time.monotonic() < ends, f"{run_id} did not end: {run}\n{self.log('worker')[-3000:]}"
                time.sleep(0.1)
        view: dict[str, Any] = json_of(shelfbeat("runs", "show", run_id, "--json", env=self.env))
        return view

    def wait_for_pages(self, run_id: str, pages: int, timeout_s: float = 40) -> None:
        """Return once the run has stored so many rows."""
        ends = time.monotonic() + timeout_s
        with Redis.from_url(self.redis.url) as client:
            while Ledger(client).run(run_id).pages < pages:
                assert time.monotonic() < ends, self.log("worker")[-3000:]
                time.sleep(0.05)

    def wait_for_run(self, job: str, timeout_s: float = 60) -> str:
        """Return the id of the job's newest run once it has one."""
        ends = time.monotonic() + timeout_s
        with Redis.from_url(self.redis.url) as client:
            while not (runs := Ledger(client).runs_of(job)):
                assert time.monotonic() < ends, f"beat started nothing:\n{self.log('beat')}"
                time.sleep(0.1)
        return runs[0]


@pytest.fixture
def services(environment: dict[str, str], tmp_path: Path) -> Iterator[Services]:
    """A Redis of the test's own; the test starts the processes that it needs."""
    server = EmbeddedRedis(tmp_path / "redis")
    server.start()
    (tmp_path / "jobs.d").mkdir()
    started = Services({**environment, "SHELFBEAT_REDIS_URL": server.url}, tmp_path, server)
    yield started
    started.stop()
    server.stop()
