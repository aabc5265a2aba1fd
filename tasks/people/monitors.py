"""Telling outside monitors of runs, so that somebody hears when none of us is left to speak.

A monitor calls when a ping does not come. So a ping that was lost is sent again, and one too many does no harm.
"""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, cast

import structlog

from jobs.job import Job
from jobs.secrets import MissingSecret, resolve
from reports.errors import Unavailable
from reports.wording import counted
from runs import keys
from runs.ledger import UnknownRun
from runs.record import PUBLISHED_STATES, Run
from runs.scripts import text
from tasks.context import Context
from tasks.people.ping import Signal, ping

log = structlog.get_logger()

LOOK_EVERY_S: Final = 5.0
_NEWEST: Final = 3
_OLD: Final = timedelta(minutes=15)
"""A run that ended before tells a monitor nothing: it may be younger than that run."""
_PINGED: Final = "pinged"


class Monitors:
    """Pings for the newest runs of jobs that have a monitor."""

    def __init__(self, here: Context) -> None:
        self._here = here
        self._next_look = 0.0

    def look(self, jobs: Mapping[str, Job]) -> None:
        """Ping what is to be told of the jobs' newest runs, if it is time to look."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_EVERY_S
        watched = {name: job.monitor for name, job in jobs.items() if job.monitor}
        for job, ids in zip(watched, self._newest(list(watched)), strict=True):
            for run_id in reversed(ids):
                self._tell(run_id, watched[job])

    def _newest(self, jobs: list[str]) -> list[list[str]]:
        """Return the ids of each job's newest runs, in one round trip."""
        pipe = self._here.redis.pipeline(transaction=False)
        for job in jobs:
            pipe.zrevrange(keys.job_runs(job), 0, _NEWEST - 1)
        return [[text(one) for one in ids] for ids in cast("list[list[bytes]]", pipe.execute())]

    def _tell(self, run_id: str, monitor: str) -> None:
        try:
            run = self._here.ledger.run(run_id)
        except UnknownRun:
            return
        pinged = self._here.ledger.field(run_id, _PINGED)
        signal = signal_of(run)
        mark = f"{signal}:{run.life}"
        old = run.ended_at is not None and self._here.ledger.now() - run.ended_at > _OLD
        if signal is None or pinged == mark or old:
            return
        try:
            address = resolve(monitor, self._here.secrets)
        except (MissingSecret, Unavailable) as error:
            log.warning("monitor_not_known", run=run_id, reason=str(error))
            return
        if signal != "start" and not pinged:
            ping(address, "start", run_id)  # it was too short to be seen under way
        if ping(address, signal, body_of(run)):
            self._here.redis.hset(keys.run(run_id), _PINGED, mark)


def signal_of(run: Run) -> Signal | None:
    """Return what a monitor is to hear of a run; nothing of one that was cancelled."""
    if not run.ended:
        return "start"
    if run.state in PUBLISHED_STATES:
        return "success"
    return None if run.state == "cancelled" else "fail"


def body_of(run: Run) -> str:
    """Return the lines that a monitor keeps with the ping."""
    lines: list[Any] = [f"run {run.id}", f"state {run.state}", f"due {run.due_at.isoformat()}"]
    if run.urls is not None:
        lines.append(f"{counted(run.products, 'product')} of {counted(run.urls, 'URL')}")
    if run.reason:
        lines.append(run.reason)
    return "\n".join(str(line) for line in lines)
