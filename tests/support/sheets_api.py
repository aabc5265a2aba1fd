"""A loopback fake of the Google Sheets v4 and Drive v3 REST APIs, judged by Google's discovery documents.

In a thread:   with FakeSheets() as google: google.add("1AbC"); … google.root …
As a process:  python -m tests.support.sheets_api --spreadsheet 1AbC   (prints its address, ends on SIGTERM)

Batches are atomic. `inject` makes the next requests fail in the ways that networks and Google do, before or
after the work is done. Every committed state is kept in `commits`. A process is steered by POST /_faults
[{"kind": …}] and read by GET /_state/<spreadsheet>.
"""

import argparse
import contextlib
import json
import re
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.discovery import NotTheApi, check, check_parameters
from tests.support.fields_mask import masked
from tests.support.spreadsheet import BadRequest, Spreadsheet, Tab, Value

Kind = Literal["500", "503", "html502", "429", "403quota", "protected", "drop", "hang", "half_body", "slow"]


@dataclass(frozen=True)
class Fault:
    """One failure. `commit`: whether the work is done all the same, or only `late_s` after the answer failed."""

    kind: Kind
    commit: bool | Literal["late"] = False
    late_s: float = 0.05
    only: str = ""
    """Part of the path of the requests that it waits for; default: the next one."""


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
        self.signed: list[str] = []
        """The Authorization header of every request that had one."""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
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
        link = f"https://docs.google.com/spreadsheets/d/{file_id}/edit?usp=drivesdk"
        found: dict[str, Any] = {"id": file_id, "name": name, "webViewLink": link}
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
            for pattern, verb, work in _ROUTES:
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

    def opened(self, spreadsheet_id: str) -> Spreadsheet:
        """Return a spreadsheet, if it is shared."""
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


