"""`shelfbeat worker|beat|flower|up`: the services, one by one or all in one terminal."""

import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from console.flower import PORTS, flower_start
from console.output import console
from console.stack import running_stack
from tasks.settings import settings, up_folder

Processes = Annotated[int, typer.Option("--processes", "-c", min=1, help="Worker processes.")]
_CORES = os.cpu_count() or 1


def worker(processes: Processes = _CORES) -> None:
    """Run a worker: `celery -A worker.app worker`."""
    _become("-A", "worker.app", "worker", "--concurrency", str(processes), "--loglevel", "INFO")


def beat() -> None:
    """Run a beat: `celery -A beat.app beat`. Any number may run."""
    _become("-A", "beat.app", "beat", "--loglevel", "INFO")


def flower(
    port: Annotated[
        int | None, typer.Option(min=0, max=PORTS[-1], help="Port on 127.0.0.1, 0 for a free one.")
    ] = None,
) -> None:
    """Run Flower on this machine's loopback, with a login: `celery -A worker.app flower`."""
    start = flower_start(port)
    console.print(f"Flower    {start.url}")
    os.environ.update(start.env)
    _become(*start.arguments)


def up(processes: Processes = _CORES) -> None:
    """Run everything in this terminal until Ctrl-C: Redis (unless SHELFBEAT_REDIS_URL), worker, beat, Flower."""
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    home = Path(os.environ.get("SHELFBEAT_HOME") or ".shelfbeat").absolute()
    with running_stack(up_folder(home), processes=processes, beat=True, flower=True, shared=True) as stack:
        # Without its password: what runs in this folder finds it by itself.
        address = stack.redis.url.rpartition("@")[2] if stack.redis else "SHELFBEAT_REDIS_URL"
        console.print(f"Jobs in   {jobs_folder(settings().jobs)}", soft_wrap=True)
        console.print(f"Redis     {address}")
        console.print(f"Flower    {stack.flower_url} (a moment after its worker)")
        console.print(f"Logs in   {stack.folder / 'log'}")
        console.print("Ctrl-C stops all of it; in this folder other terminals and Python shells find it.")
        while not stopping:
            stack.keep_up()
            time.sleep(0.2)
        console.print("stopping …")


def jobs_folder(folder: Path) -> str:
    """Return where definitions are looked for, and whether there is such a place."""
    return f"{folder.absolute()}{'' if folder.is_dir() else ', which is not there: make it, for definitions'}"


def _become(*arguments: str) -> None:
    """Replace this process by Celery's, so that signals and exit codes are Celery's own."""
    os.execv(sys.executable, [sys.executable, "-m", "celery", *arguments])  # noqa: S606 - our own words
