"""The ledger's promises, one by one."""

from datetime import UTC, datetime, timedelta

import pytest

from runs.ledger import Ledger, Unit, UnknownRun
from runs.record import STEPS

DUE = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def claim(ledger: Ledger, run_id: str, due_at: datetime | None = DUE) -> tuple[bool, str]:
    return ledger.claim(run_id, "acme", definition="{}", deadline=timedelta(hours=1), due_at=due_at)


def test_a_due_time_is_claimed_once_and_names_its_run(ledger: Ledger) -> None:
    assert claim(ledger, "run-1") == (True, "run-1")
    assert claim(ledger, "run-2") == (False, "run-1")
    assert ledger.active() == ["run-1"]
    assert ledger.claimed("acme", DUE)
    assert not ledger.claimed("acme", DUE + timedelta(days=1))


def test_manual_runs_need_no_claim_and_are_numbered(ledger: Ledger) -> None:
    claim(ledger, "run-1", None)
    claim(ledger, "run-2", None)
    assert [ledger.run(name).sequence for name in ("run-1", "run-2")] == [1, 2]
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
        assert ledger.begin(run_id, Unit(later), "task")[0] == "early"
    assert ledger.begin(run_id, Unit("scrape", 0), "task")[0] == "early"
    assert ledger.begin(run_id, Unit("collect_urls"), "task")[0] == "go"
    assert ledger.run(run_id).state == "running"


def test_a_unit_is_worked_on_by_one_attempt_at_a_time(ledger: Ledger, run_id: str) -> None:
    assert ledger.begin(run_id, Unit("collect_urls"), "task-1")[0] == "go"
    assert ledger.begin(run_id, Unit("collect_urls"), "task-2")[0] == "busy"
    assert ledger.leased(run_id) == {"collect_urls"}


def test_a_redelivered_message_takes_over_from_its_first_delivery(ledger: Ledger, run_id: str) -> None:
    _, first = ledger.begin(run_id, Unit("collect_urls"), "task-1")
    verdict, second = ledger.begin(run_id, Unit("collect_urls"), "task-1", redelivered=True)
    assert verdict == "go"
    assert first is not None
    assert second is not None
    assert second.fence == first.fence + 1


def test_what_an_older_attempt_writes_is_refused(ledger: Ledger, run_id: str) -> None:
    _, first = ledger.begin(run_id, Unit("collect_urls"), "task-1")
    _, second = ledger.begin(run_id, Unit("collect_urls"), "task-1", redelivered=True)
    assert first is not None
    assert second is not None
    assert not ledger.renew(first)
    assert not ledger.finish_step(first, urls=9, batches=9)
    assert ledger.finish_step(second, b'{"found": 5}', urls=5, batches=1)
    assert ledger.run(run_id).urls == 5
    assert ledger.result(run_id, "collect_urls") == b'{"found": 5}'
    assert ledger.begin(run_id, Unit("collect_urls"), "task-3")[0] == "done"


def test_a_lease_given_back_frees_the_unit(ledger: Ledger, run_id: str) -> None:
    _, attempt = ledger.begin(run_id, Unit("collect_urls"), "task-1")
    assert attempt is not None
    assert ledger.give_back(attempt)
    assert ledger.leased(run_id) == set()
    assert ledger.begin(run_id, Unit("collect_urls"), "task-2")[0] == "go"


def test_a_lease_that_ran_out_frees_the_unit(ledger: Ledger, run_id: str) -> None:
    ledger.begin(run_id, Unit("collect_urls"), "task-1", lease=timedelta(milliseconds=-1))
    assert ledger.leased(run_id) == set()
    assert ledger.begin(run_id, Unit("collect_urls"), "task-2")[0] == "go"


def test_the_last_batch_ends_scrape_whatever_the_order(ledger: Ledger, scraping: str) -> None:
    for batch in (2, 0, 1):
        assert ledger.run(scraping).steps[1].state == "pending"
        _, attempt = ledger.begin(scraping, Unit("scrape", batch), f"task-{batch}")
        assert attempt is not None
        assert ledger.finish_batch(attempt, b"rows", pages=2, products=1)
    run = ledger.run(scraping)
    assert run.steps[1].state == "done"
    assert (run.pages, run.products, run.batches_done) == (6, 3, 3)
    assert ledger.missing_batches(scraping) == []


