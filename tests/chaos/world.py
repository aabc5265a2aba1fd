"""The whole of Shelfbeat on loopback: Redis, workers, beat, a shop, Google and two ways to be told."""

import contextlib
import os
import random
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from runs.embedded import EmbeddedRedis
from runs.ledger import Ledger
from runs.record import Run
from tests.chaos.processes import Service, Supervisor
from tests.chaos.shop import Shop
from tests.support.receivers import Hook, MailServer
from tests.support.sheets_api import FakeSheets

URLS: Final = 24
BATCH: Final = 6


class MoodyHook(Hook):
    """A webhook whose mood can change. It takes what it answers with 200, and what it hangs up on."""

    def __init__(self) -> None:
        super().__init__(200)
        self.taken: list[dict[str, Any]] = []

    def answer_with(self, answer: int | str) -> None:
        """Answer so from now on."""
        self._answers = [answer]

    def _take(self, body: dict[str, Any]) -> int | str:
        answer = super()._take(body)
        if answer in {200, "drop"}:
            self.taken.append(body)
        return answer


@dataclass
class World:
    """What a schedule of faults happens to, and what is looked at afterwards."""

    folder: Path
    redis: EmbeddedRedis
    shop: Shop
    google: FakeSheets
    mail: MailServer
    hook: MoodyHook
    env: dict[str, str]
    services: list[Service]
    jobs: list[str] = field(default_factory=list)
    sheets: frozenset[str] = frozenset()
    fetch: str = f"batch_size: {BATCH}, per_host: 64"

    @property
    def workers(self) -> list[Service]:
        """The worker services."""
        return [service for service in self.services if service.name.startswith("worker")]

    @property
    def beat(self) -> Service:
        """The beat service."""
        return next(service for service in self.services if service.name == "beat")

    def add_service(self, name: str, module: str, *arguments: str) -> None:
        """Add a Celery process that starts with the others."""
        command = ["-A", module, *arguments, "--loglevel", "INFO"]
        self.services.append(Service(name, command, self.folder / f"{name}.log", self.env))

    def client(self) -> Redis:
        """Return a client that outlives a restart."""
        return Redis.from_url(
            self.redis.url,
            socket_timeout=20,
            retry=Retry(ConstantBackoff(0.2), 100),
            retry_on_error=[RedisError],
        )

    def write_jobs(
        self,
        jobs: int,
        sheets: int | Collection[int],
        prefix: str = "job",
        urls: int = URLS,
        deadline: str = "40m",
    ) -> None:
        """Write definitions that came due a minute ago; the first ones, or those named, also write a sheet."""
        self.jobs = [f"{prefix}-{number:02}" for number in range(jobs)]
        written = range(sheets) if isinstance(sheets, int) else sheets
        self.sheets = frozenset(self.jobs[number] for number in written)
        for job in self.jobs:
            self._write_job(job, urls, deadline)

    def _write_job(self, job: str, urls: int, deadline: str) -> None:
        past = datetime.now(UTC) - timedelta(minutes=1)
        sheet = ""
        if job in self.sheets:
            self.google.add(job)
            sheet = f"\n  sheet: {{spreadsheet: {job}, tab: Report}}"
        path = self.folder / "jobs.d" / f"{job}.yaml"
        path.write_text(
            f"""\
job: {job}
schedule: "{past.minute} {past.hour} * * *"
deadline: {deadline}
urls:
  - list: {self.shop.urls(job, urls)}
fetch: {{{self.fetch}, robots: ignore, ports: [{self.shop.port}]}}
publish:
  files: [jsonl]{sheet}
notify: ["{self.mail.address(f"{job}@acme.example")}", "secret:HOOK_{job}"]
"""
        )
        (self.folder / "secrets" / f"HOOK_{job}").write_text(self.hook.address(job))
        long_ago = time.time() - 600
        os.utime(path, (long_ago, long_ago))

    def runs(self) -> list[Run]:
        """Return the newest run of each job that has one."""
        with self.client() as client:
            ledger = Ledger(client)
            ids = [run_id for job in self.jobs for run_id in ledger.runs_of(job, 1)]
            return [ledger.run(run_id) for run_id in ids]

    def wait_for_ends(self, timeout_s: float) -> bool:
        """Wait until every job's run has ended; returns whether they all did."""
        ends = time.monotonic() + timeout_s
        while time.monotonic() < ends:
            runs = self.runs()
            if len(runs) == len(self.jobs) and all(run.ended for run in runs):
                return True
            time.sleep(0.3)
        return False

    def rows_file(self, run: Run) -> Path:
        """Return where the run's rows.jsonl is."""
        folder = self.folder / "home" / "reports" / run.job / f"{run.due_at:%Y-%m-%d}"
        return folder / f"{run.job}_{run.due_at:%H%M}.jsonl"


def wait_until(what: Callable[[], object], timeout_s: float = 60) -> None:
    """Wait until something is so. Raises AssertionError when it does not come about."""
    ends = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < ends, "it did not come about"
        time.sleep(0.2)


@contextlib.contextmanager
def world(
    folder: Path,
    *,
    workers: int = 2,
    processes: int = 2,
    module: str = "tests.chaos.app",
    longest_answer_s: float = 0.3,
) -> Iterator[World]:
    """Yield a world whose services are not started yet."""
    for name in ("jobs.d", "secrets"):
        (folder / name).mkdir(parents=True)
    server = EmbeddedRedis(folder / "redis")
    server.start()
    hook = MoodyHook()
    try:
        with Shop(longest_answer_s) as shop, FakeSheets() as google, MailServer() as mail, hook:
            env = {
                "SHELFBEAT_REDIS_URL": server.url,
                "SHELFBEAT_HOME": str(folder / "home"),
                "SHELFBEAT_JOBS": str(folder / "jobs.d"),
                "SHELFBEAT_SECRETS_FOLDER": str(folder / "secrets"),
                "SHELFBEAT_ALLOW_PRIVATE_HOSTS": "127.0.0.0/8",
                "SHELFBEAT_SHEETS_API_ROOT": google.root,
                "SHELFBEAT_DRIVE_API_ROOT": google.root,
                "SHELFBEAT_OPERATORS": "",
            }
            command = ["-A", module, "worker", "--loglevel", "INFO", "-c", str(processes)]
            command += ["--without-gossip", "--without-mingle", "-n"]
            services = [
                Service(f"worker{number}", [*command, f"w{number}@%h"], folder / f"worker{number}.log", env)
                for number in range(workers)
            ]
            services.append(
                Service("beat", ["-A", module, "beat", "--loglevel", "INFO"], folder / "beat.log", env)
            )
            yield World(folder, server, shop, google, mail, hook, env, services)
    finally:
        server.stop()


def running(made: World) -> Supervisor:
    """Return a supervisor of the world's services; they run while its block runs."""
    return Supervisor(made.services)


def dice_of(seed: int) -> random.Random:
    """Return the dice of a seed."""
    return random.Random(seed)