def _get(fake: FakeSheets, parts: list[str], query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    check_parameters("sheets.v4", "spreadsheets.get", query)
    spreadsheet = fake.opened(parts[0])
    answer = {
        "spreadsheetId": spreadsheet.id,
        "properties": {"title": "Prices", "locale": "de_DE", "timeZone": "Europe/Berlin"},
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{spreadsheet.id}/edit",
        "sheets": [_sheet(tab, index) for index, tab in enumerate(spreadsheet.tabs.values())],
    }
    check("sheets.v4", "Spreadsheet", answer)
    return masked(answer, query["fields"][0]) if "fields" in query else answer


def _sheet(tab: Tab, index: int) -> dict[str, Any]:
    """Return a tab as the API tells of it: what is empty or false is left out."""
    grid: dict[str, Any] = {"rowCount": tab.row_count, "columnCount": tab.column_count}
    if tab.frozen:
        grid["frozenRowCount"] = tab.frozen
    properties: dict[str, Any] = {
        "sheetId": tab.id,
        "title": tab.title,
        "index": index,
        "gridProperties": grid,
    }
    if tab.hidden:
        properties["hidden"] = True
    found: dict[str, Any] = {"properties": properties}
    if tab.filter is not None:
        found["basicFilter"] = tab.filter
    if tab.rules:
        found["conditionalFormats"] = tab.rules
    if tab.metadata:
        found["developerMetadata"] = list(tab.metadata.values())
    return found


def _batch_update(
    fake: FakeSheets, parts: list[str], query: dict[str, list[str]], body: Any
) -> dict[str, Any]:
    check_parameters("sheets.v4", "spreadsheets.batchUpdate", query)
    check("sheets.v4", "BatchUpdateSpreadsheetRequest", body)
    spreadsheet = fake.opened(parts[0])
    replies = spreadsheet.apply(body["requests"])
    fake.committed(spreadsheet)
    return {"spreadsheetId": spreadsheet.id, "replies": replies}


def _values_update(
    fake: FakeSheets, parts: list[str], query: dict[str, list[str]], body: Any
) -> dict[str, Any]:
    check_parameters("sheets.v4", "spreadsheets.values.batchUpdate", query)
    check("sheets.v4", "BatchUpdateValuesRequest", body)
    spreadsheet = fake.opened(parts[0])
    before = spreadsheet.tabs
    try:
        rows = sum(
            spreadsheet.write_values(item["range"], item["values"], raw=body["valueInputOption"] == "RAW")
            for item in body["data"]
        )
    except BadRequest:
        spreadsheet.tabs = before
        raise
    fake.committed(spreadsheet)
    return {"spreadsheetId": spreadsheet.id, "totalUpdatedRows": rows}


def _values_get(fake: FakeSheets, parts: list[str], query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    check_parameters("sheets.v4", "spreadsheets.values.batchGet", query)
    spreadsheet = fake.opened(parts[0])
    formatted = query.get("valueRenderOption", ["FORMATTED_VALUE"])[0] == "FORMATTED_VALUE"
    found = []
    for a1 in query["ranges"]:
        tab, top, left, bottom, right = spreadsheet.located(a1)
        cells = [
            [spreadsheet.value(tab.cell(row, column)) for column in range(left, min(right, left + 50))]
            for row in range(top, min(bottom, len(tab.rows)))
        ]
        rows: list[list[Any]] = [["" if cell is None else cell for cell in row] for row in cells]
        for row in rows:
            while row and row[-1] == "":
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        if formatted:
            rows = [[str(cell) for cell in row] for row in rows]
        found.append({"range": a1, "majorDimension": "ROWS", **({"values": rows} if rows else {})})
    answer = {"spreadsheetId": spreadsheet.id, "valueRanges": found}
    check("sheets.v4", "BatchGetValuesResponse", answer)
    return answer


def _file(fake: FakeSheets, parts: list[str], query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    check_parameters("drive.v3", "files.get", query)
    if query.get("supportsAllDrives") != ["true"] and "driveId" in fake.file(parts[0]):
        raise KeyError(parts[0])  # shared drives are not there for a client that does not say so
    check("drive.v3", "File", fake.file(parts[0]))
    found: dict[str, Any] = masked(fake.file(parts[0]), query["fields"][0])
    return found


def _drive(fake: FakeSheets, parts: list[str], query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    check_parameters("drive.v3", "drives.get", query)
    check("drive.v3", "Drive", fake.drive(parts[0]))
    found: dict[str, Any] = masked(fake.drive(parts[0]), query["fields"][0])
    return found


_Work = Callable[[FakeSheets, list[str], dict[str, list[str]], Any], dict[str, Any]]
_ROUTES: Final[tuple[tuple[str, str, _Work], ...]] = (
    (r"/v4/spreadsheets/([^/:]+)", "GET", _get),
    (r"/v4/spreadsheets/([^/:]+):batchUpdate", "POST", _batch_update),
    (r"/v4/spreadsheets/([^/:]+)/values:batchUpdate", "POST", _values_update),
    (r"/v4/spreadsheets/([^/:]+)/values:batchGet", "GET", _values_get),
    (r"/drive/v3/files/([^/]+)", "GET", _file),
    (r"/drive/v3/drives/([^/]+)", "GET", _drive),
)


def _google_error(status: int, message: str) -> tuple[int, dict[str, Any]]:
    word = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED"}
    return status, {"error": {"code": status, "message": message, "status": word.get(status, "INTERNAL")}}


def _handler(fake: FakeSheets) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep quiet."""

        def do_GET(self) -> None:
            self._serve("GET", None)

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._serve("POST", json.loads(raw) if raw else None)

        def _serve(self, method: str, body: Any) -> None:
            split = urlsplit(self.path)
            path = unquote(split.path)
            if path.startswith("/_"):
                self._send(200, fake.control(path, body))
                return
            if signature := self.headers.get("Authorization"):
                fake.signed.append(signature)
            fault = fake.fault_for(method, path)

            def work() -> tuple[int, dict[str, Any]]:
                return self._work(method, split.path, parse_qs(split.query), body)

            if fault is None:
                self._send(*work())
            else:
                self._fail(fault, work)

        def _work(
            self, method: str, path: str, query: dict[str, list[str]], body: Any
        ) -> tuple[int, dict[str, Any]]:
            try:
                return 200, fake.answer(method, path, query, body)
            except (BadRequest, NotTheApi) as error:
                return _google_error(400, str(error))
            except PermissionError:
                return _google_error(403, "The caller does not have permission")
            except KeyError:
                return _google_error(404, "Requested entity was not found.")

        def _fail(self, fault: Fault, work: Callable[[], tuple[int, dict[str, Any]]]) -> None:
            done = work() if fault.commit is True or fault.kind == "half_body" else None
            if fault.commit == "late":
                fake.later(fault.late_s, work)
            match fault.kind:
                case "drop":
                    self.close_connection = True
                case "hang":
                    fake.hang()
                    self.close_connection = True
                case "half_body":
                    raw = json.dumps(done[1] if done else {"sheets": [{}]}).encode()
                    self._head(200, "application/json", len(raw))
                    self.wfile.write(raw[: len(raw) // 2])
                    self.close_connection = True
                case "html502":
                    raw = b"<html><title>502 Bad Gateway</title></html>"
                    self._head(502, "text/html", len(raw))
                    self.wfile.write(raw)
                case "429":
                    self._send(*_google_error(429, "Quota exceeded for quota metric 'Write requests'"))
                case "403quota":
                    self._send(*_google_error(403, "Rate Limit Exceeded"))
                case "protected":
                    self._send(*_google_error(400, "You are trying to edit a protected cell or object."))
                case "slow":
                    time.sleep(fault.late_s)
                    self._send(*(done or work()))
                case _:
                    self._send(*_google_error(int(fault.kind), "Internal error encountered."))

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            raw = json.dumps(answer).encode()
            self._head(status, "application/json; charset=UTF-8", len(raw))
            with contextlib.suppress(ConnectionError):  # a client that has given up
                self.wfile.write(raw)

        def _head(self, status: int, content_type: str, length: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(length))
            with contextlib.suppress(ConnectionError):
                self.end_headers()

    return Handler


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
