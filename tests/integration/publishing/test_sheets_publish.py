"""Publishing to a sheet over HTTP: what a reader sees, before, during and after."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from exporters.errors import NoAccess, PublishRefused, StaleRun
from exporters.google.client import GoogleClient
from exporters.google.pace import Limits
from exporters.published import Published
from exporters.sheets.publish import Patience, publish_to_sheet
from exporters.table import Table
from jobs.definition import Column, SheetTarget
from reports.row import ChangeKind, Row
from tests.support.sheets_api import FakeSheets

SHEET = "1AbC"
TARGET = SheetTarget(spreadsheet=SHEET)
NO_WAITS = Limits(0, 0, 0, after_429_s=(0.0,) * 6)
QUICK = Patience(pauses_s=(0.0,))
STAGED = Patience(small_bytes=0, chunk_bytes=200, pauses_s=(0.0,))
COLUMNS = tuple(
    Column(field=name) for name in ("url", "name", "sku", "price", "availability", "changes", "fetched_at")
)
DOWN: tuple[ChangeKind, ...] = ("price_down",)


def row(position: int, run: str = "run") -> Row:
    return Row(
        position=position,
        url=f"https://shop.example/{position}",
        name="=1+1" if position == 0 else f"{run} {position}",
        sku=f"00{position}",
        price=Decimal("19.99"),
        availability="in_stock",
        changes=DOWN,
        fetched_at=datetime(2026, 11, 21, 12, tzinfo=UTC),
    )


def table(total: int, run: str = "run") -> Table:
    return Table(COLUMNS, total, lambda: (row(position, run) for position in range(total)))


@pytest.fixture
def google() -> Iterator[FakeSheets]:
    with FakeSheets() as fake:
        fake.add(SHEET)
        yield fake


def client(fake: FakeSheets) -> GoogleClient:
    return GoogleClient(
        sheets_api_root=fake.root, drive_api_root=fake.root, limits=NO_WAITS, timeouts_s=(2.0, 1.0)
    )


def publish(
    google: FakeSheets | GoogleClient,
    sequence: int = 1,
    report: Table | None = None,
    *,
    target: SheetTarget = TARGET,
    job: str = "acme",
    patience: Patience = QUICK,
    **more: Any,
) -> Published:
    """Publish the run of a number, `r1`; two rows that name it unless a report is given."""
    run_id = f"r{sequence}"
    return publish_to_sheet(
        report or table(2, run_id),
        target,
        job=job,
        run_id=run_id,
        sequence=sequence,
        google=google if isinstance(google, GoogleClient) else client(google),
        patience=patience,
        **more,
    )


@pytest.mark.parametrize("patience", [QUICK, STAGED], ids=["small", "staged"])
def test_a_report_appears_in_one_commit_with_codes_as_text(google: FakeSheets, patience: Patience) -> None:
    published = publish(google, 1, table(5), patience=patience)
    shown = google.shown(SHEET)
    assert shown[0] == ["URL", "Name", "SKU", "Price", "Availability", "Changes", "Fetched at"]
    assert shown[1] == ["https://shop.example/0", "=1+1", "000", 19.99, "in_stock", "price down", 46347.5]
    assert len(shown) == 6
    seen = [commit.tabs.get("Report") for commit in google.commits]
    assert [item for item in seen if item] == [shown]
    assert published.kind == "sheet"
    assert published.rows == 5
    assert published.link is not None
    assert published.link.startswith(f"https://docs.google.com/spreadsheets/d/{SHEET}/edit#gid=")


def test_a_small_report_takes_two_requests(google: FakeSheets) -> None:
    publish(google, 1, table(5))
    assert [method for method, _ in google.requests] == ["GET", "POST"]


@pytest.mark.parametrize("patience", [QUICK, STAGED], ids=["small", "staged"])
def test_a_repeat_of_a_run_changes_nothing(google: FakeSheets, patience: Patience) -> None:
    first = publish(google, 1, table(5), patience=patience)
    commits = len(google.commits)
    again = publish(google, 1, table(5), patience=patience)
    assert again == first
    assert len(google.commits) == commits


def test_a_run_that_a_person_has_done_again_shows_its_new_rows_and_an_attempt_of_before_changes_nothing(
    google: FakeSheets,
) -> None:
    for life, name in ((0, "first"), (1, "again"), (0, "late")):
        publish(google, 1, table(3, name), life=life)
    assert google.shown(SHEET)[2][1] == "again 1"
    assert len(google.commits) == 2


def test_an_older_run_never_replaces_a_newer_one(google: FakeSheets) -> None:
    publish(google, 2, table(3, "new"))
    with pytest.raises(StaleRun, match="later run"):
        publish(google, 1, table(3, "old"))
    assert google.shown(SHEET)[2][1] == "new 1"


def test_a_shorter_report_leaves_nothing_of_a_longer_one(google: FakeSheets) -> None:
    for sequence, (total, patience) in enumerate([(9, STAGED), (4, QUICK), (7, QUICK), (2, STAGED)], start=1):
        publish(google, sequence, table(total, f"r{sequence}"), patience=patience)
        assert len(google.shown(SHEET)) == total + 1
        hidden = [tab.title for tab in google.spreadsheet(SHEET).tabs.values() if tab.hidden]
        assert len(hidden) == 1


def test_a_spreadsheet_that_is_not_shared_says_with_whom_to_share_it(google: FakeSheets) -> None:
    google.forbid(SHEET)
    with pytest.raises(NoAccess, match="Share the spreadsheet with the service account"):
        publish(google, 1, table(1))


@pytest.mark.parametrize("patience", [QUICK, STAGED], ids=["small", "staged"])
def test_a_run_that_is_ended_while_it_publishes_shows_nothing(google: FakeSheets, patience: Patience) -> None:
    def ended() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        publish(google, 1, table(5), patience=patience, still_wanted=ended)
    assert all("Report" not in commit.tabs for commit in google.commits)


@pytest.mark.parametrize("total", [3_000, 25_000], ids=["small", "staged"])
def test_no_request_is_larger_than_the_two_megabytes_that_google_advises(
    google: FakeSheets, total: int
) -> None:
    asked = GoogleClient(sheets_api_root=google.root, limits=NO_WAITS)  # waits for a busy machine
    publish(asked, 1, table(total, "Grüße"), patience=Patience())
    assert 1_000_000 < google.largest_bytes < 2_000_000
    assert asked.calls == (2 if total == 3_000 else 6)


def test_two_jobs_cannot_share_a_tab(google: FakeSheets) -> None:
    publish(google, job="other")
    with pytest.raises(PublishRefused, match=r"the report of the job other.*`tab` of its own"):
        publish(google, 2)
    assert google.shown(SHEET)[1][1:3] == ["=1+1", "000"]
    assert len(google.commits) == 1


def test_a_tab_is_found_whatever_its_case(google: FakeSheets) -> None:
    google.spreadsheet(SHEET).tabs[0].title = "Report"
    publish(google, target=SheetTarget(spreadsheet=SHEET, tab="report"))
    assert len(google.shown(SHEET, "Report")) == 3


def test_a_report_that_moves_leaves_nothing_where_it_was(google: FakeSheets) -> None:
    publish(google, 1, table(9))
    publish(google, 2, target=SheetTarget(spreadsheet=SHEET, start="D3"))
    shown = google.shown(SHEET)
    assert [row[:3] for row in shown] == [[], [], [None] * 3, [None] * 3, [None] * 3]
    assert shown[2][3:5] == ["URL", "Name"]
    found = google.spreadsheet(SHEET).titled("Report").filter
    assert found is not None
    assert (found["range"]["startRowIndex"], found["range"]["startColumnIndex"]) == (2, 3)
    publish(google, 3)
    assert [len(row) for row in google.shown(SHEET)] == [7, 7, 7]
