"""A report into sheets, in the ways that a day may take: split over tabs, done again, no room left; and who is told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from console.demo.shop import DemoShop
from tests.acceptance.conftest import Services, json_of, shelfbeat
from tests.support.receivers import Hook
from tests.support.sheets_api import FakeSheets

SHEET = "1AbC"


@pytest.fixture
def google(services: Services) -> Iterator[FakeSheets]:
    with FakeSheets() as fake:
        fake.add(SHEET)
        services.env |= {"SHELFBEAT_SHEETS_API_ROOT": fake.root, "SHELFBEAT_DRIVE_API_ROOT": fake.root}
        yield fake


@pytest.fixture
def team(services: Services) -> Iterator[Hook]:
    with Hook(200) as hook:
        services.env["TEAM_HOOK"] = hook.address()
        yield hook


def run(services: Services, folder: Path, urls: list[str], sheet: str) -> dict[str, Any]:
    """Define a report into that sheet, run it once and return how it ended."""
    (folder / "report.yaml").write_text(
        f"job: report\nurls: [{{list: {urls}}}]\ncolumns: [url, name, price, result]\n"
        f"publish: {{sheet: {sheet}}}\nnotify: ['secret:TEAM_HOOK']\n"
    )
    services.worker()
    started = json_of(shelfbeat("jobs", "trigger", "report", "--json", env=services.env))
    return services.wait_for_end(started["run"])


def test_a_report_over_several_tabs_shows_its_own_rows_when_it_is_done_again(
    shop: DemoShop, services: Services, google: FakeSheets, team: Hook, tmp_path: Path
) -> None:
    urls = [*shop.urls()[:3], shop.url("/nothing-here")]
    sheet = f"{{spreadsheet: {SHEET}, start: B2, split_by: result}}"
    view = run(services, tmp_path / "jobs.d", urls, sheet)
    assert [place["rows"] for place in view["published"]] == [3, 1]
    first = google.shown(SHEET, "Report · product")
    assert (first[1], len(first)) == ([None, "URL", "Name", "Price", "Result"], 5)
    assert google.shown(SHEET, "Report · http_404")[2][1] == urls[3]
    (told,) = team.bodies
    assert all(str(place["link"]) in str(told["message"]) for place in view["published"])

    google.spreadsheet(SHEET).titled("Report · product").put(2, 2, ("somebody's typing error",))
    done = shelfbeat("runs", "rerun", view["run"], "--from", "write_to_sheet", env=services.env)
    assert done.returncode == 0, done.stderr
    services.wait_for_end(view["run"])
    assert google.shown(SHEET, "Report · product") == first
    assert len(team.bodies) == 1, "who has the message does not get it again"


def test_a_report_that_no_sheet_can_hold_is_a_file_and_the_message_says_so(
    shop: DemoShop, services: Services, google: FakeSheets, team: Hook, tmp_path: Path
) -> None:
    google.spreadsheet(SHEET).tabs[0].row_count = 384_614
    view = run(services, tmp_path / "jobs.d", shop.urls()[:30], f"{{spreadsheet: {SHEET}}}")
    (place,) = view["published"]
    assert place["kind"] == "xlsx"
    book = load_workbook(place["path"])
    assert book.worksheets[0].max_row == 31
    (told,) = team.bodies
    assert "Google allows 10,000,000" in str(told["message"])
    assert "The report is in this file instead." in str(told["message"])
    assert google.commits == []

    shown = shelfbeat("runs", "show", view["run"], env=services.env).stdout
    assert [word for word in ("message", "channel", "attempts", "answer") if word not in shown] == []
    tested = json_of(shelfbeat("notify", "test", "report", "--json", env=services.env))
    assert [answer["delivered"] for answer in tested] == [True]
    assert team.bodies[-1]["title"] == "report: test message"
    json_of(shelfbeat("notify", "test", "report", "--sample", "--json", env=services.env))
    assert str(team.bodies[-1]["title"]).startswith("TEST · report: delivered with gaps")
