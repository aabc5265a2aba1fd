"""Reports as files: written whole under a temporary name, made durable, then renamed into place."""

import contextlib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from uuid import uuid4

from exporters.files.csv_file import write_csv
from exporters.files.jsonl_file import write_jsonl
from exporters.files.parquet_file import write_parquet
from exporters.files.xlsx_file import write_xlsx
from exporters.table import Table

_WRITERS: Final[dict[str, Callable[[Table, Path], None]]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "xlsx": write_xlsx,
    "parquet": write_parquet,
}
_PART: Final = re.compile(r"\..+\.[0-9a-f]{32}\.part\.[a-z]+")


def write_file(fmt: str, table: Table, folder: Path, stem: str) -> Path:
    """Write `<stem>.<fmt>` in `folder` and return its absolute path.

    Another reader sees the old file or the new one, never a part; a repeat leaves the same file. Raises
    ValueError for an unknown format, OSError when the folder cannot be written.
    """
    if fmt not in _WRITERS:
        message = f"no such format: {fmt}; there are {', '.join(sorted(_WRITERS))}"
        raise ValueError(message)
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.{fmt}"
    # The suffix stays last: the XLSX writer goes by it. The uuid keeps two attempts apart.
    part = folder / f".{stem}.{uuid4().hex}.part.{fmt}"
    try:
        _WRITERS[fmt](table, part)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
        _sync_folder(folder)
    finally:
        part.unlink(missing_ok=True)
    return path


def remove_unfinished(root: Path, before: float) -> int:
    """Delete what killed attempts left anywhere under `root`, last changed before a time (epoch seconds)."""
    removed = 0
    for part in root.rglob(".*.part.*"):
        # Another cleaner or the writer itself may be faster.
        with contextlib.suppress(FileNotFoundError):
            if _PART.fullmatch(part.name) and part.stat().st_mtime < before:
                part.unlink()
                removed += 1
    return removed


def _sync_folder(folder: Path) -> None:
    """Make a rename in the folder survive a power cut, where the platform lets a folder be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
