"""Processes that end with us: how long they have for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from runs.child_process import start_child

SLOW = """
import pathlib, signal, sys, time
def stop(*_):
    time.sleep(1.5)
    pathlib.Path(sys.argv[1]).write_text("done")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize(("grace_s", "finishes"), [(20.0, True), (0.2, False)])
def test_a_child_whose_parent_is_gone_has_its_grace_to_finish(
    tmp_path: Path, grace_s: float, finishes: bool
) -> None:
    mark = tmp_path / "mark"
    child = start_child([sys.executable, "-c", SLOW, str(mark)], output=subprocess.PIPE, grace_s=grace_s)
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdout as output:
        assert output.readline() == b"up\n"
        child.stdin.close()  # what the kernel does for a parent that is gone
        child.wait(30)
    assert mark.exists() is finishes
