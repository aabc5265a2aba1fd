"""Stopping workers, and definitions that go while their run is under way. Part of `make chaos`."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.verdict import judge
from tests.chaos.world import World, running, wait_until, world


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path / "world", workers=1) as one:
        yield one


@pytest.mark.timeout(180)
def test_a_definition_deleted_while_its_run_is_under_way_changes_nothing(made: World) -> None:
    made.shop.longest_answer_s = 2.0
    made.write_jobs(1, sheets=0)
    with running(made):
        wait_until(lambda: made.runs() and made.runs()[0].state == "running")
        (made.folder / "jobs.d" / "job-00.yaml").unlink()
        assert made.wait_for_ends(90)
        assert judge(made).violations == []


@pytest.mark.timeout(180)
def test_a_second_signal_gives_the_work_back_at_once(tmp_path: Path) -> None:
    with world(tmp_path / "world", workers=2, processes=1, longest_answer_s=15.0) as made:
        made.write_jobs(1, sheets=0)
        with running(made):
            wait_until(lambda: made.shop.visits.total() >= 10)  # both workers are at a batch
            visits = made.shop.visits.total()
            made.shop.longest_answer_s = 0.1
            began = time.monotonic()
            made.workers[0].terminate()
            time.sleep(1)
            made.workers[0].terminate()
            # The other worker has it before the first one's grace of 30 s is over, its own batch being done.
            wait_until(lambda: made.shop.visits.total() >= visits + 6, 18)
            assert made.wait_for_ends(90)
            assert judge(made).violations == []
            assert time.monotonic() - began < 60


@pytest.mark.timeout(180)
def test_work_that_ends_within_the_grace_is_not_done_again(made: World) -> None:
    made.shop.longest_answer_s = 6.0
    made.write_jobs(1, sheets=0)
    with running(made):
        wait_until(lambda: made.shop.visits.total() >= 10)
        stopping = made.workers[0].main
        made.workers[0].terminate()
        wait_until(lambda: made.workers[0].main not in {stopping, None}, 40)
        assert made.wait_for_ends(90)
        assert judge(made).violations == []
        assert made.shop.visits.most_common(1)[0][1] == 1
