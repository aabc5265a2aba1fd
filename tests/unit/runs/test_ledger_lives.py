"""How runs end, what the next is compared with, and what holds in a run's next life."""

from datetime import timedelta
from typing import Any

import pytest

from reports.row import Row
from runs import keys
from runs.ledger import Ledger, Unit, UnknownRun
from runs.record import STEPS, StepName
from runs.store import RunStore, pack_rows, pack_snapshot
from tests.unit.runs.conftest import began, claim, refused


def test_a_run_ends_once(ledger: Ledger, run_id: str) -> None:
    assert ledger.end(run_id, "failed", reason="no URLs", step="collect_urls", tell=True)
    assert not ledger.end(run_id, "published", tell=True)
    run = ledger.run(run_id)
    assert (run.state, run.reason, run.steps[0].state) == ("failed", "no URLs", "failed")
    assert ledger.active() == []
    assert ledger.untold() == [run_id]
    ledger.told(ledger.run(run_id))
    assert ledger.untold() == []
    assert refused(ledger, run_id, Unit("collect_urls"), "task") == "ended"


def test_a_run_does_not_end_at_a_step_that_is_done_by_now(ledger: Ledger, run_id: str) -> None:
    """Who ends it read a moment ago that the step was not done, and would throw away what is out."""
    assert ledger.finish_step(began(ledger, run_id, Unit("collect_urls"), "task"))
    for state in ("failed", "cancelled"):
        assert not ledger.end(run_id, state, step="collect_urls", tell=True)
    run = ledger.run(run_id)
    assert (run.state, run.steps[0].state, ledger.untold()) == ("running", "done", [])
    assert ledger.end(run_id, "cancelled", step="write_to_sheet", tell=False)
    assert ledger.run(run_id).steps[STEPS.index("write_to_sheet")].state == "pending"


def test_the_step_under_way_is_stopped_when_its_run_is_cancelled_and_is_done_when_it_is_opened_again(
    ledger: Ledger, run_id: str
) -> None:
    attempt = began(ledger, run_id, Unit("collect_urls"), "task")
    ledger.end(run_id, "cancelled", tell=False)
    assert not ledger.finish_step(attempt)
    stopped = ledger.run(run_id).steps[0]
    assert (stopped.state, stopped.ended_at) == ("stopped", ledger.run(run_id).ended_at)
    ledger.reopen(run_id, "collect_urls", timedelta(hours=1))
    assert ledger.finish_step(began(ledger, run_id, Unit("collect_urls"), "task"))
    assert ledger.run(run_id).steps[0].state == "done"


def draw_up(ledger: Ledger, run_id: str, snapshot: bytes = b"") -> None:
    """Leave what reduce_rows does, in the life that the run has."""
    life = ledger.run(run_id).life
    ledger.redis.set(keys.snapshot(run_id, life), pack_snapshot(snapshot), ex=keys.ROWS_TTL)
    ledger.redis.hset(keys.run(run_id), "edition", life)


def base(ledger: Ledger, of: str = "") -> bytes | None:
    """Return what a run is compared with, by default one that is claimed now."""
    run_id = of or f"run-{len(ledger.runs_of('acme', 99)) + 1}"
    if not of:
        claim(ledger, run_id, None)
    before, edition = ledger.compared_with(run_id)
    return RunStore(ledger.redis, before).snapshot(edition) if before else None


def test_an_older_run_never_becomes_what_the_next_is_compared_with(ledger: Ledger) -> None:
    claim(ledger, "run-1", None)
    claim(ledger, "run-2", None)
    ledger.end("run-2", "published", tell=False)
    ledger.end("run-1", "published", tell=False)
    assert ledger.published_run("acme") == "run-2"


def test_a_report_is_what_the_next_is_compared_with_from_its_publication_on(ledger: Ledger) -> None:
    for run_id in ("run-1", "run-2"):
        claim(ledger, run_id, None)
        draw_up(ledger, run_id)
        for step in STEPS[: STEPS.index("find_path")]:
            assert ledger.published_run("acme") == (None if run_id == "run-1" else "run-1")
            assert not ledger.run(run_id).is_out
            ledger.finish_step(began(ledger, run_id, Unit(step), "task"), batches=0)
        assert ledger.run(run_id).is_out
        assert ledger.published_run("acme") == run_id
    ledger.end("run-2", "cancelled", tell=False)
    kept = [ledger.redis.ttl(keys.snapshot(run_id)) for run_id in ("run-1", "run-2")]
    assert kept == [keys.ROWS_TTL.total_seconds(), keys.SNAPSHOT_TTL.total_seconds()]


def test_a_failed_run_is_not_compared_with(ledger: Ledger, run_id: str) -> None:
    ledger.end(run_id, "failed", tell=False)
    assert ledger.published_run("acme") is None


