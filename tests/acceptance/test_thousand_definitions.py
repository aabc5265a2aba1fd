"""A real beat over 1,000 definitions: how soon a change counts, what beat uses; `pytest -s` shows the figures."""

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis

from jobs.variables import Variable
from runs.agenda import Agenda
from runs.variables import VariableStore
from tests.acceptance.conftest import Services
from tests.support.simulated import definition

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`

JOBS = 1_000
CHANGES = 8
LIVE_WITHIN_S = 10.0
WATCHED_S = 30.0
MOST_OF_A_CORE = 0.05


def write(folder: Path, number: int, hour: str) -> str:
    """Write one definition; it comes due in no test's time."""
    name = f"job-{number:04}"
    (folder / f"{name}.yaml").write_text(
        definition(name, schedule=f'"0 {hour} 31 12 *"', description="${WHAT}", timezone="Europe/Berlin")
    )
    return name


def wait_s(what: Callable[[], bool], most_s: float) -> float:
    """Return how many seconds it took until something was so."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < most_s, f"not within {most_s} s"
        time.sleep(0.05)
    return time.monotonic() - began


def cpu_s(pid: int) -> float:
    """Return the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.timeout(400)
def test_a_change_counts_within_ten_seconds_and_beat_uses_little(services: Services, tmp_path: Path) -> None:
    jobs = tmp_path / "jobs.d"
    for number in range(JOBS):
        write(jobs, number, "6")
    with Redis.from_url(services.redis.url) as redis:
        agenda, variables = Agenda(redis), VariableStore(redis)
        variables.put([Variable("WHAT", "prices"), Variable("HOUR", "5")], "test")
        beat = services.beat()
        wait_s(lambda: agenda.schedule(f"job-{JOBS - 1:04}") is not None, 120)

        took = []
        for number in range(CHANGES):
            name = write(jobs, number, f"{number + 7}")
            took.append(
                wait_s(lambda n=name, h=number + 7: f"0 {h} " in (agenda.schedule(n) or ""), LIVE_WITHIN_S)  # type: ignore[misc]
            )
        name = write(jobs, JOBS, "6")
        new_s = wait_s(lambda: agenda.schedule(name) is not None, LIVE_WITHIN_S)
        for number in range(JOBS):
            write(jobs, number, "${HOUR}")
        last = f"job-{JOBS - 1:04}"
        all_s = wait_s(lambda: "0 5 " in (agenda.schedule(last) or ""), 2 * LIVE_WITHIN_S)
        variables.put([Variable("HOUR", "4")], "test")
        variable_s = wait_s(lambda: "0 4 " in (agenda.schedule(last) or ""), LIVE_WITHIN_S)

        before, began = cpu_s(beat.pid), time.monotonic()
        time.sleep(WATCHED_S)
        share = (cpu_s(beat.pid) - before) / (time.monotonic() - began)
    sys.stdout.write(
        f"\n{JOBS:,} definitions: a changed one counts after {statistics.median(took):.1f} s "
        f"(at most {max(took):.1f} s), a new one after {new_s:.1f} s, all of them rewritten after {all_s:.1f} s, "
        f"a Variable in all of them after {variable_s:.1f} s; beat uses {share:.1%} of a core\n"
    )
    assert share < MOST_OF_A_CORE
