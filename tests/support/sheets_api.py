"""A loopback fake of the Google Sheets v4 and Drive v3 REST APIs, judged by Google's discovery documents.

In a thread:   with FakeSheets() as google: google.add("1AbC"); … google.root …
As a process:  python -m tests.support.sheets_api --spreadsheet 1AbC   (prints its address, ends on SIGTERM)

Batches are atomic. `inject` makes the next requests fail in the ways that networks and Google do, before or
after the work is done. Every committed state is kept in `commits`. A process is steered by POST /_faults
[{"kind": …}] and read by GET /_state/<spreadsheet>.
"""

import argparse
import contextlib
import re
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from tests.support.sheet_tab import BadRequest, Value
from tests.support.sheets_http import Fault as Fault  # noqa: PLC0414 - tests name it from here
from tests.support.sheets_http import Kind as Kind  # noqa: PLC0414
from tests.support.sheets_http import handler
from tests.support.sheets_routes import ROUTES
from tests.support.spreadsheet import Spreadsheet


@dataclass(frozen=True)
class Commit:
    """A state that a reader could see: title to shown cells, for the tabs that are not hidden."""

    spreadsheet: str
    at: float
    tabs: dict[str, list[list[Value]]]
    metadata: dict[str, list[str]]
    """Developer metadata by title."""


@dataclass
class _Shelf:
    """All that the fake holds."""

    spreadsheets: dict[str, Spreadsheet] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    drives: dict[str, dict[str, Any]] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)


