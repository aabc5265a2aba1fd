"""What the ledger says of a run, typed. Times are UTC and aware."""

from datetime import datetime
from typing import Final, Literal

import msgspec

RunState = Literal["queued", "running", "published", "published_with_gaps", "failed", "held", "cancelled"]
StepState = Literal["pending", "running", "done", "failed", "stopped"]
"""`stopped`: it was under way when its run ended for another reason than this step."""
StepName = Literal[
    "collect_urls",
    "scrape",
    "reduce_rows",
    "write_to_sheet",
    "find_path",
    "parse_message",
    "write_message",
    "maintain",
]

STEPS: Final[tuple[StepName, ...]] = (
    "collect_urls",
    "scrape",
    "reduce_rows",
    "write_to_sheet",
    "find_path",
    "parse_message",
    "write_message",
)
MAINTENANCE_STEPS: Final[tuple[StepName, ...]] = ("maintain",)
"""A job of the service itself has one step."""
PUBLISHED_STATES: Final = frozenset({"published", "published_with_gaps"})
ENDED_STATES: Final = PUBLISHED_STATES | {"failed", "held", "cancelled"}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a run. `attempts` are those of this life; of scrape its own, not its batches'."""

    name: StepName
    state: StepState = "pending"
    attempts: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None


class DeliveryRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One message on one channel. `channel` is a label without credentials."""

    channel: str
    state: Literal["new", "intent", "sent", "retry", "refused", "unknown"]
    attempts: int = 0
    repeated: bool = False
    """Sent once more with the same Message-ID, because an answer was lost."""
    answer: str = ""
    at: int = 0
    until_ms: int | None = None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One (job, due time), or one manual trigger."""

    id: str
    job: str
    state: RunState
    trigger: Literal["schedule", "manual", "backfill"]
    sequence: int
    """Number of the run within its job; orders what is published."""
    life: int = 0
    """How often a person has had it done again."""
    due_at: datetime
    claimed_at: datetime
    opened_at: datetime
    """When its time began: claimed, or opened again by a person."""
    deadline_at: datetime
    started_at: datetime | None = None
    """When it first began, however often it was done again."""
    ended_at: datetime | None = None
    progress_at: datetime
    urls: int | None = None
    repeats: int = 0
    """URLs of the sources left out because they had been seen before."""
    batches: int | None = None
    batches_done: int = 0
    pages: int = 0
    """Rows stored so far."""
    products: int = 0
    previous: str | None = None
    """Run that this one is compared with."""
    reason: str = ""
    hindered: str = ""
    """What last kept the step under way from being done."""
    too_slow: str = ""
    """Which of its pages its definition's own pace leaves no time for."""
    steps: tuple[Step, ...]

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state in ENDED_STATES

    @property
    def is_out(self) -> bool:
        """Whether its report is published: what may remain is to tell people."""
        return any(step.name == "write_to_sheet" and step.state == "done" for step in self.steps)

    @property
    def out_at(self) -> datetime | None:
        """When its report was published; None where it is not."""
        return next(
            (step.ended_at for step in self.steps if step.name == "write_to_sheet" and self.is_out), None
        )

    @property
    def step_names(self) -> tuple[StepName, ...]:
        """The names of its steps, in their order."""
        return tuple(step.name for step in self.steps)

    def next_step(self) -> StepName | None:
        """Return the first step that is not done."""
        return next((step.name for step in self.steps if step.state != "done"), None)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a run's log."""

    at: datetime
    event: str
    step: str = ""
    detail: str = ""
