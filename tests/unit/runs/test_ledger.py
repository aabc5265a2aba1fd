"""The ledger's promises, one by one."""

from datetime import UTC, datetime, timedelta

import pytest

from runs import keys
from runs.ledger import HEARTBEAT, STALE, Ledger, Refusal, Unit, UnknownRun
from runs.process import this_process
from runs.record import STEPS
from tests.unit.runs.conftest import DUE, began, claim, refused


def fall_silent(ledger: Ledger, run_id: str, unit: str) -> None:
    """Have the heartbeats of a unit end a while ago."""
    field = f"lease:{unit}"
    lease = ledger.redis.hget(keys.units(run_id), field)
    assert isinstance(lease, bytes)
    until, renewed, rest = lease.decode().split(maxsplit=2)
    long_ago = int(renewed) - int(STALE.total_seconds() * 1_000) - 1
    ledger.redis.hset(keys.units(run_id), field, f"{until} {long_ago} {rest}")


def test_a_due_time_is_claimed_once_and_names_its_run(ledger: Ledger) -> None:
    assert claim(ledger, "run-1") == (True, "run-1")
    assert claim(ledger, "run-2") == (False, "run-1")
    assert ledger.active() == ["run-1"]
    assert ledger.claimed("acme", DUE)
    assert not ledger.claimed("acme", DUE + timedelta(days=1))


def test_manual_runs_need_no_claim_and_are_numbered(ledger: Ledger) -> None:
    claim(ledger, "run-1", None)
    claim(ledger, "run-2", None)
    assert ledger.run("run-1").sequence < ledger.run("run-2").sequence
    assert ledger.run("run-1").trigger == "manual"
    assert ledger.runs_of("acme") == ["run-2", "run-1"]


def test_a_claim_sets_the_deadline_from_the_due_time(ledger: Ledger) -> None:
    claim(ledger, "run-1")
    assert ledger.run("run-1").deadline_at == DUE + timedelta(hours=1)


def test_a_naive_due_time_is_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="time zone"):
        claim(ledger, "run-1", DUE.replace(tzinfo=None))


def test_an_unknown_run_is_named(ledger: Ledger) -> None:
    with pytest.raises(UnknownRun, match="run-9"):
        ledger.run("run-9")


def test_steps_are_begun_in_order(ledger: Ledger, run_id: str) -> None:
    for later in STEPS[1:]:
        assert refused(ledger, run_id, Unit(later), "task") == "early"
    assert refused(ledger, run_id, Unit("scrape", 0), "task") == "early"
    assert began(ledger, run_id, Unit("collect_urls"), "task")
    assert ledger.run(run_id).state == "running"


def test_a_unit_is_worked_on_by_one_attempt_at_a_time(ledger: Ledger, run_id: str) -> None:
    assert began(ledger, run_id, Unit("collect_urls"), "task-1")
    assert refused(ledger, run_id, Unit("collect_urls"), "task-2") == "busy"
    assert ledger.leased(run_id) == {"collect_urls"}


def test_a_redelivered_message_takes_over_once_its_first_worker_shows_no_life(
    ledger: Ledger, run_id: str
) -> None:
    first = began(ledger, run_id, Unit("collect_urls"), "task-1")
    answer = ledger.begin(run_id, Unit("collect_urls"), "task-1", redelivered=True)
    assert isinstance(answer, Refusal)
    assert HEARTBEAT < answer.wait <= STALE
    fall_silent(ledger, run_id, "collect_urls")
    second = began(ledger, run_id, Unit("collect_urls"), "task-1", redelivered=True)
    assert second.fence == first.fence + 1


def test_a_refusal_names_the_process_that_has_the_unit(ledger: Ledger, run_id: str) -> None:
    began(ledger, run_id, Unit("collect_urls"), "task-1")
    answer = ledger.begin(run_id, Unit("collect_urls"), "task-1", redelivered=True)
    assert isinstance(answer, Refusal)
    assert answer.by == this_process()


def test_a_live_attempt_is_not_taken_over_by_a_message_that_a_wrong_clock_delivered_again(
    ledger: Ledger, run_id: str
) -> None:
    first = began(ledger, run_id, Unit("collect_urls"), "task-1")
    fall_silent(ledger, run_id, "collect_urls")
    assert ledger.renew(first)
    assert refused(ledger, run_id, Unit("collect_urls"), "task-1", redelivered=True) == "busy"
    assert ledger.finish_step(first, urls=1, batches=1)


def test_another_message_never_takes_over_a_live_lease(ledger: Ledger, run_id: str) -> None:
    began(ledger, run_id, Unit("collect_urls"), "task-1")
    fall_silent(ledger, run_id, "collect_urls")
    assert refused(ledger, run_id, Unit("collect_urls"), "task-2", redelivered=True) == "busy"