class FakeSheets:
    """The server. `root` replaces both https://sheets.googleapis.com and https://www.googleapis.com."""

    def __init__(self, port: int = 0, *, record: bool = True) -> None:
        self._record = record
        self._guard = threading.RLock()
        self._shelf = _Shelf()
        self._faults: deque[Fault] = deque()
        self._late: list[threading.Timer] = []
        self._released = threading.Event()
        self.chooses: Callable[[str, str], Fault | None] | None = None
        """Asked for a fault by method and path when none is injected."""
        self.commits: list[Commit] = []
        self.requests: list[tuple[str, str]] = []
        """Method and path of every request that arrived."""
        self.largest_bytes = 0
        """Size of the largest request body so far."""
        self.signed: list[str] = []
        """The Authorization header of every request that had one."""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def root(self) -> str:
        """Address of both APIs."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FakeSheets":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        for timer in self._late:
            timer.join()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def add(
        self, spreadsheet_id: str, *, name: str = "Prices", parents: list[str] | None = None
    ) -> Spreadsheet:
        """Add an empty spreadsheet, as a person makes one, and its file in Drive."""
        self.add_file(spreadsheet_id, name, parents or [])
        made = self._shelf.spreadsheets[spreadsheet_id] = Spreadsheet(spreadsheet_id)
        return made

    def add_file(self, file_id: str, name: str, parents: list[str], drive: str | None = None) -> None:
        """Add a file or folder to Drive; in a shared drive when `drive` is its id."""
        found: dict[str, Any] = {"id": file_id, "name": name, "capabilities": {"canEdit": True}}
        if parents:
            found["parents"] = parents
        if drive:
            found["driveId"] = drive
        self._shelf.files[file_id] = found

    def add_drive(self, drive_id: str, name: str) -> None:
        """Add a shared drive; its root folder carries the same id."""
        self._shelf.drives[drive_id] = {"id": drive_id, "name": name}

    def forbid(self, file_id: str) -> None:
        """Stop sharing a file with the client."""
        self._shelf.forbidden.add(file_id)

    def let_read_only(self, file_id: str) -> None:
        """Share a file with the client as with a viewer."""
        self._shelf.files[file_id]["capabilities"]["canEdit"] = False

    def spreadsheet(self, spreadsheet_id: str) -> Spreadsheet:
        """Return a spreadsheet to look into."""
        return self._shelf.spreadsheets[spreadsheet_id]

    def shown(self, spreadsheet_id: str, tab: str = "Report") -> list[list[Value]]:
        """Return what a reader sees in a tab now."""
        with self._guard:
            found = self._shelf.spreadsheets[spreadsheet_id]
            return found.shown(found.titled(tab))

    def inject(self, *faults: Fault) -> None:
        """Let the next requests fail so, one fault each."""
        self._faults.extend(faults)

    def settle(self) -> None:
        """Wait for commits that are still to come."""
        for timer in list(self._late):
            timer.join()

    # From here on: called by the handler's threads.

    def fault_for(self, method: str, path: str) -> Fault | None:
        """Return the fault that this request meets."""
        with self._guard:
            self.requests.append((method, path))
            if self._faults and self._faults[0].only in path:
                return self._faults.popleft()
            return self.chooses(method, path) if self.chooses else None

    def later(self, delay_s: float, work: Callable[[], object]) -> None:
        """Do some work after the client has been turned away."""

        def quietly() -> None:
            with contextlib.suppress(BadRequest):  # nobody is there to hear of it
                work()

        timer = threading.Timer(delay_s, quietly)
        timer.daemon = True
        self._late.append(timer)
        timer.start()

    def hang(self) -> None:
        """Keep a client waiting until the server ends."""
        self._released.wait(60)

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> dict[str, Any]:
        """Carry out a request. Raises BadRequest (400), NotTheApi (400), KeyError (404), PermissionError (403)."""
        with self._guard:
            for pattern, verb, work in ROUTES:
                match = re.fullmatch(pattern, path)
                if match and verb == method:
                    return work(self, [unquote(part) for part in match.groups()], query, body)
        raise KeyError(path)

    def file(self, file_id: str) -> dict[str, Any]:
        """Return a file of Drive, if it is shared."""
        if file_id in self._shelf.forbidden:
            raise PermissionError(file_id)
        return self._shelf.files[file_id]

    def drive(self, drive_id: str) -> dict[str, Any]:
        """Return a shared drive."""
        return self._shelf.drives[drive_id]

    def opened(self, spreadsheet_id: str, *, to_write: bool = False) -> Spreadsheet:
        """Return a spreadsheet, if it is shared, and to be edited where it is `to_write`."""
        if to_write and not self.file(spreadsheet_id)["capabilities"]["canEdit"]:
            raise PermissionError(spreadsheet_id)
        self.file(spreadsheet_id)
        return self._shelf.spreadsheets[spreadsheet_id]

    def committed(self, spreadsheet: Spreadsheet) -> None:
        """Keep what a reader can see now."""
        if self._record:
            seen = [tab for tab in spreadsheet.tabs.values() if not tab.hidden]
            tabs = {tab.title: spreadsheet.shown(tab) for tab in seen}
            metadata = {tab.title: [item["metadataValue"] for item in tab.metadata.values()] for tab in seen}
            self.commits.append(Commit(spreadsheet.id, time.monotonic(), tabs, metadata))

    def control(self, path: str, body: Any) -> dict[str, Any]:
        """Serve the fake's own addresses, for tests in another process."""
        if path == "/_faults":
            self.inject(*(Fault(**item) for item in body))
            return {"faults": len(self._faults)}
        spreadsheet_id = path.removeprefix("/_state/")
        with self._guard:
            found = self._shelf.spreadsheets[spreadsheet_id]
            tabs = {tab.title: found.shown(tab) for tab in found.tabs.values()}
            mine = [commit.tabs for commit in self.commits if commit.spreadsheet == spreadsheet_id]
        return {"tabs": tabs, "commits": mine, "requests": len(self.requests)}


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--spreadsheet", action="append", default=[])
    parser.add_argument("--no-record", action="store_true", help="keep no committed states: they take memory")
    given = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with FakeSheets(given.port, record=not given.no_record) as fake:
        for spreadsheet_id in given.spreadsheet:
            fake.add(spreadsheet_id)
        print(fake.root, flush=True)  # noqa: T201 - who starts it reads the address
        ended.wait()


if __name__ == "__main__":
    main()
