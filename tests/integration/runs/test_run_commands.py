"""Runs as the command shows them: lists, one run, its rows, and what the doctor says of the last."""

import time
from datetime import UTC, datetime, timedelta

import msgspec
from redis import Redis
from typer.testing import CliRunner

from console.app import command
from console.doctor.last_runs import check_last_runs
from exporters.published import Published
from jobs.catalogue import load_definition
from reports.message import Message
from runs import keys
from runs.ledger import Ledger, Unit
from tasks.catalogue import built_in
from tasks.context import context
from tasks.steps.unit import PARKED
from tests.integration.conftest import Run
from tests.integration.runs.conftest import begun
from tests.support.simulated import definition


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


def test_rows_are_shown_with_the_reason_and_all_of_them_as_json(run: Run, ended: str) -> None:
    assert [row["position"] for row in run("runs", "rows", ended)] == [0, 1, 2, 3, 4, 5]
    assert [row["position"] for row in run("runs", "rows", ended, "--failed")] == [1, 2, 3, 4, 5]


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
