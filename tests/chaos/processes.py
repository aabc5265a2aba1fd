"""Celery processes that are killed, frozen and started again, as a machine's supervisor would."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from runs.child_process import start_child, stop_child

REPOSITORY: Final = Path(__file__).parents[2]


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def send(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def poison(path: str, suspects: Callable[[], list[int]]) -> Callable[[str, int], None]:
    """Return what kills the process among `suspects` that visits a path of a shop, as a page could that crashes it."""

    def visited(visit: str, port: int) -> None:
        if visit == path:
            for pid in suspects():
                if _has_port(pid, port):
                    send(pid, signal.SIGKILL)

    return visited


def _has_port(pid: int, port: int) -> bool:
    """Return whether a process has a TCP connection from this local port."""
    sockets = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if int(words[1].split(":")[1], 16) == port:
            sockets.add(f"socket:[{words[9]}]")
    try:
        links = [os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return False
    return bool(sockets & set(links))


class Service:
    """One Celery process (and its children), kept up."""

    def __init__(self, name: str, arguments: list[str], log: Path, env: Mapping[str, str]) -> None:
        self.name = name
        self.log = log
        self.starts = 0
        self._command = [sys.executable, "-m", "celery", *arguments]
        self.env = env
        self._guard: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; what it prints goes to its log."""
        if self._guard is not None:
            stop_child(self._guard)  # it has ended; this closes its pipe
        with self.log.open("ab") as output:
            self._guard = start_child(self._command, output=output, env=self.env, cwd=REPOSITORY)
        self.starts += 1

    @property
    def up(self) -> bool:
        """Whether it runs."""
        return self._guard is not None and self._guard.poll() is None

    @property
    def main(self) -> int | None:
        """The id of Celery's main process."""
        found = children(self._guard.pid) if self._guard is not None and self.up else []
        return found[0] if found else None

    @property
    def pool(self) -> list[int]:
        """The ids of the worker's children."""
        return children(self.main) if self.main else []

    def signal_all(self, number: int) -> None:
        """Send a signal to the main process and its children."""
        for pid in [self.main, *self.pool]:
            if pid is not None:
                send(pid, number)

    def kill(self) -> None:
        """Kill all of it at once, as a machine dies."""
        if self._guard is not None and self.up:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._guard.pid, signal.SIGKILL)
            self._guard.wait()

    def terminate(self) -> None:
        """Send SIGTERM to the main process, as an orchestrator does."""
        if self.main is not None:
            send(self.main, signal.SIGTERM)

    def stop(self, grace_s: float = 40) -> None:
        """Stop it as an orchestrator does."""
        if self._guard is not None:
            self.signal_all(signal.SIGCONT)
            stop_child(self._guard, grace_s=grace_s)


class Supervisor:
    """Starts again what ended, a second later; as `restart: unless-stopped` does."""

    def __init__(self, services: list[Service]) -> None:
        self._services = services
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Supervisor":
        for service in self._services:
            service.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        stoppers = [threading.Thread(target=service.stop) for service in self._services]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join()

    def _watch(self) -> None:
        down: dict[str, float] = {}
        while not self._stop.wait(0.1):
            for service in self._services:
                if service.up:
                    down.pop(service.name, None)
                elif time.monotonic() - down.setdefault(service.name, time.monotonic()) > 1:
                    service.start()