def test_a_parked_unit_waits_for_its_own_task(ledger: Ledger, run_id: str) -> None:
    first = began(ledger, run_id, Unit("collect_urls"), "task-1")
    assert ledger.park(first, timedelta(minutes=1), forgive=True, hindered="Google: 503")
    assert ledger.run(run_id).hindered == "Google: 503"
    assert refused(ledger, run_id, Unit("collect_urls"), "task-2") == "busy"
    second = began(ledger, run_id, Unit("collect_urls"), "task-1", turn=1, redelivered=True)
    assert (second.fence, second.tries) == (2, 1)
    assert ledger.finish_step(second, urls=1, batches=1)
    assert ledger.run(run_id).hindered == ""


def test_a_copy_of_an_earlier_turns_message_does_not_get_the_parked_unit(ledger: Ledger, run_id: str) -> None:
    """Each would come back again: with a clock two hours ahead somewhere, copies doubled without an end."""
    for turn in range(3):
        attempt = began(ledger, run_id, Unit("collect_urls"), "task-1", turn=turn, redelivered=True)
        ledger.park(attempt, timedelta(minutes=1), forgive=True, hindered="Google: 503")
        for copy in range(turn + 1):
            again = refused(ledger, run_id, Unit("collect_urls"), "task-1", turn=copy, redelivered=True)
            assert again == "busy"


def test_only_attempts_that_did_not_end_in_good_order_count_as_tries(ledger: Ledger, run_id: str) -> None:
    tries = []
    for turn, forgive in enumerate((False, False, True)):
        attempt = began(ledger, run_id, Unit("collect_urls"), "task-1", turn=turn, redelivered=True)
        tries.append(attempt.tries)
        ledger.park(attempt, timedelta(minutes=1), forgive=forgive)
    assert tries == [1, 2, 3]
    last = began(ledger, run_id, Unit("collect_urls"), "task-1", turn=3, redelivered=True)
    assert (last.fence, last.tries) == (4, 3)


def test_a_park_repeated_because_its_answer_was_lost_counts_once(ledger: Ledger, run_id: str) -> None:
    first = began(ledger, run_id, Unit("collect_urls"), "task-1")
    for _ in range(2):
        assert ledger.park(first, timedelta(minutes=1), forgive=True, hindered="Google: 503")
    second = began(ledger, run_id, Unit("collect_urls"), "task-1", turn=1, redelivered=True)
    assert (second.tries, second.waits) == (1, 1)


def test_a_heartbeat_that_comes_late_does_not_take_back_what_was_parked(ledger: Ledger, run_id: str) -> None:
    """The unit would be kept for its next turn no longer than a dead worker's, and the park's repeat counted again."""
    first = began(ledger, run_id, Unit("collect_urls"), "task-1")
    ledger.park(first, timedelta(minutes=5), forgive=True)
    kept_until = ledger.parked(run_id)["collect_urls"]
    assert not ledger.renew(first)
    assert not ledger.give_back(first)
    assert ledger.parked(run_id) == {"collect_urls": kept_until}


