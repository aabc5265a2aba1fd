"""A run done again by a person: for what can pass, after a release, and when its rows are gone."""

import importlib
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from redis import Redis
from typer.testing import CliRunner

from console.app import command
from console.doctor.last_runs import check_last_runs
from exporters.published import Published
from jobs.catalogue import load_definition
from reports.message import Message
from reports.row import ProductUrl, Row
from runs import keys
from runs.deliveries import Deliveries
from runs.ledger import Attempt, Ledger, Unit
from runs.record import STEPS
from runs.store import RunStore, pack_rows
from tasks import rerun
from tasks.catalogue import built_in
from tasks.context import context
from tasks.steps.compared import compared_rows
from tasks.steps.reduce import reduced, reduced_before
from tasks.steps.unit import PARKED
from tests.integration.conftest import Run
from tests.support.simulated import definition

URL = "https://shop.example/"
ROWS = (
    Row(position=0, url=f"{URL}0", page_type="product", name="Kettle"),
    Row(position=1, url=f"{URL}1", failure="timeout", failure_detail="no connection in 10 s"),
    Row(position=2, url=f"{URL}2", page_type="blocked"),
    Row(position=3, url=f"{URL}3", page_type="consent"),
    Row(position=4, url=f"{URL}4", failure="http_404", page_type="not_found"),
    Row(position=5, url=f"{URL}5", failure="bad_url", failure_detail="the URL names no host"),
)


