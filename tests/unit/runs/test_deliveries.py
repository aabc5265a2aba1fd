"""Intent, send, confirm: nothing is doubled silently."""

from datetime import timedelta

import pytest
from fakeredis import FakeRedis

from runs.deliveries import Deliveries

LEASE = timedelta(minutes=2)
EXPIRED = timedelta(milliseconds=-1)


@pytest.fixture
def deliveries() -> Deliveries:
    return Deliveries(FakeRedis(), "run-1")


def test_a_channel_that_took_the_message_gets_no_second(deliveries: Deliveries) -> None:
    assert deliveries.intend("result:0", "slack", lease=LEASE, most_attempts=3) == ("go", 1)
    deliveries.confirm("result:0", 1, "sent", "ok")
    assert deliveries.intend("result:0", "slack", lease=LEASE, most_attempts=3) == ("sent", 1)


def test_an_intent_under_way_is_left_alone(deliveries: Deliveries) -> None:
    deliveries.intend("result:0", "slack", lease=LEASE, most_attempts=3)
    assert deliveries.intend("result:0", "slack", lease=LEASE, most_attempts=3) == ("busy", 1)


def test_a_slow_send_is_kept_alive_and_only_by_its_own_attempt(deliveries: Deliveries) -> None:
    deliveries.intend("result:0", "mail", lease=EXPIRED, most_attempts=3)
    assert deliveries.renew("result:0", 1, LEASE)
    assert deliveries.intend("result:0", "mail", lease=LEASE, most_attempts=3) == ("busy", 1)
    assert not deliveries.renew("result:0", 2, LEASE)
    deliveries.confirm("result:0", 1, "sent", "250")
    assert not deliveries.renew("result:0", 1, LEASE)


def test_a_lost_answer_is_sent_once_more_flagged_and_never_a_third_time(deliveries: Deliveries) -> None:
    deliveries.intend("result:0", "slack", lease=EXPIRED, most_attempts=5)
    assert deliveries.intend("result:0", "slack", lease=EXPIRED, most_attempts=5) == ("again", 2)
    assert deliveries.records()["result:0"].repeated
    assert deliveries.intend("result:0", "slack", lease=LEASE, most_attempts=5) == ("spent", 2)
    assert deliveries.records()["result:0"].state == "unknown"


def intend(deliveries: Deliveries, most_attempts: int) -> tuple[str, int]:
    """Ask at once, without the pause that a channel gets."""
    return deliveries.intend("result:0", "mail", lease=LEASE, most_attempts=most_attempts, pause=timedelta(0))


def test_a_channel_that_asks_for_patience_gets_a_pause(deliveries: Deliveries) -> None:
    deliveries.intend("result:0", "mail", lease=LEASE, most_attempts=9)
    deliveries.confirm("result:0", 1, "retry", "451 try later")
    assert deliveries.intend("result:0", "mail", lease=LEASE, most_attempts=9) == ("busy", 1)
    assert intend(deliveries, 9) == ("go", 2)


def test_an_intent_that_lapses_after_the_last_attempt_is_unknown_not_refused(deliveries: Deliveries) -> None:
    deliveries.intend("result:0", "mail", lease=EXPIRED, most_attempts=9)
    assert intend(deliveries, 1) == ("spent", 1)
    assert deliveries.records()["result:0"].state == "unknown"


def test_an_intent_asked_again_because_its_answer_was_lost_may_send(
    deliveries: Deliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.deliveries.new_call", lambda: "c0ffee")
    for _ in range(2):
        assert deliveries.intend("result:0", "mail", lease=LEASE, most_attempts=9) == ("go", 1)


def test_a_channel_that_keeps_failing_is_given_up(deliveries: Deliveries) -> None:
    for attempt in (1, 2):
        assert intend(deliveries, 2) == ("go", attempt)
        deliveries.confirm("result:0", attempt, "retry", "451 try later")
    assert intend(deliveries, 2) == ("spent", 2)
    record = deliveries.records()["result:0"]
    assert (record.state, record.answer) == ("refused", "451 try later")


def test_a_late_answer_of_an_old_attempt_counts_only_when_it_says_sent(deliveries: Deliveries) -> None:
    deliveries.intend("result:0", "mail", lease=EXPIRED, most_attempts=5)
    deliveries.intend("result:0", "mail", lease=LEASE, most_attempts=5)
    deliveries.confirm("result:0", 1, "refused", "550")
    assert deliveries.records()["result:0"].state == "intent"
    deliveries.confirm("result:0", 1, "sent", "250")
    assert deliveries.records()["result:0"].state == "sent"
