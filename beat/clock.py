"""The clock: which jobs are due, from the definitions and what the ledger says was dealt with."""

from datetime import datetime, timedelta
from typing import Final

import structlog
from redis.exceptions import RedisError

from beat.definitions import Definitions
from jobs.definition import Report
from jobs.schedule import decide, next_due
from runs.agenda import Agenda
from runs.ledger import UnknownRun
from runs.log import note
from runs.record import Run
from tasks.context import Context
from tasks.start import cancel, record_missed, start_run

log = structlog.get_logger()

_MEMORY: Final = timedelta(days=1)
"""How far back a due time is looked for when the ledger remembers nothing of the job."""


class Clock:
    """Starts what is due. Keeps each job's next due time, and loses nothing with it."""

    def __init__(self, here: Context, definitions: Definitions) -> None:
        self._here = here
        self._agenda = Agenda(here.redis)
        self._definitions = definitions
        self._next: dict[str, tuple[Report, datetime | None]] = {}

    def tick(self) -> None:
        """Start what is due by now."""
        catalogue = self._definitions.look()
        if catalogue is None:
            return
        for gone in self._next.keys() - catalogue.jobs.keys():
            del self._next[gone]
        now = self._here.ledger.now()  # one clock for all beats, whatever this machine believes
        asked: set[str] | None = None
        for name, report in catalogue.jobs.items():
            known, due = self._next.get(name, (None, None))
            if known is report and (due is None or due > now):
                continue
            asked = set(self._agenda.paused()) if asked is None else asked
            try:
                self._next[name] = (report, self._deal(report, now, paused=name in asked))
            except RedisError:
                raise
            except Exception:  # one job's fault must not stop the others
                log.exception("job_not_dealt_with", job=name)

    def _deal(self, report: Report, now: datetime, *, paused: bool) -> datetime | None:
        """Start the runs of a job that are due; return when it is to be asked again."""
        if report.schedule is None:
            return None
        after, is_new = self._since(report, now)
        decision = decide(report, after, now, paused=paused)
        if decision.missed:  # all of them are older than those to start
            self._here.ledger.deal_with(report.job, decision.missed[-1])
            if not paused and not is_new:
                record_missed(self._here, report, decision.missed[-1], _missed_words(decision.missed))
        for due_at in decision.start:
            if not self._start(report, due_at, now):
                return due_at  # asked again at the next tick
        return next_due(report, now)

    def _start(self, report: Report, due_at: datetime, now: datetime) -> bool:
        """Start the run of a due time as the overlap policy has it; False while it waits."""
        ledger = self._here.ledger
        before = self._under_way(report.job)
        if before is not None and before.due_at != due_at:
            late = now - due_at >= report.deadline
            # `catchup: all` means every one: those that are caught up wait for each other.
            if report.overlap == "queue" or (report.overlap == "skip" and late):
                return False
            if report.overlap == "skip":
                log.warning("run_skipped", job=report.job, due_at=due_at.isoformat(), still=before.id)
                note(self._here.redis, before.id, "next_run_skipped", detail=f"due {due_at.isoformat()}")
                ledger.deal_with(report.job, due_at)
                return True
            cancel(self._here, before.id, "a newer run of the job came due")
        start_run(self._here, report, due_at)
        ledger.deal_with(report.job, due_at)
        return True

    def _since(self, report: Report, now: datetime) -> tuple[datetime, bool]:
        """Return after when due times count, and whether the job is new.

        A schedule counts from when it was written, also one that replaces another.
        """
        ledger, schedule = self._here.ledger, f"{report.schedule} {report.timezone}"
        known = self._agenda.schedule(report.job)
        changed = self._definitions.changed_at(report.job, now)
        if known != schedule:
            if known is not None:
                ledger.deal_with(report.job, changed)
                log.info("job_rescheduled", job=report.job, schedule=schedule, before=known)
            self._agenda.put_schedule(report.job, schedule)
        first = max(changed, now - max(report.deadline, _MEMORY))
        return ledger.dealt_with(report.job, first), known is None

    def _under_way(self, job: str) -> Run | None:
        for run_id in self._here.ledger.runs_of(job, 3):
            try:
                run = self._here.ledger.run(run_id)
            except UnknownRun:  # older than runs are kept
                continue
            if not run.ended and run.trigger == "schedule":
                return run
        return None


def _missed_words(missed: tuple[datetime, ...]) -> str:
    if len(missed) == 1:
        return "its time passed while nothing was up to start it"
    return f"{len(missed)} due times since {missed[0]:%Y-%m-%d %H:%M} UTC passed while nothing was up to start them"
