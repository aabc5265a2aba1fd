"""SIGTERM to a worker that was started as any Celery user starts it."""

import signal
import time
from pathlib import Path

import pytest

from tests.chaos.verdict import judge
from tests.chaos.world import World, running, wait_until, world

GRACE_S = 8


def at_work(made: World) -> None:
    """Wait until both workers are at a batch that takes long; all others are quick."""
    wait_until(lambda: made.shop.visits.total() >= 10)
    made.shop.longest_answer_s = 0.1


@pytest.mark.chaos
@pytest.mark.parametrize("whole_group", [pytest.param(False, marks=pytest.mark.fleet), True])
def test_a_worker_told_to_stop_gives_its_batch_back_within_its_grace(
    tmp_path: Path, whole_group: bool
) -> None:
    with world(tmp_path / "world", workers=2, processes=1, longest_answer_s=12.0) as made:
        made.env["SHELFBEAT_STOP_GRACE_S"] = str(GRACE_S)
        made.write_jobs(1, sheets=0)
        with running(made):
            at_work(made)
            first, began = made.workers[0], time.monotonic()
            stopping = first.main
            visits = made.shop.visits.total()
            if whole_group:  # as systemd does
                first.signal_all(signal.SIGTERM)
            else:
                first.terminate()
            wait_until(lambda: first.main != stopping, GRACE_S)
            assert time.monotonic() - began > GRACE_S / 4, "it had time to finish"
            wait_until(lambda: made.shop.visits.total() > visits, 30)
            assert made.wait_for_ends(90)
            assert judge(made).violations == []
