"""Start a process that ends with us, even when we are killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

GRACE_S: Final = 15.0
_GUARD: Final = Path(__file__).with_name("guard.py")


def start_child(  # noqa: PLR0913 - each by name
    command: Sequence[str],
    *,
    output: IO[bytes] | int,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    keep: Sequence[int] = (),
    grace_s: float = GRACE_S,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own (Ctrl-C reaches only us), ended when we end.

    `output` takes what it prints, errors included. The descriptors `keep` stay open in it. When we end, it gets
    SIGTERM, and SIGKILL after `grace_s`.
    """
    return subprocess.Popen(  # noqa: S603 - callers give constant commands
        [sys.executable, "-S", "-E", str(_GUARD), str(grace_s), *command],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        pass_fds=keep,
        start_new_session=True,
    )


def stop_child(child: subprocess.Popen[bytes], *, grace_s: float = GRACE_S) -> None:
    """End a child of `start_child`: SIGTERM, then after `grace_s` SIGKILL for its whole session."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(grace_s)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    if child.stdin is not None:
        child.stdin.close()
