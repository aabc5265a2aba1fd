"""Deliveries against a model: senders that die before or after sending, answers that get lost, in any order."""

from datetime import timedelta

import hypothesis.strategies as st
from fakeredis import FakeRedis
from hypothesis import settings
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
)

from runs.deliveries import Deliveries

MOST = 4


class DeliveriesModel(RuleBasedStateMachine):
    """One message on one channel."""

    permitted: Bundle[int] = Bundle("permitted")

    def __init__(self) -> None:
        super().__init__()
        self.deliveries = Deliveries(FakeRedis(), "run")
        self.taken = 0
        self.asked_twice = 0
        self.known_taken = False

    @rule(target=permitted, lapses=st.booleans())
    def intend(self, lapses: bool) -> MultipleResults[int] | int:
        lease = timedelta(milliseconds=-1) if lapses else timedelta(minutes=1)
        verdict, attempt = self.deliveries.intend(
            "result:0", "mail", lease=lease, most_attempts=MOST, pause=timedelta(0)
        )
        if verdict not in {"go", "again"}:
            return multiple()
        assert not self.known_taken, "a channel that said it has the message got it again"
        assert attempt <= MOST
        self.asked_twice += verdict == "again"
        assert self.asked_twice <= 1, "there is no third time"
        return attempt

    @rule(
        attempt=consumes(permitted),
        what=st.sampled_from(["taken", "refused", "retry", "lost", "lost_after", "died"]),
    )
    def send(self, attempt: int, what: str) -> None:
        """The channel takes the message or not; the sender hears of it or not."""
        self.taken += what in {"taken", "lost_after"}
        match what:
            case "taken":
                self.deliveries.confirm("result:0", attempt, "sent", "250")
                self.known_taken = True
            case "lost" | "lost_after":
                self.deliveries.confirm("result:0", attempt, "lost", "no answer")
            case "refused":
                self.deliveries.confirm("result:0", attempt, "refused", "550")
            case "retry":
                self.deliveries.confirm("result:0", attempt, "retry", "451")

    @invariant()
    def what_was_taken_twice_is_marked(self) -> None:
        record = self.deliveries.records().get("result:0")
        if self.taken > 1:
            assert record is not None
            assert record.repeated

    @invariant()
    def what_is_known_to_be_taken_says_so(self) -> None:
        if self.known_taken:
            assert self.deliveries.records()["result:0"].state == "sent"


DeliveriesModel.TestCase.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
TestDeliveriesModel = DeliveriesModel.TestCase
