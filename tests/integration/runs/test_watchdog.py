"""A beat that stands still ends itself, in a process of its own."""

import subprocess
import sys

STILL = """
import time
from beat.background import Background
from beat.watchdog import Watchdog
dog = Watchdog(stuck=2)
Background("watchdog", dog.tick)
for _ in range(10):
    time.sleep(0.5)
    dog.went_round()
print("still here", flush=True)
time.sleep(30)
print("never said")
"""


def test_a_loop_that_no_longer_goes_round_ends_the_process_and_a_slow_one_does_not() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STILL], capture_output=True, text=True, timeout=25, check=False
    )
    assert done.returncode == 70
    assert "still here" in done.stdout
    assert "beat_stands_still" in done.stdout + done.stderr
    assert "never said" not in done.stdout
