"""The clock: which jobs are due, from the definitions and what the ledger says was dealt with."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from jobs.catalogue import Catalogue
from jobs.definition import Report
from jobs.errors import InvalidDefinition
from jobs.schedule import decide, next_due
from runs.record import Run
from tasks.context import Context
from tasks.start import cancel, read_catalogue, start_run

log = structlog.get_logger()

_RELOAD_S: Final = 2.0
_MEMORY: Final = timedelta(days=1)
"""How far back a due time is looked for when the ledger remembers nothing of the job."""


class Clock:
    """Starts what is due. Keeps the catalogue and each job's next due time; loses nothing with them."""

    def __init__(self, here: Context) -> None:
        self._here = here
        self._catalogue: Catalogue | None = None
        self._reload_at = 0.0
        self._next: dict[str, tuple[Report, datetime | None]] = {}
        self._complaint = ""

    def tick(self) -> None:
        """Reload the definitions if it is time to, and start what is due."""
        self._reload()
        if self._catalogue is None:
            return
        now = datetime.now(UTC)
        for name, report in self._catalogue.jobs.items():
            known, due = self._next.get(name, (None, None))
            if known is not report or (due is not None and due <= now):
                due = self._deal(report, self._catalogue.files[name], now)
            self._next[name] = (report, due)

    def _reload(self) -> None:
        if time.monotonic() < self._reload_at:
            return
        self._reload_at = time.monotonic() + _RELOAD_S
        try:
            self._catalogue = read_catalogue(self._here.settings, self._catalogue)
            complaint = "\n".join(str(mistake) for mistake in self._catalogue.mistakes)
        except InvalidDefinition as error:
            complaint = str(error)
        if complaint and complaint != self._complaint:
            log.error("definitions_wrong", mistakes=complaint)
        self._complaint = complaint
        if self._catalogue is not None:
            for gone in self._next.keys() - self._catalogue.jobs.keys():
                del self._next[gone]

    def _deal(self, report: Report, file: Path, now: datetime) -> datetime | None:
        """Start the runs of a job that are due; return when it is due next."""
        if report.schedule is None:
            return None
        ledger = self._here.ledger
        first = max(_changed_at(file, now), now - max(report.deadline, _MEMORY))
        decision = decide(report, ledger.dealt_with(report.job, first), now)
        for due_at in decision.start:
            before = self._under_way(report.job)
            if before is not None and before.due_at != due_at:
                if report.overlap == "queue":
                    return due_at  # asked again at the next tick
                if report.overlap == "skip":
                    log.warning("run_skipped", job=report.job, due_at=due_at.isoformat(), still=before.id)
                    ledger.deal_with(report.job, due_at)
                    continue
                cancel(self._here, before.id, "a newer run of the job came due")
            start_run(self._here, report, due_at)
            ledger.deal_with(report.job, due_at)
        if decision.missed:
            log.error("due_times_missed", job=report.job, times=[at.isoformat() for at in decision.missed])
            ledger.deal_with(report.job, decision.missed[-1])
        return next_due(report, now)

    def _under_way(self, job: str) -> Run | None:
        runs = (self._here.ledger.run(run_id) for run_id in self._here.ledger.runs_of(job, 3))
        return next((run for run in runs if not run.ended and run.trigger == "schedule"), None)


def _changed_at(file: Path, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except OSError:
        return now
