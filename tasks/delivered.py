"""Whom a report's message has reached, and whom it has not."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from reports.wording import counted
from runs import keys
from runs.deliveries import Deliveries
from runs.record import DeliveryRecord, Run
from runs.scripts import to_ms
from tasks.context import Context

MESSAGE = "result"
"""Name under which what a run itself says, a report's message or the word of a job of ours, is recorded."""


@dataclass(frozen=True)
class Reach:
    """The channels of a report's message by what became of it; labels without credentials."""

    got: tuple[str, ...]
    missed: tuple[str, ...]
    """Each with what it answered at last, and after how many tries."""
    untried: int
    """How many were not asked at all."""
    able: tuple[str, ...]
    """Addresses that took it or were not asked: those that may hear what became of the others."""

    @property
    def lack(self) -> str:
        """Who has not got it, in words; '' where everybody has."""
        untried = f"{counted(self.untried, 'channel')} not asked" if self.untried else ""
        return "; ".join((*self.missed, *([untried] if untried else [])))


def reach_of(here: Context, run_id: str, addresses: Sequence[str]) -> Reach:
    """Return whom the message of a run has reached of those that it is for."""
    records = Deliveries(here.redis, run_id).records()
    asked = [record for field, record in records.items() if field.startswith(f"{MESSAGE}:")]
    able, untried = [], 0
    for place, address in enumerate(addresses):
        record = records.get(f"{MESSAGE}:{place}")
        untried += record is None
        if record is None or record.state == "sent":
            able.append(address)
    return Reach(
        got=tuple(record.channel for record in asked if record.state == "sent"),
        missed=tuple(_missed(record) for record in asked if record.state != "sent"),
        untried=untried,
        able=tuple(dict.fromkeys(able)),
    )


def first_reach_of(here: Context, run: Run, addresses: Sequence[str]) -> Reach:
    """Return `reach_of` an ended run as it was at the first question, so that a late answer changes no later telling.

    Deliveries are recorded by place: had another joined those that are told, each after it had another's place.
    """
    now = msgspec.json.encode(reach_of(here, run.id, addresses)).decode()
    return msgspec.json.decode(here.ledger.freeze(run.id, keys.reach(run.life), now), type=Reach)


def is_being_sent(here: Context, run_id: str) -> bool:
    """Return whether somebody waits for a channel's answer right now."""
    now_ms = to_ms(here.ledger.now())
    records = Deliveries(here.redis, run_id).records().values()
    return any(record.state == "intent" and (record.until_ms or 0) > now_ms for record in records)


def _missed(record: DeliveryRecord) -> str:
    lost = "the answer was lost, it may have arrived"
    answer = lost if record.state in {"intent", "unknown"} else record.answer or record.state
    return f"{record.channel}: {answer}, {counted(record.attempts, 'try', 'tries')}"
