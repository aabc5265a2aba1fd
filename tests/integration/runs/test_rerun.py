"""A run done again by a person: for what can pass, after a release, and when its rows are gone."""

import importlib
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from redis import Redis

from jobs.catalogue import load_definition
from reports.row import ProductUrl, Row
from runs import keys
from runs.deliveries import Deliveries
from runs.ledger import Ledger, Unit
from runs.record import STEPS
from runs.store import RunStore, pack_rows
from tasks import rerun
from tasks.context import context
from tasks.steps.compared import compared_rows
from tasks.steps.reduce import reduced, reduced_before
from tests.integration.conftest import Run
from tests.integration.runs.conftest import URL, begun
from tests.support.simulated import definition


def test_what_can_pass_is_taken_and_the_rest_is_left_and_said(run: Run, redis: Redis, ended: str) -> None:
    answer = run("runs", "rerun", ended, "--failed-urls")
    assert answer == {
        "run": ended,
        "from": "scrape",
        "urls": 3,
        "taken": {"timeout": 1, "blocked": 1, "consent": 1},
        "left": {"http_404": 1, "bad_url": 1},
        "told_already": [],
    }
    asked: list[ProductUrl] = []

    def fetch(urls: Any) -> list[Row]:
        asked.extend(urls)
        return [Row(position=item.position, url=item.url, page_type="product") for item in urls]

    here = context()
    begun(here.ledger, ended, Unit("scrape"))
    batch = begun(here.ledger, ended, Unit("scrape", 0))
    rows = rerun.with_kept_rows(here, batch, RunStore(redis, ended).urls(0), fetch)
    assert [item.position for item in asked] == [1, 2, 3]
    assert sorted(row.position for row in rows) == [0, 1, 2, 3, 4, 5]
    assert next(row for row in rows if row.position == 0).name == "Kettle"


def test_the_answer_for_people_says_how_many_of_which_kind(run: Run, ended: str) -> None:
    said = run("runs", "rerun", ended, "--failed-urls", raw=True)
    assert said.startswith(
        f"{ended}: URLs fetched again: 3 1 timeout The page did not answer in time 1 blocked"
    )
    assert (
        "left, their pages would say the same: 2 1 http_404 The shop has no such page any more (404)" in said
    )


def test_a_release_counts_for_the_figures_that_were_released_alone(
    run: Run, redis: Redis, ended: str
) -> None:
    ledger = Ledger(redis)
    run("runs", "release", ended)
    assert ledger.field(ended, "released")
    ledger.end(ended, "failed", reason="the sheet is not shared", step="write_to_sheet", tell=False)
    run("runs", "rerun", ended, "--from", "write_to_sheet")
    assert ledger.field(ended, "released")
    ledger.end(ended, "failed", reason="again", step="write_to_sheet", tell=False)
    run("runs", "rerun", ended, "--failed-urls")
    assert not ledger.field(ended, "released")


def test_a_run_that_is_done_again_keeps_its_first_start(run: Run, redis: Redis, ended: str) -> None:
    first = Ledger(redis).run(ended).started_at
    run("runs", "rerun", ended, "--failed-urls")
    time.sleep(0.01)
    begun(Ledger(redis), ended, Unit("scrape"))
    again_run = Ledger(redis).run(ended)
    assert (again_run.state, again_run.started_at) == ("running", first)
    assert run("runs", "show", ended)["done_again_at"] is not None


def test_a_run_that_ended_before_its_pages_were_fetched_says_so_and_names_the_step_to_go_on_from(
    run: Run, redis: Redis, no_worker: None
) -> None:
    ledger, job = Ledger(redis), load_definition(definition("plain"), known_fields=frozenset())
    ledger.claim("plain-4", "plain", definition=job.model_dump_json(), deadline=job.deadline, fields={})
    begun(ledger, "plain-4", Unit("collect_urls"))
    assert "plain-4 has not fetched all its pages yet" in run("runs", "rows", "plain-4", code=1)
    assert "it is under way" in run("runs", "rerun", "plain-4", "--failed-urls", code=2)
    ledger.end("plain-4", "failed", reason="no list", step="collect_urls", tell=False)
    said = run("runs", "rows", "plain-4", code=1)
    assert "plain-4 ended before all its pages were fetched (failed: no list)" in said
    said = run("runs", "rerun", "plain-4", "--failed-urls", code=2)
    assert "do it again --from collect_urls" in said
    assert run("runs", "rerun", "plain-4", "--from", "collect_urls")["from"] == "collect_urls"


def test_a_held_run_is_not_done_again_from_its_sheet_but_released_or_dropped(run: Run, ended: str) -> None:
    said = run("runs", "rerun", ended, "--from", "write_to_sheet", code=2)
    assert f"it is held; publish it: shelfbeat runs release {ended}" in said
    assert Ledger(context().redis).run(ended).state == "held"


