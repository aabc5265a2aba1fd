"""`python -m tests.chaos.kills`: a kill at every transition of the ledger, and of messages, each many times.

For each: were all reports delivered, whole and once, and how long after the death did the run go on?
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from tasks.transport.broker import waiting_messages
from tests.chaos.figures import say
from tests.chaos.processes import send
from tests.chaos.verdict import judge
from tests.chaos.world import World, running, wait_until, world

POINTS: Final = (
    "after_claim",
    "after_begin",
    "before_batch",
    "after_batch",
    "body",
    "after_reduce",
    "before_sheet",
    "after_sheet",
    "after_intent",
    "before_confirm",
    "after_confirm",
    "before_end",
)
"""Where processes die. `body`: between the last header's end and the chord body's publication; `after_intent`: before
the message is sent; `before_confirm`: after that. Every second death takes the whole machine; `after_claim`, beat.
"""


_POPPED: Final = "popped"
"""Messages that frozen workers have taken out of the queue, and that die with them."""


@dataclass
class Found:
    """What a kind of kill did."""

    deaths: int = 0
    gone_on_after_s: list[float] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def must_go_on(self, within_s: float = 60) -> None:
        """Note a violation where a run lay still for longer after a death."""
        late = [seconds for seconds in self.gone_on_after_s if seconds > within_s]
        if late:
            self.violations.append(f"{len(late)} went on after {max(late):.0f} s only")

    def words(self) -> str:
        """Return a line for people."""
        longest = f"longest until it went on {max(self.gone_on_after_s, default=0):.0f} s"
        if not self.gone_on_after_s:
            longest = "nothing was left to begin"
        return f"{self.deaths} deaths, {longest}, {len(self.violations)} violations"


def kill_at(folder: Path, points: Sequence[str], times: int, patience_s: float) -> dict[str, Found]:
    """Kill at each of `points`, in `times` reports each, all in one world; return what was found of each."""
    jobs = times * len(points)
    with world(folder, module="tests.chaos.dying") as made:
        # Where the sheet is what dies, it is a real one; elsewhere Google's quota would only take its time.
        made.write_jobs(jobs, sheets=[at for at in range(jobs) if "sheet" in points[at % len(points)]])
        with made.client() as client:
            for place, job in enumerate(made.jobs):
                client.sadd(f"die:{points[place % len(points)]}", job)
        with running(made):
            ended = made.wait_for_ends(patience_s)
            verdict = judge(made)
        verdict.check(ended, f"not every run had ended after {patience_s:.0f} s")
        return _found(made, points, verdict.violations)


def _found(made: World, points: Sequence[str], violations: list[str]) -> dict[str, Found]:
    found = {point: Found() for point in points}
    with made.client() as client:
        deaths = [line.decode().split() for line in cast("list[bytes]", client.lrange("die:deaths", 0, -1))]
        beats_last = max((int(at) for point, _, at in deaths if point == "after_claim"), default=0)
        for point, run_id, at in deaths:
            # Each of these was the only beat's, one straight after another: nobody could sweep before the last.
            died = beats_last if point == "after_claim" else int(at)
            found[point].deaths += 1
            begins = [int(at) for at in cast("list[bytes]", client.lrange(f"begins:{run_id}", 0, -1))]
            after = [at - died for at in begins if at > died]
            if after:
                found[point].gone_on_after_s.append(min(after) / 1_000)
    for place, job in enumerate(made.jobs):
        mine = [violation for violation in violations if violation.startswith(f"{job}:")]
        found[points[place % len(points)]].violations += mine
    found[points[0]].violations += [line for line in violations if not line.startswith("job-")]
    # Elsewhere the work is in a queue again, and waits its turn at workers of whom forty die.
    for point in {"body"}.intersection(points):
        found[point].must_go_on()
    return found


def lose_popped_messages(folder: Path, times: int, patience_s: float) -> Found:
    """Freeze idle workers, have messages published to them, kill them: the messages are in neither place."""
    found = Found()
    with world(folder, workers=4, processes=1, module="tests.chaos.dying") as made, running(made):
        rounds = 0
        while found.deaths < times:
            rounds += 1
            _until_idle(made)
            frozen = [worker.main for worker in made.workers if worker.main]
            for pid in frozen:
                send(pid, signal.SIGSTOP)
            made.write_jobs(len(frozen), sheets=0, prefix=f"lost{rounds}")
            wait_until(lambda: len(made.runs()) == len(made.jobs), 30)
            time.sleep(1)
            with made.client() as client:
                lost = len(made.jobs) - waiting_messages(client)
            died_ms = time.time() * 1_000
            for worker in made.workers:
                worker.kill()
            found.deaths += lost
            if not made.wait_for_ends(patience_s):
                found.violations.append("not every run ended")
            found.gone_on_after_s += [(first - died_ms) / 1_000 for first in _first_begins(made)]
            found.violations += judge(made).violations
    found.must_go_on()
    return found


def _first_begins(made: World) -> list[int]:
    """Return when (ms) each run's first unit was begun."""
    with made.client() as client:
        firsts = [cast("bytes | None", client.lindex(f"begins:{run.id}", 0)) for run in made.runs()]
    return [int(first) for first in firsts if first is not None]


def _until_idle(made: World) -> None:
    wait_until(lambda: all(worker.pool for worker in made.workers), 60)
    time.sleep(3)  # connected and waiting for messages


def main() -> int:
    """Run all kinds; return 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.kills", description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--points", nargs="*", default=[*POINTS, _POPPED], choices=[*POINTS, _POPPED])
    options = parser.parse_args()
    broken = 0
    points = [point for point in options.points if point != _POPPED]
    for start in range(0, len(points), 2):
        pair = points[start : start + 2]
        folder = Path(tempfile.mkdtemp(prefix="kills-"))
        for point, found in kill_at(folder / "world", pair, options.times, 900).items():
            broken += _say(point, found)
        shutil.rmtree(folder, ignore_errors=True)
    if _POPPED in options.points:
        folder = Path(tempfile.mkdtemp(prefix="kills-"))
        broken += _say(_POPPED, lose_popped_messages(folder / "world", options.times, 200))
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if broken else 0


def _say(point: str, found: Found) -> int:
    say(f"{point}: {found.words()}")
    for violation in found.violations:
        say(f"  VIOLATION {violation}")
    return len(found.violations)


if __name__ == "__main__":
    sys.exit(main())
