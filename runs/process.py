"""Naming a process so that another one on the same machine can tell that it is gone."""

import functools
import os
import socket
from pathlib import Path


def this_process() -> str:
    """Return the name of this process: where it runs, and its id there."""
    return f"{_place()}/{os.getpid()}"


def is_gone(process: str) -> bool:
    """Return whether a process of that name has certainly ended; False where we cannot see it from here."""
    place, _, pid = process.rpartition("/")
    if place != _place() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@functools.cache
def _place() -> str:
    """Return what two processes share exactly when process ids mean the same to both."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # no Linux
        return socket.gethostname().replace(" ", "-")
