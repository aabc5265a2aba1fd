"""Memory that grows: children are replaced by what they hold and by what they did, and no run notices."""

from pathlib import Path

import pytest

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
