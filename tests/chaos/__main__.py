"""`python -m tests.chaos`: seeded schedules of faults against the whole of Shelfbeat; prints what was violated.

Beside each, unless `--alone`, the same schedule against Celery's defaults without a ledger.
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos import plain
from tests.chaos.faults import Faults
from tests.chaos.figures import say
from tests.chaos.verdict import Verdict, judge
from tests.chaos.world import dice_of, running, world


def ordeal(
    folder: Path, seed: int, *, jobs: int, sheets: int, fault_s: float, patience_s: float
) -> tuple[Verdict, str]:
    """Let a seed's faults happen to `jobs` due reports; return the verdict and a line about the faults."""
    # Pages are slow enough for the faults to find every run under way.
    with world(folder, longest_answer_s=fault_s / 20) as made:
        made.write_jobs(jobs, sheets)
        faults = Faults(made, dice_of(seed))
        began = time.monotonic()
        with running(made):
            faults.run(fault_s)
            ended = made.wait_for_ends(patience_s)
            took = time.monotonic() - began
            verdict = judge(made)
        verdict.check(ended, f"not every run had ended {patience_s:.0f} s after the last fault")
    did = ", ".join(f"{name} {count}" for name, count in sorted(faults.done.items()))
    return verdict, f"{sum(faults.done.values())} faults ({did}), all ended after {took:.0f} s"


def main() -> int:
    """Run the seeds; return 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 11)))
    parser.add_argument("--runs", type=int, default=24)
    parser.add_argument("--sheets", type=int, default=4, help="runs that also write a sheet")
    parser.add_argument("--seconds", type=float, default=45, help="how long faults happen")
    parser.add_argument("--patience", type=float, default=240, help="seconds after the last fault")
    parser.add_argument("--alone", action="store_true", help="without the comparison")
    parser.add_argument("--keep", type=Path, help="keep logs and files under this folder")
    options = parser.parse_args()
    totals, compared = Verdict(), Verdict()
    for seed in options.seeds:
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-", dir=options.keep))
        verdict, words = ordeal(
            folder,
            seed,
            jobs=options.runs,
            sheets=options.sheets,
            fault_s=options.seconds,
            patience_s=options.patience,
        )
        say(f"seed {seed}: {words}")
        say(f"  shelfbeat       {_figures(verdict)}")
        _add(totals, verdict)
        if not options.alone:
            other = plain.ordeal(folder / "plain", seed, jobs=options.runs, fault_s=options.seconds)
            say(f"  celery's own    {_figures(other)}")
            _add(compared, other)
        for violation in verdict.violations:
            say(f"  VIOLATION {violation}")
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    say(f"shelfbeat, all seeds:    {_figures(totals)}")
    if not options.alone:
        say(f"celery's own, all seeds: {_figures(compared)}")
    return 1 if totals.violations else 0


def _figures(found: Verdict) -> str:
    return (
        f"{found.delivered} of {found.runs} due reports delivered, {len(found.violations)} violations; "
        f"{found.rows} rows ({found.gaps} without a product), {found.messages} messages "
        f"({found.flagged} repeated and flagged)"
    )


def _add(total: Verdict, one: Verdict) -> None:
    for name in ("runs", "delivered", "rows", "gaps", "messages", "flagged"):
        setattr(total, name, getattr(total, name) + getattr(one, name))
    total.violations += one.violations


if __name__ == "__main__":
    sys.exit(main())
