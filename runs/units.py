"""Units of work: a step, or a batch of scrape. How one is begun, kept, and recorded as done.

To work on one, `begin` it: the answer holds a fence, the number of this attempt. What the attempt writes is refused
once a newer attempt has begun, so a worker that was frozen or cut off cannot overwrite anybody. Leases run on
Redis' clock, never on a worker's.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal, cast

from redis import Redis

from runs import keys
from runs.process import this_process
from runs.record import MAINTENANCE_STEPS, STEPS, StepName
from runs.scripts import Scripts, millis, new_call, text, whole_seconds

LEASE: Final = timedelta(seconds=20)
HEARTBEAT: Final = timedelta(seconds=5)
STALE: Final = timedelta(seconds=8)
"""A lease not renewed for so long may be taken over by its own message, delivered again."""


@dataclass(frozen=True)
class Unit:
    """A step, or one batch of scrape."""

    step: StepName
    batch: int | None = None

    @property
    def name(self) -> str:
        """The unit's name in the ledger: `reduce_rows`, `scrape:17`."""
        return self.step if self.batch is None else f"{self.step}:{self.batch}"

    @property
    def after(self) -> StepName | None:
        """The step that must be done before this unit may begin."""
        before = () if self.step in MAINTENANCE_STEPS else STEPS[: STEPS.index(self.step)]
        return before[-1] if before else None


@dataclass(frozen=True)
class Attempt:
    """The right to work on a unit, and the number by which later writes are checked."""

    run_id: str
    unit: Unit
    fence: int
    task_id: str
    tries: int = 1
    """Attempts so far that did not end in good order, this one among them."""
    turn: int = 0
    """How often its task has come back for the unit: a copy of an earlier turn's message has no right to it."""
    waits: int = 0
    """Attempts so far that gave way to what others provide and was away; as `tries`, of this life of the run."""
    life: int = 0
    """How often the run had been opened again when this began."""
    taken: bool = False
    """Whether another attempt was at work on the unit and went silent: its worker died, or hangs."""


@dataclass(frozen=True)
class Refusal:
    """Why a unit may not be begun. `done`, `ended` and `gone` leave nothing to do; `early`: the step before is
    not done; `busy`: another attempt holds a live lease, `wait` tells when asking again makes sense."""

    verdict: Literal["gone", "ended", "done", "early", "busy"]
    wait: timedelta = timedelta(0)
    by: str = ""
    """Name of the process that has it (runs.process)."""


def base_args() -> tuple[str | int, ...]:
    """Return what a script needs to make a run the one that the next is compared with."""
    return (
        whole_seconds(keys.SNAPSHOT_TTL),
        *keys.snapshot("\n").split("\n"),
        whole_seconds(keys.ROWS_TTL),
    )


