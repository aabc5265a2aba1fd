"""The services on one machine: an embedded Redis unless there is one, a worker, and beat and Flower when asked.

A service that ends by itself is started again (Celery's worker does end when Redis goes away with a message in
work); all of them end with us, however we end.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from console.flower import PORT, flower_start
from reports.errors import Unavailable
from runs.child_process import start_child, stop_child
from runs.embedded import EmbeddedRedis
from tasks.settings import settings

log = structlog.get_logger()

_RESTART_PAUSE_S: Final = 1.0
_LONGER_S: Final = 10.0
"""What a worker gets beyond the time that it gives itself to stop."""
_SHORT_LIFE_S: Final = 10.0
_SHORT_LIVES: Final = 3


@dataclass
class Service:
    """One Celery process of ours."""

    name: str
    command: list[str]
    log_file: Path
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    short_lives: int = 0

    def start(self) -> None:
        """Start the process; what it prints goes to its log file."""
        with self.log_file.open("ab") as output:
            self.process = start_child(self.command, output=output, env=self.env, grace_s=_grace_s())
        self.started = time.monotonic()

    def keep_up(self) -> bool:
        """Start the process again if it ended; returns whether it did.

        Raises Unavailable for one that does not live: it cannot start, and a person should read why.
        """
        if self.process is None or self.process.poll() is None:
            return False
        lived_s = time.monotonic() - self.started
        if lived_s < _RESTART_PAUSE_S:
            return False
        stop_child(self.process)  # it has ended; this closes our end of its pipe
        self.short_lives = self.short_lives + 1 if lived_s < _SHORT_LIFE_S else 0
        if self.short_lives >= _SHORT_LIVES:
            last = self.log_file.read_text(errors="replace").strip().splitlines()[-8:]
            raise Unavailable(
                self.name, f"ends as soon as it starts; {self.log_file} says:\n" + "\n".join(last)
            )
        self.restarts += 1
        self.start()
        return True


class Stack:
    """The services under one folder: `redis/`, `log/`."""

    def __init__(
        self, folder: Path, *, processes: int, beat: bool = False, flower: bool = False, shared: bool = False
    ) -> None:
        """`shared`: use the Redis of SHELFBEAT_REDIS_URL where it is set. An ad-hoc report has its own: its worker
        must not take the team's tasks, and its files are only on this machine."""
        self.folder = folder
        self._shared = shared
        self._given = os.environ.get("SHELFBEAT_REDIS_URL")
        self.redis: EmbeddedRedis | None = None
        self.flower_url: str | None = None
        self.services: list[Service] = []
        self._wanted = (processes, beat, flower)

    def start(self) -> None:
        """Start everything. Raises NoRedisServer, FolderInUse, Unavailable."""
        logs = self.folder / "log"
        logs.mkdir(parents=True, exist_ok=True)
        if not (self._shared and self._given):
            self.redis = EmbeddedRedis(self.folder / "redis")
            self.redis.start()
            # The one place that writes the environment: this process and the services read the same address.
            os.environ["SHELFBEAT_REDIS_URL"] = self.redis.url
        processes, beat, flower = self._wanted
        celery = [sys.executable, "-m", "celery", "-A"]
        worker = [*celery, "worker.app", "worker", "--concurrency", str(processes), "--loglevel", "INFO"]
        worker += ["--without-gossip", "--without-mingle", "--hostname", f"worker-{os.getpid()}@%h"]
        self.services.append(Service("worker", worker, logs / "worker.log"))
        if beat:
            self.services.append(
                Service("beat", [*celery, "beat.app", "beat", "--loglevel", "INFO"], logs / "beat.log")
            )
        if flower:
            self._add_flower(logs)
        for service in self.services:
            service.start()

    def stop(self) -> None:
        """Stop everything, the worker first, so that it can give its work back."""
        for service in self.services:
            if service.process is not None:
                service.process.terminate()
        for service in self.services:
            if service.process is not None:
                stop_child(service.process, grace_s=_grace_s())
        if self.redis is not None:
            self.redis.stop()
            os.environ.pop("SHELFBEAT_REDIS_URL", None)
            if self._given is not None:
                os.environ["SHELFBEAT_REDIS_URL"] = self._given

    def keep_up(self) -> None:
        """Start again what ended by itself."""
        if self.redis is not None and self.redis.keep_up():
            log.warning("service_restarted", service="redis")
        for service in self.services:
            if service.keep_up():
                log.warning("service_restarted", service=service.name, restarts=service.restarts)

    def _add_flower(self, logs: Path) -> None:
        flower = flower_start(preferred=PORT if self._shared else 0)
        self.flower_url = flower.url
        command = [sys.executable, "-m", "celery", *flower.arguments]
        self.services.append(Service("flower", command, logs / "flower.log", flower.env))


@contextlib.contextmanager
def running_stack(
    folder: Path, *, processes: int, beat: bool = False, flower: bool = False, shared: bool = False
) -> Iterator[Stack]:
    """Yield a started stack and stop it afterwards, whatever happens; see Stack."""
    stack = Stack(folder, processes=processes, beat=beat, flower=flower, shared=shared)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def _grace_s() -> float:
    return settings().stop_grace_s + _LONGER_S