def test_a_run_done_again_from_a_step_keeps_what_came_before(ledger: Ledger, scraping: str) -> None:
    for batch in range(3):
        attempt = began(ledger, scraping, Unit("scrape", batch), "task")
        ledger.finish_batch(attempt, b"rows", pages=1, products=1)
    ledger.end(scraping, "failed", step="reduce_rows", tell=False)
    assert ledger.reopen(scraping, "reduce_rows", timedelta(hours=1)) == "ok"
    assert ledger.run(scraping).next_step() == "reduce_rows"
    assert ledger.missing_batches(scraping) == []
    ledger.end(scraping, "failed", tell=False)
    assert ledger.reopen(scraping, "scrape", timedelta(hours=1)) == "ok"
    assert ledger.missing_batches(scraping) == [0, 1, 2]
    assert ledger.run(scraping).pages == 0


def test_the_times_of_a_run_are_those_of_its_life(ledger: Ledger, run_id: str) -> None:
    for _ in range(2):
        run = ledger.run(run_id)
        opened_at, deadline_at, now = ledger.times(run_id)
        assert (opened_at, deadline_at) == (run.opened_at, run.deadline_at)
        assert run.opened_at <= now <= ledger.now()
        ledger.end(run_id, "failed", tell=False)
        ledger.reopen(run_id, "collect_urls", timedelta(hours=5))
    with pytest.raises(UnknownRun):
        ledger.times("acme-20261121T061500Z")


def test_a_run_under_way_is_not_opened_again(ledger: Ledger, run_id: str) -> None:
    assert ledger.reopen(run_id, "collect_urls", timedelta(hours=1)) == "running"
    assert ledger.reopen("run-9", "collect_urls", timedelta(hours=1)) == "gone"


def test_work_of_before_a_rerun_is_refused_after_it(ledger: Ledger, scraping: str) -> None:
    frozen = began(ledger, scraping, Unit("scrape", 0), "task-0")
    ledger.end(scraping, "cancelled", tell=False)
    assert ledger.reopen(scraping, "collect_urls", timedelta(hours=1)) == "ok"
    collect = began(ledger, scraping, Unit("collect_urls"), "task-1")
    ledger.finish_step(collect, urls=9, batches=2)
    assert not ledger.finish_batch(frozen, b"rows of another URL list", pages=9, products=9)
    again = began(ledger, scraping, Unit("scrape", 0), "task-2")
    assert again.tries == 1
    assert ledger.finish_batch(again, b"rows", pages=5, products=5)


def test_what_a_batch_saved_in_one_life_of_its_run_does_not_reach_the_next(
    ledger: Ledger, scraping: str
) -> None:
    frozen = began(ledger, scraping, Unit("scrape", 0), "task-0")
    store = RunStore(ledger.redis, scraping)
    rows = [Row(position=0, url="https://shop.example/0")]
    assert ledger.save_part(frozen, pack_rows(rows), pages=len(rows))
    assert ledger.pages_under_way(scraping) == 1
    assert store.part(0) == rows
    ledger.end(scraping, "cancelled", tell=False)
    ledger.reopen(scraping, "scrape", timedelta(hours=1))
    assert store.part(0) == []
    assert ledger.pages_under_way(scraping) == 0
    assert not ledger.save_part(frozen, pack_rows(rows), pages=len(rows))
    assert store.part(0) == []
    now_at_it = began(ledger, scraping, Unit("scrape", 0), "task-1")
    assert ledger.save_part(now_at_it, pack_rows(rows), pages=len(rows))
    assert store.part(0) == rows
    assert ledger.finish_batch(now_at_it, pack_rows(rows), pages=len(rows), products=0)
    assert not ledger.save_part(now_at_it, pack_rows(rows), pages=len(rows)), "of a heartbeat that was late"
    assert ledger.pages_under_way(scraping) == 0


def test_what_a_batch_had_goes_with_its_end_and_not_with_that_of_an_attempt_overtaken(
    ledger: Ledger, scraping: str
) -> None:
    frozen = began(ledger, scraping, Unit("scrape", 0), "task-0", lease=timedelta(milliseconds=-1))
    at_it = began(ledger, scraping, Unit("scrape", 0), "task-1")
    rows, store = [Row(position=0, url="https://shop.example/0")], RunStore(ledger.redis, scraping)
    assert ledger.save_part(at_it, pack_rows(rows), pages=1)
    assert not ledger.finish_batch(frozen, b"", pages=1, products=0)
    assert store.part(0) == rows
    assert ledger.finish_batch(at_it, b"", pages=1, products=0)
    assert store.part(0) == []


