"""Whether a process is gone can be told on its own machine alone."""

import subprocess
import sys

from runs.process import is_gone, this_process


def test_a_process_that_lives_is_not_gone() -> None:
    assert not is_gone(this_process())


def test_a_process_that_ended_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        pid = child.pid
    assert is_gone(f"{this_process().rpartition('/')[0]}/{pid}")


def test_nothing_is_known_of_processes_elsewhere() -> None:
    assert not is_gone("another-machine/999999999")
    assert not is_gone("")
