"""A run's hash in Redis as the typed record of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, cast

from runs.record import Run, Step, StepName
from runs.scripts import from_ms, text

COUNTS: Final = ("tries", "waits")
"""What the ledger counts of a unit in this life of its run: attempts, and those that gave way to what was away."""


def read_run(run_id: str, fields: Mapping[str, bytes], steps: Iterable[Step], done: int) -> Run:
    """Return the run whose hash has these fields; `done` is how many of its batches are."""

    def whole(name: str) -> int | None:
        return int(fields[name]) if name in fields else None

    def words(name: str) -> str:
        return text(fields.get(name, b""))

    return Run(
        id=run_id,
        job=words("job"),
        state=cast("Any", words("state")),
        trigger=cast("Any", words("trigger")),
        sequence=int(fields["sequence"]),
        life=whole("life") or 0,
        due_at=from_ms(fields["due_at"]),
        claimed_at=from_ms(fields["claimed_at"]),
        opened_at=from_ms(fields.get("opened_at", fields["claimed_at"])),
        deadline_at=from_ms(fields["deadline_at"]),
        started_at=_moment(fields, "started_at"),
        ended_at=_moment(fields, "ended_at"),
        progress_at=from_ms(fields["progress_at"]),
        urls=whole("urls"),
        repeats=whole("repeats") or 0,
        batches=whole("batches"),
        batches_done=done,
        pages=whole("pages") or 0,
        products=whole("products") or 0,
        previous=words("previous") or None,
        reason=words("reason"),
        hindered=words("hindered"),
        too_slow=words("too_slow"),
        steps=tuple(steps),
    )


def read_step(name: StepName, fields: Mapping[str, bytes], counts: Mapping[str, bytes | None]) -> Step:
    """Return a step of the run whose hash has these fields; `counts` are those of its units, `tries:reduce_rows`."""
    return Step(
        name=name,
        state=cast("Any", text(fields.get(f"{name}:state", b"pending"))),
        attempts=sum(int(counts[f"{count}:{name}"] or 0) for count in COUNTS),
        started_at=_moment(fields, f"{name}:started_at"),
        ended_at=_moment(fields, f"{name}:ended_at"),
    )


def _moment(fields: Mapping[str, bytes], name: str) -> datetime | None:
    return from_ms(fields[name]) if name in fields else None