def test_a_rerun_counts_its_tries_anew(ledger: Ledger, run_id: str) -> None:
    for turn in range(6):
        attempt = began(ledger, run_id, Unit("collect_urls"), "task-1", turn=turn, redelivered=True)
        ledger.park(attempt, timedelta(minutes=1), forgive=False)
    ledger.end(run_id, "failed", step="collect_urls", tell=False)
    ledger.reopen(run_id, "collect_urls", timedelta(hours=1))
    again = began(ledger, run_id, Unit("collect_urls"), "task-2")
    assert (again.tries, again.fence > attempt.fence) == (1, True)


def test_waits_for_what_others_provide_are_counted_apart_and_anew_in_each_life(
    ledger: Ledger, run_id: str
) -> None:
    for waits in range(3):
        attempt = began(ledger, run_id, Unit("collect_urls"), "task-1", turn=waits, redelivered=True)
        assert (attempt.tries, attempt.waits) == (1, waits)
        ledger.park(attempt, timedelta(minutes=1), forgive=True, hindered="Google is away")
    ledger.end(run_id, "failed", step="collect_urls", tell=False)
    ledger.reopen(run_id, "collect_urls", timedelta(hours=1))
    assert began(ledger, run_id, Unit("collect_urls"), "task-2").waits == 0


def test_the_attempts_of_a_step_are_told_of_this_life_alone(ledger: Ledger, run_id: str) -> None:
    for turn in range(3):
        attempt = began(ledger, run_id, Unit("collect_urls"), "task-1", turn=turn, redelivered=True)
        ledger.park(attempt, timedelta(minutes=1), forgive=turn > 0, hindered="Google is away")
    assert ledger.run(run_id).steps[0].attempts == 3
    ledger.end(run_id, "failed", step="collect_urls", tell=False)
    ledger.reopen(run_id, "collect_urls", timedelta(hours=1))
    assert ledger.run(run_id).steps[0].attempts == 0
    began(ledger, run_id, Unit("collect_urls"), "task-2")
    assert ledger.run(run_id).steps[0].attempts == 1


def test_a_snapshot_that_nothing_is_compared_with_any_more_soon_expires(ledger: Ledger) -> None:
    for run_id in ("run-1", "run-2"):
        claim(ledger, run_id, None)
        draw_up(ledger, run_id)
        ledger.end(run_id, "published", tell=False)
    assert ledger.redis.ttl(keys.snapshot("run-1")) <= keys.ROWS_TTL.total_seconds()
    assert ledger.redis.ttl(keys.snapshot("run-2")) > keys.ROWS_TTL.total_seconds()


def test_the_lease_of_a_run_that_was_ended_is_not_renewed(ledger: Ledger) -> None:
    claim(ledger, "run-1")
    attempt = began(ledger, "run-1", Unit("collect_urls"), "task-1")
    ledger.end("run-1", "cancelled", tell=False)
    assert not ledger.renew(attempt)


def test_a_new_life_goes_by_its_own_facts(ledger: Ledger) -> None:
    claim(ledger, "run-1")
    ledger.freeze("run-1", "released", "me")
    ledger.end("run-1", "failed", tell=False)
    ledger.reopen("run-1", "collect_urls", timedelta(hours=1), {"released": "", "only_failed": "1"})
    found = [ledger.field("run-1", name) for name in ("released", "only_failed")]
    assert found == ["", "1"]
    begun = began(ledger, "run-1", Unit("collect_urls"), "task-1")
    assert begun.life == 1
    assert keys.further_passes(begun.life, 3) != keys.further_passes(0, 3)


def test_only_the_snapshot_of_a_published_run_is_compared_with_and_kept_for_long(ledger: Ledger) -> None:
    for run_id, state in (("run-1", "held"), ("run-2", "published")):
        claim(ledger, run_id, None)
        draw_up(ledger, run_id)
        ledger.end(run_id, state, tell=False)  # type: ignore[arg-type]
        assert (base(ledger) is not None) == (state == "published")
    assert ledger.redis.ttl(keys.snapshot("run-1")) == keys.ROWS_TTL.total_seconds()
    assert ledger.redis.ttl(keys.snapshot("run-2")) == keys.SNAPSHOT_TTL.total_seconds()


@pytest.mark.parametrize("state", ["held", "failed", "cancelled", "published"])
def test_what_others_are_compared_with_stays_until_its_run_done_again_is_published_anew(
    ledger: Ledger, state: Any
) -> None:
    claim(ledger, "run-1", None)
    draw_up(ledger, "run-1", b"before")
    ledger.end("run-1", "published", tell=False)
    ledger.reopen("run-1", "reduce_rows", timedelta(hours=1))
    draw_up(ledger, "run-1", b"after")
    claim(ledger, "run-2", None)
    assert base(ledger, "run-2") == b"before"
    ledger.end("run-1", state, tell=False)
    assert base(ledger) == (b"after" if state == "published" else b"before")
    assert base(ledger, "run-2") == b"before", "it had begun"
    kept = [ledger.redis.ttl(keys.snapshot("run-1", edition)) for edition in (0, 1)]
    days = [keys.SNAPSHOT_TTL.total_seconds(), keys.ROWS_TTL.total_seconds()]
    assert kept == (days[::-1] if state == "published" else days)


