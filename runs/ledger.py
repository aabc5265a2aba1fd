"""The ledger: what is true of every run, in Redis.

It changes only by atomic scripts that check where a change comes from. A run is claimed, its units of work are
begun and finished (`runs.units`), and it ends once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, cast

from runs import keys
from runs.lists import Lists
from runs.reading import COUNTS, read_run, read_step
from runs.record import MAINTENANCE_STEPS, STEPS, Run, RunState, StepName
from runs.scripts import from_ms, from_time, millis, redis_now, text, to_ms, whole_seconds
from runs.units import HEARTBEAT, LEASE, STALE, Attempt, Refusal, Unit, base_args

__all__ = ["HEARTBEAT", "LEASE", "STALE", "Attempt", "Ledger", "Refusal", "Unit", "UnknownRun"]


class UnknownRun(LookupError):  # noqa: N818 - the name says what it is
    """The ledger has no such run: the id is wrong, or the run is older than its records are kept."""

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self.run_id = run_id

    def __str__(self) -> str:
        return f"no run {self.run_id!r} in the ledger"


class Ledger(Lists):
    """All reads and changes of runs. Holds a Redis client (bytes, not decoded) and nothing else."""

    def claim(  # noqa: PLR0913 - the facts that are frozen with a run
        self,
        run_id: str,
        job: str,
        *,
        definition: str,
        deadline: timedelta,
        due_at: datetime | None = None,
        missed: str = "",
        reclaim: bool = False,
        fields: Mapping[str, str] | None = None,
    ) -> tuple[bool, str]:
        """Claim (job, due time) and write the whole run; without `due_at` it is a manual run, due now.

        `missed` says why it never started: it has failed with this very call, and people have yet to hear. Such a run
        has the due time for good, unless `reclaim` makes this call put a new one of the same id in its place.

        Returns whether this call made the run, and the id of the run that has the due time.
        """
        due_ms = 0 if due_at is None else to_ms(due_at)
        trigger = "manual" if due_at is None else "schedule"
        frozen = {"job": job, "trigger": trigger, **(fields or {})}
        made, holder = self._call(
            "claim",
            _claim_keys(run_id, job, due_ms),
            run_id,
            0 if due_at is None else whole_seconds(keys.CLAIM_TTL),
            whole_seconds(keys.RUN_TTL),
            keys.RUNS_KEPT,
            whole_seconds(deadline),
            due_ms,
            missed,
            int(reclaim),
            definition,
            *(part for pair in frozen.items() for part in pair),
        )
        return bool(made), text(holder)

    def claimed(self, job: str, due_at: datetime) -> bool:
        """Return whether (job, due time) has its run, if only a record that it was missed."""
        return bool(self.redis.exists(keys.claim(job, to_ms(due_at))))

    def never_started(self, run_id: str) -> bool:
        """Return whether the run is but a record that its due time was missed."""
        wanted = ["state", "never_started", "started_at"]
        state, why, started = cast("list[bytes | None]", self.redis.hmget(keys.run(run_id), wanted))
        return state == b"failed" and why is not None and started is None

    def run(self, run_id: str) -> Run:
        """Return the run. Raises UnknownRun."""
        raw = cast("dict[bytes, bytes]", self.redis.hgetall(keys.run(run_id)))
        if b"state" not in raw:
            raise UnknownRun(run_id)
        fields = {key.decode(): value for key, value in raw.items()}
        names = MAINTENANCE_STEPS if "maintenance" in fields else STEPS
        wanted = [f"{count}:{name}" for name in names for count in COUNTS]
        found = cast("list[bytes | None]", self.redis.hmget(keys.units(run_id), wanted))
        counts = dict(zip(wanted, found, strict=True))
        steps = [read_step(name, fields, counts) for name in names]
        return read_run(run_id, fields, steps, self.redis.bitcount(keys.done(run_id)))

    def times(self, run_id: str) -> tuple[datetime, datetime, datetime]:
        """Return when the run was opened, its deadline, and Redis' time, in one round trip. Raises UnknownRun."""
        pipe = self.redis.pipeline(transaction=False)
        pipe.hmget(keys.run(run_id), ["opened_at", "claimed_at", "deadline_at"])
        pipe.time()
        (opened, claimed, deadline), now = pipe.execute()
        if claimed is None:
            raise UnknownRun(run_id)
        return from_ms(opened or claimed), from_ms(deadline), from_time(now)

    def definition(self, run_id: str) -> str:
        """Return the definition as frozen when the run was claimed (JSON). Raises UnknownRun."""
        found = cast("bytes | None", self.redis.get(keys.definition(run_id)))
        if found is None:
            raise UnknownRun(run_id)
        return text(found)

    def field(self, run_id: str, name: str) -> str:
        """Return one frozen field of the run, '' where it has none. Raises UnknownRun."""
        state, value = cast("list[bytes | None]", self.redis.hmget(keys.run(run_id), ["state", name]))
        if state is None:
            raise UnknownRun(run_id)
        return text(value or b"")

    def freeze(self, run_id: str, name: str, value: str, **others: int) -> str:
        """Set a field of the run unless it is set, and others with it; return what it is. Raises UnknownRun."""
        more = (part for pair in others.items() for part in pair)
        found = self._call("freeze", [keys.run(run_id)], name, value, *more)
        if found is None:
            raise UnknownRun(run_id)
        return text(found)

    def end(  # noqa: PLR0913 - the end, and what it holds for
        self,
        run_id: str,
        state: RunState,
        *,
        reason: str = "",
        step: str = "",
        life: int | None = None,
        attempt: Attempt | None = None,
        tell: bool,
    ) -> bool:
        """End the run, once, or cancel a held one; `tell` puts it among those whose end people have yet to hear.

        `step` is the one that it failed or is given up at, `life` the life in which the caller read it, `attempt` the
        one that ends it. False where it has ended, the step is done by now, or a later life or attempt goes on.
        """
        job = self.field(run_id, "job")
        if attempt is not None:
            life = attempt.life
        return bool(
            self._call(
                "end_run",
                [keys.run(run_id), keys.ACTIVE, keys.UNTOLD, keys.job_published(job), keys.units(run_id)],
                run_id,
                state,
                reason,
                step,
                int(tell),
                *base_args(),
                "" if life is None else life,
                *(("", "") if attempt is None else (attempt.unit.name, attempt.fence)),
            )
        )

    def reopen(
        self, run_id: str, step: StepName, deadline: timedelta, fields: Mapping[str, str] | None = None
    ) -> Literal["ok", "running", "gone"]:
        """Open an ended run again from `step`; its deadline is counted from now.

        `fields` are what its new life goes by, '' for what held in the life before and does no more.
        """
        job, due_ms = cast("list[bytes | None]", self.redis.hmget(keys.run(run_id), ["job", "due_at"]))
        again = MAINTENANCE_STEPS if step in MAINTENANCE_STEPS else STEPS[STEPS.index(step) :]
        forget = "urls" if step == "collect_urls" else "rows" if step == "scrape" else "nothing"
        answer = self._call(
            "reopen",
            [*_reopen_keys(run_id), keys.claim(text(job or b""), int(due_ms or 0))],
            run_id,
            whole_seconds(deadline),
            whole_seconds(keys.RUN_TTL),
            forget,
            whole_seconds(keys.CLAIM_TTL),
            len(again),
            *again,
            *(part for pair in (fields or {}).items() for part in pair),
        )
        return cast('Literal["ok", "running", "gone"]', text(answer))

    def sequence(self, run_id: str) -> int:
        """Return the number of the run within its job."""
        return int(self.field(run_id, "sequence"))

    def now(self) -> datetime:
        """Return Redis' time, the one clock that all machines share."""
        return redis_now(self.redis)

    def remember(self) -> int:
        """Return since when (ms) this Redis remembers, from now on if it is new or was emptied.

        Due times from before may have been dealt with unknown to it.
        """
        self.redis.set(keys.BORN, to_ms(self.now()), nx=True)
        return int(cast("bytes | None", self.redis.get(keys.BORN)) or 0)

    def result(self, run_id: str, step: StepName) -> bytes | None:
        """Return what a step found (JSON), None while it is not done."""
        return cast("bytes | None", self.redis.hget(keys.results(run_id), step))

    def compared_with(self, run_id: str) -> tuple[str, int]:
        """Return the run that a run is compared with, '' for none, and its edition. Raises UnknownRun.

        Settled at the first question: what is published anew later is another edition.
        """
        job = self.field(run_id, "job")
        base, edition = cast(
            "list[bytes | None]", self.redis.hmget(keys.job_published(job), ["run", "edition"])
        )
        previous = self.freeze(run_id, "previous", text(base or b""), previous_edition=int(edition or 0))
        return previous, int(self.field(run_id, "previous_edition") or 0)

    def figures(self, run_id: str, edition: int) -> bytes | None:
        """Return what reduce_rows found (JSON) for an edition that was published; None where that is not known."""
        newest = int(self.field(run_id, "edition") or 0)
        kept, last = cast(
            "list[bytes | None]",
            self.redis.hmget(keys.results(run_id), [keys.published(edition), "reduce_rows"]),
        )
        return last if kept is None and edition == newest else kept

    def published_figures(self, run_id: str) -> bytes | None:
        """Return what reduce_rows found (JSON) when the run was last published; None where it never was."""
        wanted = ["write_to_sheet:state", "edition", "published_edition"]
        out, newest, before = cast("list[bytes | None]", self.redis.hmget(keys.run(run_id), wanted))
        edition = newest or 0 if out == b"done" else before
        return None if edition is None else self.figures(run_id, int(edition))

    def missing_batches(self, run_id: str) -> list[int]:
        """Return the numbers of the batches that are not done, in order."""
        total = int(self.field(run_id, "batches") or 0)
        bits = cast("bytes | None", self.redis.get(keys.done(run_id))) or b""
        return [
            batch
            for batch in range(total)
            if batch >> 3 >= len(bits) or not bits[batch >> 3] & (0x80 >> (batch & 7))
        ]

    def leased(self, run_id: str) -> set[str]:
        """Return the names of the units that somebody works on now."""
        now_ms = to_ms(self.now())
        return {unit for unit, (until_ms, _) in self._leases(run_id).items() if until_ms > now_ms}

    def parked(self, run_id: str) -> dict[str, datetime]:
        """Return the units that wait for the next turn of their task, and until when they are kept for it."""
        found = self._leases(run_id)
        return {unit: from_ms(until_ms) for unit, (until_ms, renewed_ms) in found.items() if not renewed_ms}

    def _leases(self, run_id: str) -> dict[str, tuple[int, int]]:
        """Return the leases by unit: until when (ms), and when last renewed, 0 for one that is parked."""
        units = cast("dict[bytes, bytes]", self.redis.hgetall(keys.units(run_id)))
        found = {}
        for key, value in units.items():
            if key.startswith(b"lease:"):
                until, renewed = value.split(b" ", 2)[:2]
                found[text(key).removeprefix("lease:")] = (int(until), int(renewed))
        return found

    def may_sweep(self, run_id: str, *, first: timedelta, longest: timedelta) -> int:
        """Take the right to continue a run that lost something; 0, or the number of this sweep since it last moved.

        The pause between two sweeps begins with `first` and doubles, up to `longest`.
        """
        return int(self._call("sweep", [keys.run(run_id)], millis(first), millis(longest)))


def _claim_keys(run_id: str, job: str, due_ms: int) -> list[str]:
    return [
        keys.claim(job, due_ms),
        keys.run(run_id),
        keys.ACTIVE,
        keys.job_runs(job),
        keys.job_sequence(job),
        keys.BORN,
        keys.UNTOLD,
        keys.definition(run_id),
    ]


def _reopen_keys(run_id: str) -> list[str]:
    return [
        keys.run(run_id),
        keys.units(run_id),
        keys.ACTIVE,
        keys.done(run_id),
        keys.UNTOLD,
        keys.results(run_id),
        keys.deliveries(run_id),
        keys.definition(run_id),
    ]
