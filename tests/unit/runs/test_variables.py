"""Variables beside the ledger: all or none, with who changed what from what."""

from datetime import UTC, datetime

import pytest
from fakeredis import FakeRedis
from redis import Redis

from jobs.variables import Variable
from runs import variables
from runs.scripts import redis_now
from runs.variables import VariableStore

BEFORE = datetime(2026, 3, 1, tzinfo=UTC)


def test_a_change_says_who_changed_it_and_from_what() -> None:
    store = VariableStore(FakeRedis())
    store.put([Variable("NIGHTLY", "0 6 * * *", "cron", "after imports")], "anna@desk")
    (change,) = store.put([Variable("NIGHTLY", "0 7 * * *", "cron", "after imports")], "ben@desk")
    assert (change.by, change.before, change.after) == ("ben@desk", "0 6 * * *", "0 7 * * *")
    found = store.get("NIGHTLY")
    assert found is not None
    assert found.changed == change
    assert [one.by for one in store.changes("NIGHTLY")] == ["ben@desk", "anna@desk"]


def test_the_same_again_changes_nothing() -> None:
    store = VariableStore(FakeRedis())
    store.put([Variable("A", "1")], "me")
    assert store.put([Variable("A", "1")], "you") == []
    assert store.all()["A"].changed.by == "me"


def test_seeding_leaves_what_a_person_sets_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    store, faster = VariableStore(FakeRedis()), ["mine"]

    def later(redis: Redis) -> datetime:
        while faster:
            store.put([Variable("A", faster.pop())], "anna@desk")
        return redis_now(redis)

    monkeypatch.setattr(variables, "redis_now", later)
    assert [
        change.name for change in store.seed([Variable("A", "x"), Variable("B", "2")], "seed", BEFORE)
    ] == ["B"]
    assert {name: found.value for name, found in store.all().items()} == {"A": "mine", "B": "2"}


def test_seeding_leaves_what_is_there() -> None:
    store = VariableStore(FakeRedis())
    store.put([Variable("A", "mine")], "me")
    assert [
        change.name for change in store.seed([Variable("A", "x"), Variable("B", "2")], "seed", BEFORE)
    ] == ["B"]
    assert store.all()["A"].value == "mine"
    assert store.all()["B"].changed.at == BEFORE


def test_what_was_taken_away_is_gone_and_told() -> None:
    store = VariableStore(FakeRedis())
    store.put([Variable("A", "1")], "me")
    change = store.take("A", "me")
    assert change is not None
    assert (change.before, change.after) == ("1", None)
    assert store.take("A", "me") is None
    assert store.get("A") is None
