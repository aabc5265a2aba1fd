"""A due time recorded as missed, the run put in its place, and who hears of which."""

from datetime import timedelta

import pytest

from runs import keys
from runs.ledger import Ledger, Unit
from runs.scripts import to_ms
from tests.unit.runs.conftest import DUE, began

CLAIM = keys.claim("acme", to_ms(DUE))
HOUR = timedelta(hours=1)


def miss(ledger: Ledger, *, reclaim: bool = False) -> bool:
    """Record that the due time was missed, or put a run in the place of that record."""
    missed = "" if reclaim else "beat was away"
    made, _ = ledger.claim(
        "run-1", "acme", definition="{}", deadline=HOUR, due_at=DUE, missed=missed, reclaim=reclaim
    )
    return made


def days_left(ledger: Ledger, key: str) -> int:
    return round(ledger.redis.ttl(key) / 86_400)


def test_a_missed_due_time_is_claimed_as_long_as_its_record_is_kept_and_open_again_after_it(
    ledger: Ledger,
) -> None:
    assert miss(ledger)
    assert days_left(ledger, CLAIM) == days_left(ledger, keys.run("run-1")) == keys.RUN_TTL.days


def test_a_run_in_the_place_of_a_miss_has_the_due_time_for_as_long_as_any_other(ledger: Ledger) -> None:
    miss(ledger)
    ledger.redis.expire(CLAIM, 60)
    assert miss(ledger, reclaim=True)
    assert days_left(ledger, CLAIM) == keys.CLAIM_TTL.days


def test_a_run_opened_again_keeps_its_due_time_for_longer_than_its_own_record(ledger: Ledger) -> None:
    miss(ledger)
    for key in (CLAIM, keys.run("run-1")):
        ledger.redis.expire(key, 60)
    assert ledger.reopen("run-1", "collect_urls", HOUR) == "ok"
    assert days_left(ledger, CLAIM) == keys.CLAIM_TTL.days
    assert days_left(ledger, keys.run("run-1")) == keys.RUN_TTL.days


def test_a_manual_run_that_is_opened_again_takes_nobodys_due_time(ledger: Ledger) -> None:
    miss(ledger)
    ledger.claim("by-hand", "acme", definition="{}", deadline=HOUR)
    ledger.redis.hset(keys.run("by-hand"), "due_at", to_ms(DUE))
    ledger.end("by-hand", "failed", tell=False)
    ledger.redis.expire(CLAIM, 60)
    assert ledger.reopen("by-hand", "collect_urls", HOUR) == "ok"
    assert ledger.redis.ttl(CLAIM) <= 60


def test_a_run_in_the_place_of_a_miss_is_a_further_life_of_its_id(ledger: Ledger) -> None:
    miss(ledger)
    ledger.reopen("run-1", "collect_urls", HOUR)
    ledger.end("run-1", "failed", tell=True)
    assert miss(ledger, reclaim=True)
    assert ledger.run("run-1").life == 2
    assert began(ledger, "run-1", Unit("collect_urls"), "task").life == 2


@pytest.mark.parametrize("again", ["opened again", "in the place of a miss"])
def test_what_fails_while_people_are_told_of_the_life_before_is_still_to_be_told(
    ledger: Ledger, again: str
) -> None:
    miss(ledger)
    being_told = ledger.run("run-1")
    if again == "opened again":
        ledger.reopen("run-1", "collect_urls", HOUR)
    else:
        miss(ledger, reclaim=True)
    ledger.end("run-1", "failed", reason="no list", tell=True)
    ledger.told(being_told)
    assert ledger.untold() == ["run-1"]
    ledger.told(ledger.run("run-1"))
    assert ledger.untold() == []


def test_a_run_whose_record_is_gone_is_told_of_no_more(ledger: Ledger) -> None:
    miss(ledger)
    being_told = ledger.run("run-1")
    ledger.redis.delete(keys.run("run-1"))
    ledger.told(being_told)
    assert ledger.untold() == []