def test_a_message_that_every_channel_has_is_not_sent_again_and_that_is_said(
    run: Run, redis: Redis, no_worker: None
) -> None:
    ledger, people = Ledger(redis), '["json://127.0.0.1:9/", "json://127.0.0.2:9/"]'
    job = load_definition(definition("plain", notify=people), known_fields=frozenset())
    ledger.claim("plain-3", "plain", definition=job.model_dump_json(), deadline=job.deadline, fields={})
    for step in STEPS:
        ledger.finish_step(begun(ledger, "plain-3", Unit(step)), batches=0)
    ledger.end("plain-3", "published", tell=False)
    deliveries = Deliveries(redis, "plain-3")
    for place in range(2):
        if place:
            assert run("runs", "rerun", "plain-3", "--from", "write_message")["from"] == "write_message"
            ledger.end("plain-3", "published", tell=False)
            ledger.redis.hset(keys.run("plain-3"), "write_message:state", "done")
        _, attempt = deliveries.intend(f"result:{place}", "hook", lease=timedelta(minutes=1), most_attempts=5)
        deliveries.confirm(f"result:{place}", attempt, "sent", "")
    said = run("runs", "rerun", "plain-3", "--from", "write_message", code=2)
    assert "every channel has its message already" in said
    said = run("runs", "rerun", "plain-3", "--from", "write_to_sheet", raw=True)
    assert "plain-3 goes on from write_to_sheet its message went out already and is not sent again to" in said
    ledger.end("plain-3", "published", tell=False)
    assert ledger.run("plain-3").ended


def at_price(price: str) -> Row:
    return Row(position=0, url=URL, page_type="product", name="Kettle", price=Decimal(price), currency="EUR")


def fetched(redis: Redis, run_id: str, row: Row) -> None:
    """Do what scrape and reduce_rows do, for one row."""
    reduce: Any = importlib.import_module("tasks.steps.reduce")
    ledger = Ledger(redis)
    begun(ledger, run_id, Unit("scrape"))
    ledger.finish_batch(begun(ledger, run_id, Unit("scrape", 0)), pack_rows([row]), pages=1, products=1)
    reduce.reduce_rows.apply(args=(run_id,))


def claimed(redis: Redis, run_id: str) -> None:
    ledger, job = Ledger(redis), load_definition(definition("plain"), known_fields=frozenset())
    ledger.claim(run_id, "plain", definition=job.model_dump_json(), deadline=job.deadline, fields={})
    collected = begun(ledger, run_id, Unit("collect_urls"))
    RunStore(redis, run_id).put_urls(collected.fence, [(0, [ProductUrl(0, URL)])])
    ledger.finish_step(collected, urls=1, batches=1, url_edition=collected.fence)


def reported(redis: Redis, run_id: str, row: Row) -> None:
    """Do a whole run, of one row."""
    claimed(redis, run_id)
    fetched(redis, run_id, row)
    published(redis, run_id)


def published(redis: Redis, run_id: str) -> None:
    ledger = Ledger(redis)
    ledger.finish_step(begun(ledger, run_id, Unit("write_to_sheet")), b"[]")
    ledger.end(run_id, "published", tell=False)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_report_done_again_and_dropped_is_compared_with_as_it_was_published(
    run: Run, redis: Redis, no_worker: None
) -> None:
    reported(redis, "plain-0", at_price("10.00"))
    run("runs", "rerun", "plain-0", "--from", "scrape")
    fetched(redis, "plain-0", at_price("20.00"))
    run("runs", "cancel", "plain-0")
    claimed(redis, "plain-1")
    fetched(redis, "plain-1", at_price("20.00"))
    found = reduced(context(), "plain-1")
    assert found is not None
    assert found.summary.changes == {"price_up": 1}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_rows_summary_and_message_are_compared_with_one_report_though_it_is_published_anew_meanwhile(
    run: Run, redis: Redis, no_worker: None
) -> None:
    reported(redis, "plain-0", at_price("10.00"))
    claimed(redis, "plain-1")
    fetched(redis, "plain-1", at_price("20.00"))
    run("runs", "rerun", "plain-0", "--from", "scrape")
    fetched(redis, "plain-0", Row(position=0, url=URL, failure="timeout"))
    published(redis, "plain-0")
    here = context()
    under_way = here.ledger.run("plain-1")
    (row,) = compared_rows(here, under_way)
    found, before = reduced(here, "plain-1"), reduced_before(here, under_way)
    assert found is not None
    assert before is not None
    assert (row.previous_price, found.summary.changes) == (Decimal("10.00"), {"price_up": 1})
    assert (before.summary.products, before.summary.failures) == (1, {})
    claimed(redis, "plain-2")
    after = reduced_before(here, here.ledger.run("plain-2"))
    assert after is not None
    assert after.summary.products == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_is_gone_is_named_only_by_the_list_that_the_run_is_compared_with(
    run: Run, redis: Redis, no_worker: None
) -> None:
    reduce: Any = importlib.import_module("tasks.steps.reduce")
    reported(redis, "plain-0", at_price("10.00"))
    claimed(redis, "plain-1")
    fetched(redis, "plain-1", msgspec.structs.replace(at_price("10.00"), url=f"{URL}another"))
    named = [reduced(context(), "plain-1")]
    run("runs", "rerun", "plain-0", "--from", "scrape")
    fetched(redis, "plain-0", at_price("10.00"))
    published(redis, "plain-0")
    run("runs", "cancel", "plain-1")
    run("runs", "rerun", "plain-1", "--from", "reduce_rows")
    reduce.reduce_rows.apply(args=("plain-1",))
    named.append(reduced(context(), "plain-1"))
    assert [(found.summary.gone, found.summary.gone_urls) for found in named if found] == [
        (1, (URL,)),
        (1, ()),
    ]


def test_a_held_run_whose_definition_this_version_cannot_read_can_be_dropped_and_says_why_it_cannot_be_rerun(
    run: Run, redis: Redis, ended: str
) -> None:
    redis.set(keys.definition(ended), '{"job": "plain", "urls": []}')
    said = run("runs", "rerun", ended, "--from", "scrape", code=2)
    assert "does not fit this version of Shelfbeat: urls" in said
    assert run("runs", "cancel", ended)["state"] == "cancelled"
    assert Ledger(redis).run(ended).state == "cancelled"
