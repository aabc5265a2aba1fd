"""`python -m tests.chaos.proof`: all of the proof of docs/reliability.md, one part after another, then a summary.

Needs root (a small disk, network namespaces) and iproute2. Takes an hour and a half; `--only` names parts.
"""

import argparse
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Final

from tests.chaos.figures import MARK
from tests.chaos.processes import REPOSITORY

_PYTEST: Final = ["-m", "pytest", "-s", "-q", "-m", "fleet or not fleet"]
PARTS: Final = {
    "seeds": ["-m", "tests.chaos"],
    "kills": ["-m", "tests.chaos.kills"],
    "drops": [*_PYTEST, "tests/chaos/long_drops.py"],
    "outages": [*_PYTEST, "tests/chaos/long_outages.py"],
    "stops": [*_PYTEST, "tests/chaos/long_stops.py", "tests/chaos/test_short_stop.py"],
    "faults": [
        *_PYTEST,
        "tests/integration/runs/test_faults_messages.py",
        "tests/integration/runs/test_faults_redis.py",
        "tests/integration/runs/test_faults_children.py",
    ],
    "crowd": [*_PYTEST, "tests/chaos/long_crowd.py"],
    "retention": ["-m", "tests.chaos.retention"],
}
BESIDE: Final = {"hour": [*_PYTEST, "tests/chaos/long_hour.py"]}
"""Parts that mostly wait, and so run beside the others."""


@dataclass
class Part:
    """One part, run to its end; what it prints goes on, its figures are kept."""

    name: str
    command: list[str]
    figures: list[str] = field(default_factory=list)
    code: int | None = None
    took_s: float = 0.0

    def run(self) -> None:
        """Run it."""
        began = time.monotonic()
        with subprocess.Popen(
            [sys.executable, *self.command],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                sys.stdout.write(f"{self.name:10}{line}")
                sys.stdout.flush()
                _, mark, figure = line.partition(MARK)
                if mark:
                    self.figures.append(figure.rstrip())
        self.code, self.took_s = process.returncode, time.monotonic() - began

    def words(self) -> str:
        """Return the part's lines of the summary."""
        end = "kept" if self.code == 0 else f"BROKEN (exit {self.code})"
        return "\n".join(
            [f"{self.name}: {end}, {self.took_s:.0f} s", *(f"    {line}" for line in self.figures)]
        )


def main() -> int:
    """Run the parts and print the summary; return 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.proof", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[*PARTS, *BESIDE], default=[*PARTS, *BESIDE])
    wanted = parser.parse_args().only
    beside = [Part(name, command) for name, command in BESIDE.items() if name in wanted]
    threads = [threading.Thread(target=part.run) for part in beside]
    for thread in threads:
        thread.start()
    parts = [Part(name, command) for name, command in PARTS.items() if name in wanted]
    for part in parts:
        part.run()
    for thread in threads:
        thread.join()
    sys.stdout.write("\n" + "\n".join(part.words() for part in [*parts, *beside]) + "\n")
    broken = [part.name for part in [*parts, *beside] if part.code]
    sys.stdout.write(f"\n{'every promise was kept' if not broken else 'BROKEN: ' + ', '.join(broken)}\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