def test_what_a_newer_run_was_compared_with_stays_whatever_is_published_anew(ledger: Ledger) -> None:
    for run_id in ("run-1", "run-2"):
        claim(ledger, run_id, None)
        draw_up(ledger, run_id, b"before")
        assert base(ledger, run_id) == (None if run_id == "run-1" else b"before")
        ledger.end(run_id, "published", tell=False)
    ledger.reopen("run-1", "reduce_rows", timedelta(hours=1))
    draw_up(ledger, "run-1", b"after")
    ledger.end("run-1", "published", tell=False)
    assert ledger.published_run("acme") == "run-2"
    assert base(ledger, "run-2") == b"before"
    kept = [ledger.redis.ttl(keys.snapshot("run-1", edition)) for edition in (0, 1)]
    assert kept == [keys.ROWS_TTL.total_seconds()] * 2


def test_the_figures_that_were_published_stay_those_until_the_run_is_published_anew(ledger: Ledger) -> None:
    def do(*steps: StepName, found: bytes) -> None:
        for step in steps:
            attempt = began(ledger, "run-1", Unit(step), "task")
            edition = {"edition": attempt.life} if step == "reduce_rows" else {}
            ledger.finish_step(attempt, found, batches=0, **edition)

    claim(ledger, "run-1", None)
    do("collect_urls", "scrape", "reduce_rows", found=b"before")
    assert ledger.published_figures("run-1") is None
    do("write_to_sheet", found=b"[]")
    assert ledger.published_figures("run-1") == b"before"
    for _ in range(2):
        ledger.end("run-1", "failed", tell=False)
        ledger.reopen("run-1", "reduce_rows", timedelta(hours=1))
        do("reduce_rows", found=b"after")
        assert ledger.published_figures("run-1") == b"before"
    do("write_to_sheet", found=b"[]")
    assert ledger.published_figures("run-1") == b"after"
    assert [ledger.figures("run-1", edition) for edition in range(3)] == [b"before", None, b"after"]
    ledger.end("run-1", "published", tell=False)
    ledger.reopen("run-1", "write_message", timedelta(hours=1))
    assert ledger.published_figures("run-1") == b"after"


def test_a_run_of_before_editions_is_compared_with_as_it_is(ledger: Ledger) -> None:
    claim(ledger, "run-1", None)
    ledger.redis.set(keys.snapshot("run-1"), pack_snapshot(b"before"), ex=keys.SNAPSHOT_TTL)
    for step in STEPS[: STEPS.index("find_path")]:
        ledger.finish_step(began(ledger, "run-1", Unit(step), "task"), b"figures", batches=0)
    claim(ledger, "run-2", None)
    ledger.freeze("run-2", "previous", "run-1")
    assert ledger.compared_with("run-2") == ("run-1", 0)
    assert base(ledger) == base(ledger, "run-2") == b"before"
    assert ledger.published_figures("run-1") == b"figures"
    ledger.end("run-1", "published", tell=False)
    ledger.reopen("run-1", "reduce_rows", timedelta(hours=1))
    assert ledger.published_figures("run-1") == ledger.figures("run-1", 0) == b"figures"


def test_a_frozen_attempt_of_an_earlier_life_leaves_no_snapshot(ledger: Ledger, scraping: str) -> None:
    for batch in range(3):
        ledger.finish_batch(began(ledger, scraping, Unit("scrape", batch), "task"), b"", pages=1, products=1)
    frozen = began(ledger, scraping, Unit("reduce_rows"), "task-1")
    ledger.end(scraping, "failed", tell=False)
    ledger.reopen(scraping, "reduce_rows", timedelta(hours=1))
    assert not ledger.save_snapshot(frozen, b"old")
    at_it = began(ledger, scraping, Unit("reduce_rows"), "task-2")
    assert ledger.save_snapshot(at_it, b"new")
    ledger.finish_step(at_it)
    assert not ledger.save_snapshot(frozen, b"old")
    assert not ledger.save_snapshot(at_it, b"of a call that comes late")
    assert not ledger.redis.exists(keys.snapshot(scraping))
    assert ledger.redis.get(keys.snapshot(scraping, 1)) == b"new"
    assert ledger.redis.ttl(keys.snapshot(scraping, 1)) == keys.ROWS_TTL.total_seconds()
