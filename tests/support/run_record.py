"""A run under way, to be replaced in parts: claimed at BEGIN, with an hour to its deadline."""

from datetime import UTC, datetime, timedelta

from runs.record import STEPS, Run, Step

BEGIN = datetime(2026, 11, 22, 6, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RUN = Run(
    id="a-1",
    job="a",
    state="running",
    trigger="schedule",
    sequence=1,
    due_at=BEGIN,
    claimed_at=BEGIN,
    opened_at=BEGIN,
    deadline_at=BEGIN + 60 * MINUTE,
    progress_at=BEGIN,
    steps=tuple(Step(name=name) for name in STEPS),
)
