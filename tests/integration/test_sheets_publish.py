"""Publishing to a sheet over HTTP: what a reader sees, before, during and after."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from exporters.errors import NoAccess, PublishRefused, StaleRun
from exporters.google import GoogleClient
from exporters.pace import Limits
from exporters.sheets.publish import Patience, publish_to_sheet
from exporters.table import Table
from jobs.definition import Column, SheetTarget
from reports.row import ChangeKind, Row
from tests.support.sheets_api import FakeSheets

SHEET = "1AbC"
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


@pytest.mark.parametrize("patience", [QUICK, STAGED], ids=["small", "staged"])
def test_a_report_appears_in_one_commit_with_codes_as_text(google: FakeSheets, patience: Patience) -> None:
    published = publish_to_sheet(
        table(5),
        SheetTarget(spreadsheet=SHEET),
        job="acme",
        run_id="r1",
        sequence=1,
        google=client(google),
        patience=patience,
    )
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
    publish_to_sheet(
        table(5),
        SheetTarget(spreadsheet=SHEET),
        job="acme",
        run_id="r1",
        sequence=1,
        google=client(google),
        patience=QUICK,
    )
    assert [method for method, _ in google.requests] == ["GET", "POST"]


@pytest.mark.parametrize("patience", [QUICK, STAGED], ids=["small", "staged"])
def test_a_repeat_of_a_run_changes_nothing(google: FakeSheets, patience: Patience) -> None:
    target = SheetTarget(spreadsheet=SHEET)
    first = publish_to_sheet(
        table(5), target, job="acme", run_id="r1", sequence=1, google=client(google), patience=patience
    )
    commits = len(google.commits)
    again = publish_to_sheet(
        table(5), target, job="acme", run_id="r1", sequence=1, google=client(google), patience=patience
    )
    assert again == first
    assert len(google.commits) == commits


def test_a_run_that_a_person_has_done_again_shows_its_new_rows_and_an_attempt_of_before_changes_nothing(
    google: FakeSheets,
) -> None:
    target = SheetTarget(spreadsheet=SHEET)
    for life, name in ((0, "first"), (1, "again"), (0, "late")):
        publish_to_sheet(
            table(3, name),
            target,
            job="acme",
            run_id="r1",
            sequence=1,
            life=life,
            google=client(google),
            patience=QUICK,
        )
    assert google.shown(SHEET)[2][1] == "again 1"
    assert len(google.commits) == 2


def test_an_older_run_never_replaces_a_newer_one(google: FakeSheets) -> None:
    target = SheetTarget(spreadsheet=SHEET)
    publish_to_sheet(
        table(3, "new"), target, job="acme", run_id="r2", sequence=2, google=client(google), patience=QUICK
    )
    with pytest.raises(StaleRun, match="later run"):
        publish_to_sheet(
            table(3, "old"),
            target,
            job="acme",
            run_id="r1",
            sequence=1,
            google=client(google),
            patience=QUICK,
        )
    assert google.shown(SHEET)[2][1] == "new 1"


def test_a_shorter_report_leaves_nothing_of_a_longer_one(google: FakeSheets) -> None:
    target = SheetTarget(spreadsheet=SHEET)
    for sequence, (total, patience) in enumerate([(9, STAGED), (4, QUICK), (7, QUICK), (2, STAGED)], start=1):
        publish_to_sheet(
            table(total, f"r{sequence}"),
            target,
            job="acme",
            run_id=f"r{sequence}",
            sequence=sequence,
            google=client(google),
            patience=patience,
        )
        assert len(google.shown(SHEET)) == total + 1
        hidden = [tab.title for tab in google.spreadsheet(SHEET).tabs.values() if tab.hidden]
        assert len(hidden) == 1


def test_a_spreadsheet_that_is_not_shared_says_with_whom_to_share_it(google: FakeSheets) -> None:
    google.forbid(SHEET)
    with pytest.raises(NoAccess, match="Share the spreadsheet with the service account"):
        publish_to_sheet(
            table(1),
            SheetTarget(spreadsheet=SHEET),
            job="acme",
            run_id="r1",
            sequence=1,
            google=client(google),
        )


@pytest.mark.parametrize("patience", [QUICK, STAGED], ids=["small", "staged"])
def test_a_run_that_is_ended_while_it_publishes_shows_nothing(google: FakeSheets, patience: Patience) -> None:
    def ended() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        publish_to_sheet(
            table(5),
            SheetTarget(spreadsheet=SHEET),
            job="acme",
            run_id="r1",
            sequence=1,
            google=client(google),
            patience=patience,
            still_wanted=ended,
        )
    assert all("Report" not in commit.tabs for commit in google.commits)


@pytest.mark.parametrize("total", [3_000, 25_000], ids=["small", "staged"])
def test_no_request_is_larger_than_the_two_megabytes_that_google_advises(
    google: FakeSheets, total: int
) -> None:
    asked = GoogleClient(sheets_api_root=google.root, limits=NO_WAITS)  # waits for a busy machine
    publish_to_sheet(
        table(total, "Grüße"),
        SheetTarget(spreadsheet=SHEET),
        job="acme",
        run_id="r1",
        sequence=1,
        google=asked,
    )
    assert 1_000_000 < google.largest_bytes < 2_000_000
    assert asked.calls == (2 if total == 3_000 else 6)


def publish(
    google: FakeSheets, target: SheetTarget, sequence: int, job: str = "acme", total: int = 2
) -> None:
    publish_to_sheet(
        table(total, f"r{sequence}"),
        target,
        job=job,
        run_id=f"r{sequence}",
        sequence=sequence,
        google=client(google),
        patience=QUICK,
    )


def test_two_jobs_cannot_share_a_tab(google: FakeSheets) -> None:
    publish(google, SheetTarget(spreadsheet=SHEET), 1, job="other")
    with pytest.raises(PublishRefused, match=r"the report of the job other.*`tab` of its own"):
        publish(google, SheetTarget(spreadsheet=SHEET), 2)
    assert google.shown(SHEET)[1][1:3] == ["=1+1", "000"]
    assert len(google.commits) == 1


def test_a_tab_is_found_whatever_its_case(google: FakeSheets) -> None:
    google.spreadsheet(SHEET).tabs[0].title = "Report"
    publish(google, SheetTarget(spreadsheet=SHEET, tab="report"), 1)
    assert len(google.shown(SHEET, "Report")) == 3


def test_a_report_that_moves_leaves_nothing_where_it_was(google: FakeSheets) -> None:
    publish(google, SheetTarget(spreadsheet=SHEET), 1, total=9)
    publish(google, SheetTarget(spreadsheet=SHEET, start="D3"), 2)
    shown = google.shown(SHEET)
    assert [row[:3] for row in shown] == [[], [], [None] * 3, [None] * 3, [None] * 3]
    assert shown[2][3:5] == ["URL", "Name"]
    found = google.spreadsheet(SHEET).titled("Report").filter
    assert found is not None
    assert (found["range"]["startRowIndex"], found["range"]["startColumnIndex"]) == (2, 3)
    publish(google, SheetTarget(spreadsheet=SHEET), 3)
    assert [len(row) for row in google.shown(SHEET)] == [7, 7, 7]
