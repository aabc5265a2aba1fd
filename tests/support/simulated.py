"""A clock whose time the test sets: the real Clock, Definitions and ledger on a real Redis, no broker."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import pytest
from redis import Redis

from beat.clock import Clock
from beat.definitions import Definitions
from jobs.secrets import Environment
from reports.message import Message
from reports.summary import summarise
from runs.ledger import Attempt, Ledger, Unit
from runs.record import STEPS, Run, StepName
from tasks import start
from tasks.context import Context
from tasks.settings import read_settings
from tasks.steps.reduce import Reduced


class TimedLedger(Ledger):
    """The ledger, told what time it is."""

    at = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the test's time."""
        return self.at


_RESULTS: Final = {
    "reduce_rows": msgspec.json.encode(Reduced(summary=summarise([]))),
    "write_to_sheet": b"[]",
    "find_path": b"[]",
    "parse_message": msgspec.json.encode(Message("the report", "text", "<p>text</p>", "delivered")),
}


@dataclass
class World:
    """A folder of definitions, a Redis, a time, and the messages that starting a run would send."""

    folder: Path
    redis: Redis
    ledger: TimedLedger
    here: Context
    enqueued: list[tuple[str, str]] = field(default_factory=list)

    def beat(self) -> "Beat":
        """Return a beat that has just been started."""
        definitions = Definitions(self.here)
        return Beat(Clock(self.here, definitions), definitions)

    def write(self, name: str, text: str, *, at: datetime | None = None) -> Path:
        """Write a definition; `at` is when it was last changed, default: now."""
        path = self.folder / f"{name}.yaml"
        path.write_text(text)
        stamp = (at or self.ledger.at).timestamp()
        os.utime(path, (stamp, stamp))
        return path

    def runs(self, job: str) -> list[Run]:
        """Return a job's runs in the order of their due times."""
        return sorted(
            (self.ledger.run(one) for one in self.ledger.runs_of(job, 400)), key=lambda run: run.due_at
        )

    def due(self, job: str) -> list[str]:
        """Return the due times of a job's runs, those left out that were recorded as never started."""
        return [
            f"{run.due_at:%d %H:%M}"
            for run in self.runs(job)
            if not self.ledger.field(run.id, "never_started")
        ]

    def publish(self, run_id: str, *, through: StepName = "write_to_sheet") -> None:
        """Have the steps of a run done up to `through`: a report of no rows, written nowhere."""
        for name in STEPS[: STEPS.index(through) + 1]:
            attempt = self.ledger.begin(run_id, Unit(name), "task")
            assert isinstance(attempt, Attempt)
            fields = {"urls": 1, "batches": 0} if name == "collect_urls" else {}
            self.ledger.finish_step(attempt, _RESULTS.get(name, b"null"), **fields)

    def end_all(self) -> None:
        """End every run that is under way, as published."""
        for run_id in self.ledger.active():
            self.ledger.end(run_id, "published", tell=False)


@dataclass
class Beat:
    """One beat process, but for the process."""

    clock: Clock
    definitions: Definitions

    def tick(self) -> None:
        """Read the definitions anew and start what is due."""
        self.definitions._look_at = 0.0
        self.clock.tick()


Worlds = Callable[[], World]


def make_world(folder: Path, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return a world in `folder`; what would be enqueued is kept instead."""
    jobs = folder / "jobs.d"
    jobs.mkdir()
    settings = read_settings({"SHELFBEAT_JOBS": str(jobs), "SHELFBEAT_HOME": str(folder / "home")})
    ledger = TimedLedger(redis)
    here = Context(settings=settings, redis=redis, ledger=ledger, secrets=(Environment(),))
    world = World(jobs, redis, ledger, here)
    monkeypatch.setattr(start, "enqueue", lambda run_id, step: world.enqueued.append((run_id, step)))
    return world


def definition(name: str, **keys: str) -> str:
    """Return the smallest definition, with more keys."""
    more = "".join(f"{key}: {value}\n" for key, value in keys.items())
    return (
        f'job: {name}\nurls: [{{list: ["https://shop.example/kettle"]}}]\npublish: {{files: [csv]}}\n{more}'
    )
