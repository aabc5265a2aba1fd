"""Nothing passes between the workers and Redis for a while, and neither side is told. Part of `make chaos`."""

import time
from pathlib import Path

import pytest

from tests.chaos.figures import say
from tests.chaos.network import redis_apart
from tests.chaos.verdict import judge
from tests.chaos.world import running, wait_until, world


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seconds", [20, 90, 150])
def test_workers_cut_off_from_redis_are_back_within_ten_seconds(tmp_path: Path, seconds: float) -> None:
    with world(tmp_path / "world", longest_answer_s=1.5) as made, redis_apart(made) as apart:
        made.write_jobs(8, sheets=1)
        with running(made), made.client() as client:
            wait_until(lambda: made.shop.visits.total() >= 20)
            with apart.cut(seconds):
                back, visited = time.monotonic(), made.shop.visits.total()
                wait_until(lambda: made.shop.visits.total() > visited, 60)
                took = time.monotonic() - back
            assert made.wait_for_ends(240)
            ended = time.monotonic() - back
            verdict = judge(made)
            twice = sum(count > 1 for count in made.shop.visits.values())
            starts = [worker.starts for worker in made.workers]
            del client
    say(
        f"cut off for {seconds} s: work again {took:.1f} s after it was over, all ended after {ended:.0f} s; "
        f"{twice} of {len(made.shop.visits)} pages fetched again, workers started {starts} times, "
        f"{len(verdict.violations)} violations"
    )
    assert verdict.violations == []
    assert took < 10
