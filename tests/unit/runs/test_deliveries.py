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


def test_a_lost_answer_is_sent_once_more_flagged_and_never_a_third_time(deliveries: Deliveries) -> None:
    deliveries.intend("result:0", "slack", lease=EXPIRED, most_attempts=5)
    assert deliveries.intend("result:0", "slack", lease=EXPIRED, most_attempts=5) == ("again", 2)
    assert deliveries.records()["result:0"].repeated
    assert deliveries.intend("result:0", "slack", lease=LEASE, most_attempts=5) == ("spent", 2)
    assert deliveries.records()["result:0"].state == "unknown"


def test_a_channel_that_keeps_failing_is_given_up(deliveries: Deliveries) -> None:
    for attempt in (1, 2):
        assert deliveries.intend("result:0", "mail", lease=LEASE, most_attempts=2) == ("go", attempt)
        deliveries.confirm("result:0", attempt, "retry", "451 try later")
    assert deliveries.intend("result:0", "mail", lease=LEASE, most_attempts=2) == ("spent", 2)
    record = deliveries.records()["result:0"]
    assert (record.state, record.answer) == ("refused", "451 try later")


def test_a_late_answer_of_an_old_attempt_counts_only_when_it_says_sent(deliveries: Deliveries) -> None:
    deliveries.intend("result:0", "mail", lease=EXPIRED, most_attempts=5)
    deliveries.intend("result:0", "mail", lease=LEASE, most_attempts=5)
    deliveries.confirm("result:0", 1, "refused", "550")
    assert deliveries.records()["result:0"].state == "intent"
    deliveries.confirm("result:0", 1, "sent", "250")
    assert deliveries.records()["result:0"].state == "sent"
