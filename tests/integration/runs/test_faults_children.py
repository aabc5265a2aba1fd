"""Children that are replaced by what they hold and by what they did, or killed: no run suffers for it."""

import json
import signal
from pathlib import Path

import pytest

from tests.chaos.processes import send
from tests.chaos.verdict import judge
from tests.chaos.world import running, wait_until, world

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`


@pytest.mark.timeout(180)
@pytest.mark.parametrize("limit", ["--max-tasks-per-child=2", "--max-memory-per-child=1000"])
def test_a_child_that_has_done_or_holds_too_much_is_replaced_and_nothing_is_lost(
    tmp_path: Path, limit: str
) -> None:
    with world(tmp_path / "world", workers=0) as made:
        made.add_service("worker", "tests.chaos.app", "worker", "-c", "1", "-n", "w@%h", limit)
        made.write_jobs(1, sheets=0)
        with running(made):
            wait_until(lambda: made.workers[0].pool)
            seen = {made.workers[0].pool[0]}

            def ended() -> bool:
                seen.update(made.workers[0].pool)
                runs = made.runs()
                return len(runs) == len(made.jobs) and all(run.ended for run in runs)

            wait_until(ended, 120)
            assert judge(made).violations == []
            assert made.workers[0].starts == 1
            with made.client() as client:
                attempts = [client.hgetall(f"sb:run:{run.id}:units") for run in made.runs()]
        tries = [
            int(value) for units in attempts for key, value in units.items() if key.startswith(b"attempt:")
        ]
        assert len(seen) >= 4
        assert set(tries) == {1}, "no replacement broke off any work"


@pytest.mark.timeout(180)
def test_a_kill_costs_the_unfinished_pages_of_its_batch_and_those_of_a_few_seconds(tmp_path: Path) -> None:
    with world(tmp_path / "world", workers=1, processes=1, longest_answer_s=1.0) as made:
        made.fetch = "batch_size: 200, per_host: 4"
        made.write_jobs(1, sheets=0, urls=200)
        with running(made):
            wait_until(lambda: made.shop.visits.total() >= 120)
            send(made.workers[0].pool[0], signal.SIGKILL)
            wait_until(lambda: all(run.ended for run in made.runs()), 120)
        (run,) = made.runs()
        rows = [json.loads(line) for line in made.rows_file(run).read_text().splitlines()]
        twice = sum(count > 1 for count in made.shop.visits.values())
    assert [row["url"] for row in rows] == made.shop.urls("job-00", 200)
    assert {row["failure"] for row in rows} == {None}
    assert len(made.shop.visits) == 200
    assert twice <= 80, "120 pages were done when it died"
