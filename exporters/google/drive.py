"""Where a published sheet lies in Drive, as a person would click to it. Its link is known when it is written."""

import time
from collections.abc import Callable
from typing import Final
from weakref import WeakKeyDictionary

from exporters.errors import NoAccess
from exporters.google.answers import AnswerLost, Rejected
from exporters.google.client import GoogleClient, Json
from reports.errors import Unavailable

_FIELDS: Final = "id,name,parents,driveId"
_DEEPEST: Final = 50
"""Folders above a file. Google allows 100 levels in a shared drive; a path that long helps nobody."""
_CACHED_FOLDERS: Final = 1_000
_KEPT_S: Final = 3600.0


class FolderCache:
    """Folders seen of late, so that a hundred reports in one folder ask for it once; renamed ones show in time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._folders: dict[str, tuple[float, Json]] = {}

    def get(self, folder: str) -> Json | None:
        """Return what Drive said of a folder within the last hour."""
        at, answer = self._folders.get(folder, (0.0, None))
        return answer if answer is not None and self._clock() - at < _KEPT_S else None

    def put(self, folder: str, answer: Json) -> None:
        """Keep what Drive said; everything is forgotten when there is too much of it."""
        if len(self._folders) >= _CACHED_FOLDERS:
            self._folders.clear()
        self._folders[folder] = (self._clock(), answer)


_CACHES: Final[WeakKeyDictionary[GoogleClient, FolderCache]] = WeakKeyDictionary()


def find_path(spreadsheet_id: str, google: GoogleClient, folders: FolderCache | None = None) -> str:
    """Return the path of a spreadsheet, `My Drive / Customers / ACME / Prices`, by Drive's parents up to the root.

    A folder that is not shared with us ends the path: `… / ACME / Prices`. Folders are kept for an hour per
    client, or in `folders`. Raises NoAccess when the file itself is not, Unavailable when asking again may help.
    """
    folders = folders or _CACHES.setdefault(google, FolderCache())
    try:
        file = google.drive_file(spreadsheet_id, _FIELDS)
        names = [str(file["name"]), *_above(file, google, folders)]
    except (AnswerLost, Rejected) as error:
        raise Unavailable("Google Drive", str(error)) from error
    return " / ".join(reversed(names))


def _above(file: Json, google: GoogleClient, folders: FolderCache) -> list[str]:
    """Return the names of the folders above, nearest first."""
    names: list[str] = []
    while parents := file.get("parents"):
        if len(names) >= _DEEPEST:
            return [*names, "…"]
        # A file has one parent since 2020; older ones may have more, and the first is as good as any.
        parent = str(parents[0])
        if parent == file.get("driveId"):
            return [*names, _drive_name(parent, google, folders)]
        try:
            file = _folder(parent, google, folders)
        except NoAccess:
            return [*names, "…"]
        names.append(str(file["name"]))
    return names


def _folder(folder: str, google: GoogleClient, folders: FolderCache) -> Json:
    found = folders.get(folder)
    if found is None:
        found = google.drive_file(folder, _FIELDS)
        folders.put(folder, found)
    return found


def _drive_name(drive: str, google: GoogleClient, folders: FolderCache) -> str:
    """Return a shared drive's name: its root folder is called "Drive" in every one."""
    found = folders.get(drive)
    if found is None:
        try:
            found = google.shared_drive(drive)
        except NoAccess:
            return "Shared drive"
        folders.put(drive, found)
    return str(found["name"])
