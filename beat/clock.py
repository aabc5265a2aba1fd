"""The clock: which jobs are due, from the definitions and what the ledger says was dealt with."""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import structlog
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from beat.definitions import Definitions
from jobs.job import Job
from jobs.schedule import decide, next_due
from runs.agenda import Agenda
from runs.ledger import UnknownRun
from runs.log import note
from runs.record import Run
from tasks.context import Context
from tasks.start import give_up, record_missed, start_run

log = structlog.get_logger()

_MEMORY: Final = timedelta(days=1)
"""How far back a due time is looked for when the ledger remembers nothing of the job."""


class Clock:
    """Starts what is due. Keeps each job's next due time, and loses nothing with it."""

    def __init__(self, here: Context, definitions: Definitions) -> None:
        self._here = here
        self._agenda = Agenda(here.redis)
        self._definitions = definitions
        self._next: dict[str, tuple[Job, datetime | None]] = {}
        self._ticked = datetime.min.replace(tzinfo=UTC)

    def forget(self) -> None:
        """Compute all that is due anew: Redis was emptied, and with it went what was dealt with."""
        self._next.clear()
        self._definitions.forget()

    def tick(self) -> None:
        """Start what is due by now."""
        catalogue = self._definitions.look()
        if catalogue is None:
            return
        for gone in self._next.keys() - catalogue.jobs.keys():
            del self._next[gone]
            self._definitions.faults.pop(gone, None)
        now = self._here.ledger.now()  # one clock for all beats, whatever this machine believes
        if now < self._ticked:
            log.warning("redis_clock_went_back", by_s=(self._ticked - now).total_seconds())
            self._next.clear()
        self._ticked = now
        paused: set[str] | None = None  # asked for when the first job is due: most ticks start nothing
        for name, job in catalogue.jobs.items():
            known, due = self._next.get(name, (None, None))
            if known is job and (due is None or due > now):
                continue
            paused = set(self._agenda.paused()) if paused is None else paused
            try:
                self._next[name] = (job, self._deal(job, now, paused=name in paused))
            except (RedisConnectionError, RedisTimeoutError):
                raise
            except Exception as error:  # one job's fault must not stop the others
                if name not in self._definitions.faults:
                    log.exception("job_not_dealt_with", job=name)
                self._definitions.faults[name] = f"{name}: cannot be started: {type(error).__name__}: {error}"
            else:
                self._definitions.faults.pop(name, None)

    def _deal(self, job: Job, now: datetime, *, paused: bool) -> datetime | None:
        """Start the runs of a job that are due; return when it is to be asked again."""
        if job.schedule is None:
            return None
        after, is_new = self._since(job, now)
        decision = decide(job, after, now, paused=paused)
        if decision.missed:  # all of them are older than those to start
            if not (paused or is_new):
                # Before it counts as dealt with: a crash in between must not hide it.
                self._record_missed(job, decision.missed)
            self._here.ledger.deal_with(job.job, decision.missed[-1])
        for due_at in decision.start:
            if not self._start(job, due_at, now):
                return due_at  # asked again at the next tick
        return next_due(job, now)

    def _start(self, job: Job, due_at: datetime, now: datetime) -> bool:
        """Start the run of a due time, or leave it out, as the overlap policy has it; False while it waits."""
        ledger = self._here.ledger
        # One that another beat claimed, while this one was frozen, makes way for nobody.
        way = "leave_out" if ledger.claimed(job.job, due_at) else self._way(job, due_at, now)
        if way == "wait":
            return False
        if way == "start":
            start_run(self._here, job, due_at)
        ledger.deal_with(job.job, due_at)
        return True

    def _way(self, job: Job, due_at: datetime, now: datetime) -> Literal["start", "wait", "leave_out"]:
        """Make way for a run that came due, or have people told that it is left out."""
        before = self._under_way(job.job)
        if before is None or before.due_at == due_at:
            return "start"
        if job.overlap == "cancel_old":
            if before.due_at > due_at:  # another beat went on while this one was frozen
                return "leave_out"
            return "start" if self._end(before) else "wait"
        # `catchup: all` means every one: those that are caught up wait for each other.
        if job.overlap == "queue" or now - due_at >= job.deadline:
            return "wait"
        note(self._here.redis, before.id, "next_run_skipped", detail=f"due {due_at.isoformat()}")
        record_missed(self._here, job, due_at, _in_the_way(before), before.id)
        return "leave_out"

    def _end(self, run: Run) -> bool:
        """Have a run make way for the next; False where it has gone on since it was read: what is out stays."""
        step = run.next_step() or "write_to_sheet"
        why = f"the next run of the job came due while {step} was not done (overlap: cancel_old)"
        ended = give_up(self._here, run, step, why, event="run_failed")
        if ended:
            log.warning("run_made_way", run=run.id, step=step)
        return ended

    def _record_missed(self, job: Job, missed: tuple[datetime, ...]) -> None:
        before = self._under_way(job.job) if job.overlap == "queue" and len(missed) == 1 else None
        if before is not None and before.due_at < missed[-1]:  # it was waited for until that time had passed
            record_missed(self._here, job, missed[-1], _in_the_way(before), before.id)
        else:
            record_missed(self._here, job, missed[-1], _missed_words(missed))

    def _since(self, job: Job, now: datetime) -> tuple[datetime, bool]:
        """Return after when due times count, and whether the job is new.

        A schedule counts from when it was written, also one that replaces another.
        """
        ledger, schedule = self._here.ledger, f"{job.schedule} {job.timezone}"
        known = self._agenda.schedule(job.job)
        changed = self._definitions.changed_at(job.job, now)
        if known != schedule:
            if known is not None:
                ledger.deal_with(job.job, changed)
                log.info("job_rescheduled", job=job.job, schedule=schedule, before=known)
            self._agenda.put_schedule(job.job, schedule)
        first = max(changed, now - max(job.deadline, _MEMORY))
        dealt = ledger.dealt_with(job.job, first)
        if dealt > now and dealt > (right := ledger.now()):  # Redis' clock was ahead, and is right again
            ledger.deal_anew(job.job, right)
            dealt = right
        return dealt, known is None

    def _under_way(self, name: str) -> Run | None:
        """Return a scheduled run of the job whose report is not out yet."""
        for run_id in self._here.ledger.active():
            if not run_id.startswith(f"{name}-"):
                continue
            try:
                run = self._here.ledger.run(run_id)
            except UnknownRun:  # older than runs are kept
                continue
            if run.job == name and not run.ended and not run.is_out and run.trigger == "schedule":
                return run
        return None


def _in_the_way(before: Run) -> str:
    hindered = f"; what hinders that: {before.hindered}" if before.hindered else ""
    return f"the run before it, {before.id}, was still under way{hindered}"


def _missed_words(missed: tuple[datetime, ...]) -> str:
    if len(missed) == 1:
        return "its time passed while nothing was up to start it"
    return f"{len(missed)} due times since {missed[0]:%Y-%m-%d %H:%M} UTC passed while nothing was up to start them"