def test_a_question_asked_again_because_its_answer_was_lost_gets_the_same_answer(
    ledger: Ledger, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.units.new_call", lambda: "c0ffee")
    first = began(ledger, run_id, Unit("collect_urls"), "task-1")
    assert began(ledger, run_id, Unit("collect_urls"), "task-1") == first
    assert ledger.finish_step(first, urls=1, batches=1)
    assert ledger.finish_step(first, urls=1, batches=1)


def test_what_an_older_attempt_writes_is_refused(ledger: Ledger, run_id: str) -> None:
    first = began(ledger, run_id, Unit("collect_urls"), "task-1")
    fall_silent(ledger, run_id, "collect_urls")
    second = began(ledger, run_id, Unit("collect_urls"), "task-1", redelivered=True)
    assert not ledger.renew(first)
    assert not ledger.finish_step(first, urls=9, batches=9)
    assert ledger.finish_step(second, b'{"found": 5}', urls=5, batches=1)
    assert ledger.run(run_id).urls == 5
    assert ledger.result(run_id, "collect_urls") == b'{"found": 5}'
    assert refused(ledger, run_id, Unit("collect_urls"), "task-3") == "done"


def test_a_lease_given_back_frees_the_unit(ledger: Ledger, run_id: str) -> None:
    attempt = began(ledger, run_id, Unit("collect_urls"), "task-1")
    assert ledger.give_back(attempt)
    assert ledger.leased(run_id) == set()
    assert began(ledger, run_id, Unit("collect_urls"), "task-2")


def test_a_lease_that_ran_out_frees_the_unit(ledger: Ledger, run_id: str) -> None:
    ledger.begin(run_id, Unit("collect_urls"), "task-1", lease=timedelta(milliseconds=-1))
    assert ledger.leased(run_id) == set()
    assert began(ledger, run_id, Unit("collect_urls"), "task-2")


def test_the_last_batch_ends_scrape_whatever_the_order(ledger: Ledger, scraping: str) -> None:
    for batch in (2, 0, 1):
        assert ledger.run(scraping).steps[1].state == "pending"
        attempt = began(ledger, scraping, Unit("scrape", batch), f"task-{batch}")
        assert ledger.finish_batch(attempt, b"rows", pages=2, products=1)
    run = ledger.run(scraping)
    assert run.steps[1].state == "done"
    assert (run.pages, run.products, run.batches_done) == (6, 3, 3)
    assert ledger.missing_batches(scraping) == []


def test_a_batch_is_stored_once(ledger: Ledger, scraping: str) -> None:
    first = began(ledger, scraping, Unit("scrape", 1), "task-1")
    fall_silent(ledger, scraping, "scrape:1")
    second = began(ledger, scraping, Unit("scrape", 1), "task-1", redelivered=True)
    for _ in range(2):
        assert not ledger.finish_batch(first, b"old", pages=2, products=2)
        assert ledger.finish_batch(second, b"new", pages=2, products=2), "asked again, its answer was lost"
    assert ledger.redis.get(keys.rows(scraping, 1)) == b"new"
    assert ledger.run(scraping).pages == 2
    assert ledger.missing_batches(scraping) == [0, 2]


def test_one_of_several_sweepers_continues_a_run_and_then_waits(ledger: Ledger, run_id: str) -> None:
    def sweep() -> int:
        return ledger.may_sweep(run_id, first=timedelta(minutes=1), longest=timedelta(minutes=5))

    assert sweep() == 1
    assert sweep() == 0


def test_no_key_of_a_run_is_without_expiry(ledger: Ledger, scraping: str) -> None:
    attempt = began(ledger, scraping, Unit("scrape", 0), "task")
    ledger.finish_batch(attempt, b"rows", pages=1, products=1)
    names = list(ledger.redis.scan_iter("sb:run:*"))
    assert len(names) >= 4
    assert [name for name in names if ledger.redis.ttl(name) < 0] == []


def test_a_due_time_that_passed_has_failed_with_its_claim_and_is_to_be_told(ledger: Ledger) -> None:
    made = ledger.claim(
        "run-1", "acme", definition="{}", deadline=timedelta(hours=1), due_at=DUE, missed="nothing was up"
    )
    run = ledger.run("run-1")
    assert (made, run.state, run.reason) == ((True, "run-1"), "failed", "nothing was up")
    assert run.ended_at is not None
    assert (ledger.active(), ledger.untold()) == ([], ["run-1"])


def test_a_due_time_from_before_redis_remembers_is_marked(ledger: Ledger) -> None:
    ledger.remember()
    claim(ledger, "run-1", DUE)
    claim(ledger, "run-2", datetime.now(UTC) + timedelta(hours=1))
    assert ledger.field("run-1", "unremembered") == "1"
    assert ledger.field("run-2", "unremembered") == ""


def test_runs_of_an_emptied_redis_are_numbered_after_those_before(ledger: Ledger) -> None:
    """They count from the microsecond of the first claim: in less no Redis is emptied and asked again."""
    before = 0
    for _ in range(3):
        seconds, micros = ledger.redis.time()
        claim(ledger, "run-1")
        sequence = ledger.run("run-1").sequence
        assert sequence > before
        assert sequence >= seconds * 1_000_000 + micros
        before = sequence
        ledger.redis.flushall()


def test_a_field_of_an_expired_run_makes_no_key_that_never_expires(ledger: Ledger) -> None:
    with pytest.raises(UnknownRun):
        ledger.freeze("run-9", "previous", "run-8")
    assert list(ledger.redis.scan_iter("sb:run:*")) == []


def test_an_attempt_knows_whether_it_takes_over_from_one_that_went_silent(ledger: Ledger) -> None:
    claim(ledger, "run-1")
    unit = Unit("collect_urls")
    first = began(ledger, "run-1", unit, "task-1")
    assert not first.taken
    ledger.park(first, timedelta(milliseconds=-1), forgive=True)
    second = began(ledger, "run-1", unit, "task-1", turn=1)  # it came back by itself
    assert not second.taken
    fall_silent(ledger, "run-1", unit.name)
    third = began(ledger, "run-1", unit, "task-1", turn=1, redelivered=True)
    assert third.taken
    ledger.give_back(third)
    assert not began(ledger, "run-1", unit, "task-2", lease=timedelta(milliseconds=-1)).taken
    assert began(ledger, "run-1", unit, "task-3").taken
