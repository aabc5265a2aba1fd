"""One message to many channels, on a real Redis: each goes its own way."""

from typing import cast

import pytest
from redis import Redis

from reports.errors import Unavailable
from reports.message import Message
from runs.aside import Aside
from runs.deliveries import Deliveries
from runs.ledger import Ledger
from tasks.context import Context
from tasks.people.aside_notice import AsideNotice
from tasks.settings import read_settings
from tasks.steps.deliver import deliver_all
from tasks.steps.step import Superseded
from tests.support.receivers import Hook

MESSAGE = Message("subject", "text", "<p>text</p>", "failed")


def test_a_secret_store_that_does_not_answer_holds_up_its_own_channel_alone(redis: Redis) -> None:
    away = True

    with Hook(200) as first, Hook(200) as second:

        def store(name: str) -> str | None:
            if name == "AWAY" and away:
                raise Unavailable("a secret store", "ConnectTimeout")
            return {"AWAY": first.address(), "HERE": second.address()}.get(name)

        here = Context(settings=read_settings({}), redis=redis, ledger=Ledger(redis), secrets=(store,))
        references = ("secret:AWAY", "secret:NOWHERE", "secret:HERE")
        assert deliver_all(here, "run-1", "failed", MESSAGE, references), "the first is to be tried again"
        records = Deliveries(redis, "run-1").records()
        assert [record.state for record in records.values()] == ["retry", "refused", "sent"]
        assert records["failed:0"].answer == "a secret store: ConnectTimeout"
        assert (len(first.bodies), len(second.bodies)) == (0, 1)

        away = False
        make_due(redis)
        assert not deliver_all(here, "run-1", "failed", MESSAGE, references)
        assert (len(first.bodies), len(second.bodies)) == (1, 1)


def test_a_run_that_ended_while_its_message_goes_out_sends_to_nobody_else(redis: Redis) -> None:
    here = Context(settings=read_settings({}), redis=redis, ledger=Ledger(redis), secrets=())
    with Hook(200) as first, Hook(200) as second:

        def still_wanted() -> None:
            if first.bodies:
                raise Superseded

        addresses = [first.open_address(), second.open_address()]
        with pytest.raises(Superseded):
            deliver_all(here, "run-1", "result", MESSAGE, addresses, still_wanted=still_wanted)
        assert (len(first.bodies), len(second.bodies)) == (1, 0)
    assert list(Deliveries(redis, "run-1").records()) == ["result:0"]


def test_messages_kept_aside_are_told_once_a_day_whichever_beat_asks(redis: Redis) -> None:
    with Hook(200) as operators:
        settings = read_settings({"SHELFBEAT_OPERATORS": operators.address()})
        here = Context(settings=settings, redis=redis, ledger=Ledger(redis), secrets=())
        AsideNotice(here).tick()
        assert operators.bodies == []
        Aside(redis).keep("fetch", "no <message>", b"[[[")
        first, second = AsideNotice(here), AsideNotice(here)
        for notice in (first, second, first):
            notice.tick()
    (body,) = operators.bodies
    assert body["title"] == "Shelfbeat: messages were kept aside"
    assert "queue fetch: no <message>" in body["message"]


def make_due(redis: Redis) -> None:
    """Let the pause before the next try have passed."""
    key = "sb:run:run-1:deliveries"
    for field, raw in cast("dict[bytes, bytes]", redis.hgetall(key)).items():
        redis.hset(key, field.decode(), raw.replace(b'"at":', b'"at":0,"was_at":').decode())
