"""Paths in Drive, ranges of URLs, and turns at the quota, over HTTP and a real Redis server."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from exporters.errors import NoAccess
from exporters.google.client import GoogleClient
from exporters.google.drive import FolderCache, find_path
from exporters.google.pace import Limits
from exporters.sheets.ranges import NoSuchRange, read_range, windows
from reports.errors import Unavailable
from tests.support.sheets_api import FakeSheets, Fault

SHEET = "1AbC"


@pytest.fixture
def fake() -> Iterator[FakeSheets]:
    with FakeSheets() as started:
        yield started


@pytest.fixture
def google(fake: FakeSheets) -> Iterator[GoogleClient]:
    client = GoogleClient(
        sheets_api_root=fake.root, drive_api_root=fake.root, limits=Limits(0, 0, 0, after_429_s=(0.0,))
    )
    yield client
    client.close()


def test_a_path_leads_from_my_drive_to_the_sheet(fake: FakeSheets, google: GoogleClient) -> None:
    fake.add_file("root", "My Drive", [])
    fake.add_file("f1", "Customers", ["root"])
    fake.add_file("f2", "ACME", ["f1"])
    fake.add(SHEET, name="Prices", parents=["f2"])
    assert find_path(SHEET, google) == "My Drive / Customers / ACME / Prices"


def test_a_shared_drive_is_called_by_its_name(fake: FakeSheets, google: GoogleClient) -> None:
    fake.add_drive("d1", "Performance")
    fake.add_file("d1", "Drive", [], drive="d1")
    fake.add_file("f1", "ACME", ["d1"], drive="d1")
    fake.add(SHEET, name="Prices")
    fake.add_file(SHEET, "Prices", ["f1"], drive="d1")
    assert find_path(SHEET, google) == "Performance / ACME / Prices"


def test_folders_are_asked_for_once_an_hour(fake: FakeSheets, google: GoogleClient) -> None:
    fake.add_file("root", "My Drive", [])
    for number in range(3):
        fake.add(f"s{number}", name=f"Report {number}", parents=["root"])
    assert [find_path(f"s{number}", google) for number in range(3)] == [
        f"My Drive / Report {number}" for number in range(3)
    ]
    assert len(fake.requests) == 4

    now = 0.0
    folders = FolderCache(clock=lambda: now)
    find_path("s0", google, folders)
    fake.add_file("root", "Renamed", [])
    assert find_path("s0", google, folders) == "My Drive / Report 0"
    now = 3601.0
    assert find_path("s0", google, folders) == "Renamed / Report 0"


def test_a_folder_that_is_not_shared_ends_the_path(fake: FakeSheets, google: GoogleClient) -> None:
    fake.add_file("f1", "Secret", ["root"])
    fake.add(SHEET, parents=["f1"])
    fake.forbid("f1")
    assert find_path(SHEET, google) == "… / Prices"


def test_a_file_that_is_not_shared_says_what_to_do(fake: FakeSheets, google: GoogleClient) -> None:
    fake.add(SHEET)
    fake.forbid(SHEET)
    with pytest.raises(NoAccess, match="Share the spreadsheet"):
        find_path(SHEET, google)


def test_drive_being_down_is_worth_another_try(fake: FakeSheets, google: GoogleClient) -> None:
    fake.add(SHEET)
    fake.inject(Fault("html502"))
    with pytest.raises(Unavailable):
        find_path(SHEET, google)


def test_a_range_of_urls_is_read_row_by_row(fake: FakeSheets, google: GoogleClient) -> None:
    tab = fake.add(SHEET).tabs[0]
    for row, values in enumerate([("URL",), ("https://a.example/1",), (), ("https://a.example/2", "note")]):
        tab.put(row, 0, values)
    assert list(read_range(SHEET, "Sheet1!A2:B", google)) == [
        ["https://a.example/1"],
        [],
        ["https://a.example/2", "note"],
    ]
    assert list(read_range(SHEET, "A2:A", google)) == [["https://a.example/1"], [], ["https://a.example/2"]]


def test_a_long_range_comes_in_windows(fake: FakeSheets, google: GoogleClient) -> None:
    tab = fake.add(SHEET).tabs[0]
    tab.row_count = 45_000
    tab.put(0, 0, ("URL",))
    for row in (1, 20_000, 20_001, 44_999):
        tab.put(row, 0, (f"https://a.example/{row}",))
    read = read_range(SHEET, "Sheet1!A2:A", google)
    assert next(read) == ["https://a.example/1"]
    assert len(fake.requests) == 2, "the rest is not asked for before it is wanted"
    assert [row for row in read if row] == [[f"https://a.example/{row}"] for row in (20_000, 20_001, 44_999)]
    assert len(fake.requests) == 4


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("'My tab!'!B2:C6", ["'My tab!'!B2:C3", "'My tab!'!B4:C5", "'My tab!'!B6:C6"]),
        ("URLs!A2:A2", ["URLs!A2:A2"]),
        ("URLs!A2", ["URLs!A2"]),
    ],
)
def test_a_range_is_parted_by_its_rows(place: str, expected: list[str]) -> None:
    assert list(windows(place, 2)) == expected


def test_a_range_that_is_not_there_says_how_to_write_one(fake: FakeSheets, google: GoogleClient) -> None:
    fake.add(SHEET)
    with pytest.raises(NoSuchRange, match=r"URLs!A2:A"):
        list(read_range(SHEET, "Gone!A1:A", google))


def test_a_429_is_waited_out(fake: FakeSheets, google: GoogleClient) -> None:
    fake.add(SHEET)
    fake.inject(Fault("429"))
    assert list(read_range(SHEET, "A1:A", google)) == []
    assert len(fake.requests) == 3


def test_a_quota_that_stays_used_up_ends_as_unavailable(fake: FakeSheets, google: GoogleClient) -> None:
    fake.add(SHEET)
    fake.inject(Fault("429"), Fault("429"))
    with pytest.raises(Unavailable, match="quota"):
        list(read_range(SHEET, "A1:A", google))


class _AskLater(BaseHTTPRequestHandler):
    """Answers 429 and a time to wait."""

    def do_GET(self) -> None:
        self.send_response(429)
        self.send_header("Retry-After", "3600")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep quiet."""


def test_a_wait_longer_than_a_step_has_is_left_to_the_next_try() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _AskLater) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        client = GoogleClient(sheets_api_root=f"http://127.0.0.1:{server.server_port}")
        started = time.monotonic()
        with pytest.raises(Unavailable, match="asks to wait 3600 s"):
            list(read_range(SHEET, "A1:A", client))
        assert time.monotonic() - started < 10
        server.shutdown()


def test_requests_to_one_spreadsheet_keep_their_distance(fake: FakeSheets) -> None:
    fake.add(SHEET)
    client = GoogleClient(sheets_api_root=fake.root, limits=Limits(spreadsheet_s=0.05, user_s=0, project_s=0))
    started = time.monotonic()
    for _ in range(2):
        list(read_range(SHEET, "A1:A", client))
    assert time.monotonic() - started >= 0.15
    client.close()