def begun(ledger: Ledger, run_id: str, unit: Unit) -> Attempt:
    attempt = ledger.begin(run_id, unit, f"task-{unit.name}", redelivered=False)
    assert isinstance(attempt, Attempt)
    return attempt


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is put into a queue."""
    monkeypatch.setattr(rerun, "enqueue", lambda *_: None)


@pytest.fixture
def ended(run: Run, redis: Redis, no_worker: None) -> str:
    """A run that fetched all its pages and was held."""
    ledger, run_id = Ledger(redis), "plain-1"
    job = load_definition(definition("plain"), known_fields=frozenset())
    ledger.claim(run_id, "plain", definition=job.model_dump_json(), deadline=job.deadline, fields={})
    collected = begun(ledger, run_id, Unit("collect_urls"))
    urls = [ProductUrl(row.position, row.url) for row in ROWS]
    RunStore(redis, run_id).put_urls(collected.fence, [(0, urls)])
    ledger.finish_step(collected, b"null", urls=len(urls), batches=1, url_edition=collected.fence)
    scraping = begun(ledger, run_id, Unit("scrape"))
    batch = begun(ledger, run_id, Unit("scrape", 0))
    ledger.finish_batch(batch, pack_rows(ROWS), pages=len(ROWS), products=1)
    ledger.finish_step(scraping)
    ledger.finish_step(begun(ledger, run_id, Unit("reduce_rows")))
    ledger.end(run_id, "held", reason="coverage", tell=False)
    return run_id


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


def test_the_doctor_tells_of_the_last_run_of_each_job_that_has_one(run: Run, ended: str) -> None:
    here = context()
    jobs = [load_definition(definition(name), known_fields=frozenset()) for name in ("new", "plain")]
    (held,) = check_last_runs(here, jobs)
    assert (held.check, held.found) == ("last run of plain", f"{ended} is held: coverage")
    run("runs", "cancel", ended)
    (well,) = check_last_runs(here, jobs)
    assert (well.check, well.health) == ("last runs", "good")


def test_a_self_test_without_a_page_of_yours_is_not_told_for_giving_no_product(run: Run) -> None:
    here = context()
    own = built_in(here.settings)["self-test"]
    for job in (own, own.model_copy(update={"job": "daily"})):
        fields = {"urls": "1"}
        here.ledger.claim(job.job, job.job, definition="{}", deadline=job.deadline, fields=fields)
        here.ledger.end(job.job, "published_with_gaps", tell=False)
    assert [one.health for one in check_last_runs(here, [own])] == ["good"]
    (told,) = check_last_runs(here, [own.model_copy(update={"job": "daily"})])
    assert told.found == "daily was published without a product: none of 1 URL gave one"


def test_the_answer_for_people_says_how_many_of_which_kind(run: Run, ended: str) -> None:
    said = run("runs", "rerun", ended, "--failed-urls", raw=True)
    assert said.startswith(
        f"{ended}: URLs fetched again: 3 1 timeout The page did not answer in time 1 blocked"
    )
    assert (
        "left, their pages would say the same: 2 1 http_404 The shop has no such page any more (404)" in said
    )


def test_rows_are_shown_with_the_reason_and_all_of_them_as_json(run: Run, ended: str) -> None:
    assert [row["position"] for row in run("runs", "rows", ended)] == [0, 1, 2, 3, 4, 5]
    assert [row["position"] for row in run("runs", "rows", ended, "--failed")] == [1, 2, 3, 4, 5]


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


def test_a_run_that_waits_for_others_says_for_what_and_when_it_is_tried_next(run: Run, redis: Redis) -> None:
    ledger, job = Ledger(redis), load_definition(definition("plain"), known_fields=frozenset())
    ledger.claim("plain-2", "plain", definition=job.model_dump_json(), deadline=job.deadline, fields={})
    said = run("runs", "show", "plain-2", raw=True)
    assert "figures not known before the URLs are collected" in said
    assert run("runs", "show", "plain-2")["next_try_at"] is None
    assert "plain-2 has no message yet" in run("runs", "show", "plain-2", "--message", raw=True, code=1)
    attempt = begun(ledger, "plain-2", Unit("collect_urls"))
    ledger.park(attempt, timedelta(minutes=5) + PARKED, forgive=True, hindered="the shop does not answer")
    view = run("runs", "show", "plain-2")
    assert view["hindered"] == "the shop does not answer"
    left = datetime.fromisoformat(view["next_try_at"]) - datetime.now(UTC)
    assert timedelta(minutes=4) < left < timedelta(minutes=6)
    assert "when pages that wait" not in run("runs", "show", "plain-2", raw=True)
    redis.hdel(keys.run("plain-2"), "hindered")
    assert "when pages that wait for their turn" in run("runs", "show", "plain-2", raw=True)


def test_the_message_of_a_run_is_shown_and_its_log_tells_of_every_step(
    run: Run, redis: Redis, ended: str
) -> None:
    run("runs", "release", ended)
    said = msgspec.json.encode(Message("Daily: 1 of 6", "Six pages were asked.", "<p>", "delivered"))
    redis.hset(keys.results(ended), "parse_message", said)
    redis.hdel(keys.results(ended), "reduce_rows")  # this run has no figures
    assert "message Daily: 1 of 6 (its text: shelfbeat runs show plain-1 --message)" in run(
        "runs", "show", ended, raw=True
    )
    done = CliRunner().invoke(command("runs"), ["runs", "show", ended, "--message"]).stdout
    assert done == "Six pages were asked.\n"
    (scraped,) = [line for line in run("runs", "show", ended)["events"] if line["step"] == "scrape"]
    assert (scraped["event"], scraped["detail"]) == ("step_done", "6 pages, 1 product")


def test_where_a_report_is_stands_on_one_line_however_long_it_is(run: Run, redis: Redis, ended: str) -> None:
    path = f"/srv/{'reports/' * 40}daily.csv"
    run("runs", "release", ended)
    places = [
        Published(kind="csv", path=path),
        Published(kind="sheet", link="https://docs/1", path="Reports/Daily"),
    ]
    Ledger(redis).finish_step(
        begun(Ledger(redis), ended, Unit("write_to_sheet")), msgspec.json.encode(places)
    )
    redis.hdel(keys.results(ended), "reduce_rows")  # this run has no figures
    said = CliRunner().invoke(command("runs"), ["runs", "show", ended]).stdout
    assert f"published     csv    {path}\n              sheet  https://docs/1  Reports/Daily\n" in said


def test_the_run_of_a_job_of_the_service_shows_what_it_found_and_no_pages(run: Run, redis: Redis) -> None:
    ledger = Ledger(redis)
    ledger.claim(
        "tidy", "clean-up", definition="{}", deadline=timedelta(hours=1), fields={"maintenance": "clean-up"}
    )
    said = run("runs", "show", "tidy", raw=True)
    assert "found not known before it is done" in said
    ledger.finish_step(begun(ledger, "tidy", Unit("maintain")), b'{"run_ids": 2, "customers": {"ACME": 1}}')
    said = run("runs", "show", "tidy", raw=True)
    assert 'found run ids: 2 customers: {"ACME": 1}' in said
    assert "URLs" not in said


def test_runs_are_listed_newest_first_over_all_jobs(run: Run, redis: Redis) -> None:
    ledger, job = Ledger(redis), load_definition(definition("plain"), known_fields=frozenset())
    for run_id, name in (("b-1", "b"), ("a-1", "a"), ("b-2", "b")):
        ledger.claim(run_id, name, definition=job.model_dump_json(), deadline=job.deadline, fields={})
        time.sleep(0.002)
    assert [one["run"] for one in run("runs", "list")] == ["b-2", "a-1", "b-1"]
    assert [one["run"] for one in run("runs", "list", "-n", "2")] == ["b-2", "a-1"]
    assert "left out" not in run("runs", "list", raw=True)
    assert [one["run"] for one in run("runs", "list", "b")] == ["b-2", "b-1"]
    assert "no job 'nope'" in run("runs", "list", "nope", code=2)


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


def test_runs_of_the_services_own_jobs_are_listed_where_they_are_asked_for(run: Run, redis: Redis) -> None:
    ledger, job = Ledger(redis), load_definition(definition("plain"), known_fields=frozenset())
    for run_id, name in (("s-1", "self-test"), ("a-1", "a"), ("s-2", "self-test"), ("c-1", "clean-up")):
        ledger.claim(run_id, name, definition=job.model_dump_json(), deadline=job.deadline, fields={})
        time.sleep(0.002)
    assert [one["run"] for one in run("runs", "list")] == ["a-1"]
    said = run("runs", "list", raw=True)
    assert said.endswith("left out: 2 runs of the service's own jobs; see them: shelfbeat runs list --all")
    assert [one["run"] for one in run("runs", "list", "--all", "-n", "3")] == ["c-1", "s-2", "a-1"]
    assert [one["run"] for one in run("runs", "list", "self-test")] == ["s-2", "s-1"]


def test_a_run_that_started_when_it_was_not_due_is_listed_with_both_times(run: Run, redis: Redis) -> None:
    ledger, due_at = Ledger(redis), datetime(2026, 1, 5, 6, tzinfo=UTC)
    ledger.claim("a-1", "a", definition="{}", deadline=timedelta(days=9_999), fields={})
    assert "started (UTC)" not in run("runs", "list", raw=True)
    ledger.claim("a-2", "a", definition="{}", deadline=timedelta(days=9_999), due_at=due_at, fields={})
    said = run("runs", "list", raw=True)
    assert "due (UTC) started (UTC) products" in said
    assert f"a-2 queued 01-05 06:00 {ledger.run('a-2').claimed_at:%m-%d %H:%M}" in said


def test_rows_that_are_gone_are_told(run: Run, redis: Redis, ended: str) -> None:
    redis.delete(keys.rows(ended, 0))
    assert "kept 2 days" in run("runs", "rows", ended, code=1)
    assert "kept for 2 days" in run("runs", "rerun", ended, "--failed-urls", code=2)


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


# Celery warns of the task attribute `queue`, which each of our tasks names.
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
