"""One user of a folder at a time: two Redis servers that append to one file lose what both were given."""

import contextlib
import fcntl
import os
import time
from pathlib import Path
from typing import Final

_FILE: Final = "lock"
_ENDING_S: Final = 15.0
"""How long a server may take to end whose parent was killed."""


class FolderInUse(Exception):  # noqa: N818 - the name says what it is
    """Another process keeps its Redis in this folder."""

    def __init__(self, folder: str, pid: int) -> None:
        super().__init__(folder, pid)  # all arguments up: errors cross processes

    def __str__(self) -> str:
        folder, pid = self.args
        return (
            f"another shelfbeat, process {pid}, keeps its Redis in {folder}. Use that one (its commands work in other "
            "terminals too), end it with Ctrl-C, or set SHELFBEAT_HOME to another folder"
        )


class FolderLock:
    """A lock that the kernel frees when the last process that has it open is gone, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE
        self._held: int | None = None

    def take(self) -> int:
        """Return the descriptor that holds the lock; a child that keeps it open holds it too. Raises FolderInUse."""
        if self._held is not None:
            return self._held
        descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        ends = time.monotonic() + _ENDING_S
        while not _locked(descriptor):
            pid = int(os.pread(descriptor, 20, 0) or b"0")
            if _alive(pid) or time.monotonic() > ends:
                os.close(descriptor)
                raise FolderInUse(str(self._file.parent), pid)
            time.sleep(0.1)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._held = descriptor
        return descriptor

    def release(self) -> None:
        """Let others in."""
        if self._held is not None:
            os.close(self._held)
            self._held = None


def is_in_use(folder: Path) -> bool:
    """Return whether somebody holds the folder's lock."""
    try:
        descriptor = os.open(folder / _FILE, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _locked(descriptor)  # closing gives it back
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return pid > 0