def test_a_batch_is_stored_once(ledger: Ledger, scraping: str) -> None:
    _, first = ledger.begin(scraping, Unit("scrape", 1), "task-1")
    _, second = ledger.begin(scraping, Unit("scrape", 1), "task-1", redelivered=True)
    assert first is not None
    assert second is not None
    assert not ledger.finish_batch(first, b"old", pages=2, products=2)
    assert ledger.finish_batch(second, b"new", pages=2, products=2)
    assert not ledger.finish_batch(second, b"new", pages=2, products=2)
    assert ledger.run(scraping).pages == 2
    assert ledger.missing_batches(scraping) == [0, 2]


def test_a_run_ends_once(ledger: Ledger, run_id: str) -> None:
    assert ledger.end(run_id, "failed", reason="no URLs", step="collect_urls", tell=True)
    assert not ledger.end(run_id, "published", tell=True)
    run = ledger.run(run_id)
    assert (run.state, run.reason, run.steps[0].state) == ("failed", "no URLs", "failed")
    assert ledger.active() == []
    assert ledger.untold() == [run_id]
    ledger.told(run_id)
    assert ledger.untold() == []
    assert ledger.begin(run_id, Unit("collect_urls"), "task")[0] == "ended"


def test_an_older_run_never_becomes_what_the_next_is_compared_with(ledger: Ledger) -> None:
    claim(ledger, "run-1", None)
    claim(ledger, "run-2", None)
    ledger.end("run-2", "published", tell=False)
    ledger.end("run-1", "published", tell=False)
    assert ledger.published_run("acme") == "run-2"


def test_a_failed_run_is_not_compared_with(ledger: Ledger, run_id: str) -> None:
    ledger.end(run_id, "failed", tell=False)
    assert ledger.published_run("acme") is None


def test_a_run_done_again_from_a_step_keeps_what_came_before(ledger: Ledger, scraping: str) -> None:
    for batch in range(3):
        _, attempt = ledger.begin(scraping, Unit("scrape", batch), "task")
        assert attempt is not None
        ledger.finish_batch(attempt, b"rows", pages=1, products=1)
    ledger.end(scraping, "failed", step="reduce_rows", tell=False)
    assert ledger.reopen(scraping, "reduce_rows", timedelta(hours=1)) == "ok"
    assert ledger.run(scraping).next_step() == "reduce_rows"
    assert ledger.missing_batches(scraping) == []
    ledger.end(scraping, "failed", tell=False)
    assert ledger.reopen(scraping, "scrape", timedelta(hours=1)) == "ok"
    assert ledger.missing_batches(scraping) == [0, 1, 2]
    assert ledger.run(scraping).pages == 0


def test_a_run_under_way_is_not_opened_again(ledger: Ledger, run_id: str) -> None:
    assert ledger.reopen(run_id, "collect_urls", timedelta(hours=1)) == "running"
    assert ledger.reopen("run-9", "collect_urls", timedelta(hours=1)) == "gone"


def test_one_of_several_sweepers_continues_a_run_and_then_waits(ledger: Ledger, run_id: str) -> None:
    def sweep() -> int:
        return ledger.may_sweep(
            run_id, quiet=timedelta(0), first=timedelta(minutes=1), longest=timedelta(minutes=5)
        )

    assert sweep() == 1
    assert sweep() == 0


def test_no_key_of_a_run_is_without_expiry(ledger: Ledger, scraping: str) -> None:
    _, attempt = ledger.begin(scraping, Unit("scrape", 0), "task")
    assert attempt is not None
    ledger.finish_batch(attempt, b"rows", pages=1, products=1)
    names = list(ledger.redis.scan_iter("sb:run:*"))
    assert len(names) >= 4
    assert [name for name in names if ledger.redis.ttl(name) < 0] == []