class Units:
    """The part of the ledger that attempts change."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self._call = Scripts(redis)

    def begin(  # noqa: PLR0913 - what a message says, and two bounds
        self,
        run_id: str,
        unit: Unit,
        task_id: str,
        *,
        turn: int = 0,
        redelivered: bool = False,
        lease: timedelta = LEASE,
        stale: timedelta = STALE,
    ) -> Attempt | Refusal:
        """Begin an attempt of a unit, unless there is nothing to do for it or it is somebody else's.

        A `redelivered` message takes over from its first delivery when that was not renewed for `stale`. `turn` counts
        how often the task has come back for its unit.
        """
        verdict, fence, tries, wait, *more = self._call(
            "begin",
            [keys.run(run_id), keys.units(run_id), keys.done(run_id)],
            unit.name,
            unit.step,
            -1 if unit.batch is None else unit.batch,
            ("collect_urls" if unit.batch is not None else unit.after) or "",
            task_id,
            int(redelivered),
            millis(lease),
            whole_seconds(keys.RUN_TTL),
            new_call(),
            millis(stale),
            this_process(),
            turn,
        )
        word = text(verdict)
        if word == "go":
            life, taken = map(int, more)
            return Attempt(run_id, unit, int(fence), task_id, int(tries), turn, int(wait), life, bool(taken))
        return Refusal(cast("Any", word), timedelta(milliseconds=int(wait)), text(more[0]) if more else "")

    def renew(self, attempt: Attempt, lease: timedelta = LEASE) -> bool:
        """Renew the lease of an attempt; False when it is parked or no longer the newest, or the run has ended."""
        return self._renew(attempt, millis(lease))

    def park(self, attempt: Attempt, lease: timedelta, *, forgive: bool, hindered: str = "") -> bool:
        """Keep the unit for the next turn of the same task, which comes within `lease`; False where it has lost it.

        `forgive` counts this attempt as none, once: it ended in good order, or was `hindered`, which says by what.
        """
        return self._renew(attempt, millis(lease), 1, int(forgive), hindered)

    def give_back(self, attempt: Attempt) -> bool:
        """Give the lease back, so that the unit can be begun again at once."""
        return self._renew(attempt, 0)

    def _renew(
        self, attempt: Attempt, lease_ms: int, parked: int = 0, forgive: int = 0, hindered: str = ""
    ) -> bool:
        return bool(
            self._call(
                "renew",
                [keys.run(attempt.run_id), keys.units(attempt.run_id)],
                attempt.unit.name,
                attempt.fence,
                attempt.task_id,
                lease_ms,
                parked,
                forgive,
                hindered,
                this_process(),
                attempt.turn + parked,
            )
        )

    def finish_step(self, attempt: Attempt, result: bytes = b"null", **fields: str | int) -> bool:
        """Record a step as done with its result (JSON); False when a newer attempt has it."""
        run_id = attempt.run_id
        job = text(cast("bytes | None", self.redis.hget(keys.run(run_id), "job")) or b"")
        return bool(
            self._call(
                "finish_step",
                [keys.run(run_id), keys.units(run_id), keys.results(run_id), keys.job_published(job)],
                attempt.unit.step,
                attempt.fence,
                result,
                whole_seconds(keys.RUN_TTL),
                run_id,
                *base_args(),
                *(part for pair in fields.items() for part in pair),
            )
        )

    def save_part(self, attempt: Attempt, rows: bytes, *, pages: int) -> bool:
        """Store the rows that a batch has so far, for its next turn or attempt; False when a newer attempt has it."""
        part = keys.part(attempt.run_id, attempt.life, cast("int", attempt.unit.batch))
        return self._save(attempt, part, rows, pages)

    def save_snapshot(self, attempt: Attempt, snapshot: bytes) -> bool:
        """Store what the next run is compared with once this one is published; False when a newer attempt has it."""
        return self._save(attempt, keys.snapshot(attempt.run_id, attempt.life), snapshot, "")

    def _save(self, attempt: Attempt, key: str, content: bytes, pages: int | str) -> bool:
        return bool(
            self._call(
                "save",
                [keys.units(attempt.run_id), key],
                attempt.unit.name,
                attempt.fence,
                content,
                whole_seconds(keys.ROWS_TTL),
                pages,
            )
        )

    def pages_under_way(self, run_id: str) -> int:
        """Return how many pages the batches that are not done have so far."""
        fields = cast("dict[bytes, bytes]", self.redis.hgetall(keys.units(run_id)))
        return sum(int(pages) for field, pages in fields.items() if field.startswith(b"settled:"))

    def finish_batch(self, attempt: Attempt, rows: bytes, *, pages: int, products: int) -> bool:
        """Store the rows of a batch whole and mark it done; False when a newer attempt has it."""
        run_id, batch = attempt.run_id, cast("int", attempt.unit.batch)
        return bool(
            self._call(
                "finish_batch",
                [
                    keys.run(run_id),
                    keys.units(run_id),
                    keys.done(run_id),
                    keys.rows(run_id, batch),
                    keys.part(run_id, attempt.life, batch),
                ],
                batch,
                attempt.fence,
                rows,
                whole_seconds(keys.ROWS_TTL),
                whole_seconds(keys.RUN_TTL),
                pages,
                products,
            )
        )
