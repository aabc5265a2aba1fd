"""Messages that are none, and work that kills its worker: nothing is lost, nothing loops, the fleet goes on."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from runs.aside import Aside
from runs.ledger import Ledger
from tests.chaos.processes import poison
from tests.chaos.verdict import judge
from tests.chaos.world import URLS, World, running, wait_until, world

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path / "world", workers=1) as one:
        yield one


def due_in_an_hour(made: World, job: str) -> None:
    """Write a definition that is due in an hour."""
    then = datetime.now(UTC) + timedelta(hours=1)
    (made.folder / "jobs.d" / f"{job}.yaml").write_text(
        f"job: {job}\nschedule: '{then.minute} {then.hour} * * *'\n"
        f"urls: [{{list: {made.shop.urls(job, 1)}}}]\npublish: {{files: [jsonl]}}\n"
    )


def envelope(client: Redis, **changes: object) -> bytes:
    """Return a message like those in the queue, with some parts changed."""
    message = json.loads(
        b'{"body": "W1sieCJdLCB7fSwge31d", "content-encoding": "utf-8", "content-type": "application/json",'
        b' "headers": {"lang": "py", "task": "collect_urls", "id": "1", "argsrepr": "", "kwargsrepr": ""},'
        b' "properties": {"correlation_id": "1", "delivery_mode": 2, "delivery_tag": "t1", "priority": 0,'
        b' "delivery_info": {"exchange": "", "routing_key": "control"}, "body_encoding": "base64"}}'
    )
    for name, value in changes.items():
        if name == "task":
            message["headers"]["task"] = value
        elif value is None:
            del message[name.replace("_", "-")]
        else:
            message[name.replace("_", "-")] = value
    return json.dumps(message).encode()


@pytest.mark.timeout(180)
def test_what_is_no_message_is_kept_aside_and_the_worker_goes_on(made: World) -> None:
    made.write_jobs(2, sheets=0)
    with made.client() as client:
        wrong = {
            b"not json": "JSONDecodeError",
            b"\xff\xfe": "Error",
            b"[1, 2]": "TypeError",
            b"[" * 100_000: "RecursionError",
            envelope(client, properties=None): "properties",
            envelope(client, headers="text"): "wrong type",
            envelope(client, body="%%%"): "Error",
            envelope(client, body="e30="): "Error",
            envelope(client, content_type="application/x-python-serialize"): "content type",
            envelope(client, task="task_of_a_newer_version"): "task_of_a_newer_version",
        }
        for item in wrong:
            client.lpush("control", item)
        with running(made):
            assert made.wait_for_ends(90)
            wait_until(lambda: len(Aside(client).messages()) == len(wrong))
            assert judge(made).violations == []
            assert [worker.starts for worker in made.workers] == [1]
            assert client.llen("control") == 0
        reasons = [kept.why for kept in reversed(Aside(client).messages())]
        for reason, expected in zip(reasons, wrong.values(), strict=True):
            assert expected in reason


@pytest.mark.timeout(240)
def test_a_page_that_kills_its_worker_becomes_a_row_and_its_neighbours_are_kept(made: World) -> None:
    made.write_jobs(1, sheets=0)
    made.shop.on_visit = poison("/job-00/9", lambda: [pid for worker in made.workers for pid in worker.pool])
    with running(made):
        assert made.wait_for_ends(150)
        (run,) = made.runs()
    assert run.state == "published_with_gaps"
    rows = [json.loads(line) for line in made.rows_file(run).read_text().splitlines()]
    assert [row["url"] for row in rows] == made.shop.urls("job-00", URLS)
    assert [row["url"][-2:] for row in rows if row["failure"] is not None] == ["/9"]
    assert "died" in rows[9]["failure_detail"]


@pytest.mark.timeout(180)
def test_a_newer_version_beside_this_one_loses_nothing_and_stops_nobody(made: World) -> None:
    made.services = [service for service in made.services if service.name != "beat"]
    made.add_service("beat", "tests.chaos.newer", "beat")
    made.add_service("worker-newer", "tests.chaos.newer", "worker", "-c", "1", "-n", "newer@%h")
    made.write_jobs(6, sheets=1)
    with running(made), made.client() as client:
        assert made.wait_for_ends(120)
        assert judge(made).violations == []
        kept = [one.why for one in Aside(client).messages()]
        assert kept
        assert all("newer_task" in why for why in kept)
        assert all(worker.starts == 1 for worker in made.workers)
        assert all('"newer"' in Ledger(client).definition(run.id) for run in made.runs())


@pytest.mark.timeout(180)
def test_a_beat_and_a_worker_two_hours_ahead_double_nothing_and_start_nothing_early(tmp_path: Path) -> None:
    with world(tmp_path / "world", workers=1) as made:
        made.add_service("beat-ahead", "tests.chaos.ahead", "beat")
        made.add_service("worker-ahead", "tests.chaos.ahead", "worker", "-c", "1", "-n", "ahead@%h")
        made.shop.longest_answer_s = 1.0
        made.write_jobs(4, sheets=1)
        due_in_an_hour(made, "later")
        with running(made):
            assert made.wait_for_ends(120)
            verdict = judge(made)
            assert verdict.violations == []
            assert verdict.flagged == 0
            with made.client() as client:
                ledger = Ledger(client)
                assert all(step.attempts <= 3 for run in made.runs() for step in run.steps), made.runs()
                assert ledger.active() == []
                assert ledger.runs_of("later") == []
                assert len(list(client.scan_iter("sb:beat:*"))) == 2, "both beats ticked"
