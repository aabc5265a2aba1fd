"""What people keep in the spreadsheet survives a publish, and what they change is respected."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from exporters.errors import PublishRefused, SheetFull
from exporters.google.client import GoogleClient
from exporters.google.pace import Limits
from exporters.sheets.leftovers import remove_leftovers
from exporters.sheets.publish import Patience, publish_to_sheet
from exporters.table import Table
from jobs.definition import Column, SheetTarget
from reports.errors import Unavailable
from reports.row import ChangeKind, Row
from tests.support.sheet_tab import Formula
from tests.support.sheets_api import FakeSheets, Fault

SHEET = "1AbC"
COLUMNS = tuple(Column(field=name) for name in ("url", "price", "changes"))
DOWN: tuple[ChangeKind, ...] = ("price_down",)


def row(position: int) -> Row:
    return Row(
        position=position, url=f"https://shop.example/{position}", price=Decimal(position), changes=DOWN
    )


class Desk:
    """A fake, a client and a running number of runs."""

    def __init__(self, fake: FakeSheets) -> None:
        self.fake = fake
        self.google = GoogleClient(sheets_api_root=fake.root, limits=Limits(0, 0, 0, after_429_s=(0.0,)))
        self.runs = 0

    def publish(
        self,
        total: int,
        columns: tuple[Column, ...] = COLUMNS,
        *,
        target: SheetTarget | None = None,
        staged: bool = False,
    ) -> None:
        self.runs += 1
        publish_to_sheet(
            Table(columns, total, lambda: map(row, range(total))),
            target or SheetTarget(spreadsheet=SHEET),
            job="acme",
            run_id=f"run-{self.runs}",
            sequence=self.runs,
            google=self.google,
            patience=Patience(small_bytes=0 if staged else 1_900_000, pauses_s=(0.0,), faults=4),
        )


@pytest.fixture
def desk() -> Iterator[Desk]:
    with FakeSheets() as fake:
        fake.add(SHEET)
        desk = Desk(fake)
        yield desk
        desk.google.close()


def test_the_first_report_may_be_empty(desk: Desk) -> None:
    desk.publish(0)
    assert desk.fake.shown(SHEET) == [["URL", "Price", "Changes"]]


@pytest.mark.parametrize("staged", [False, True])
def test_formulas_charts_named_ranges_and_columns_beside_the_report_stay(desk: Desk, staged: bool) -> None:
    spreadsheet = desk.fake.spreadsheet(SHEET)
    desk.publish(3)
    live = spreadsheet.titled("Report")
    spreadsheet.tabs[0].put(0, 0, (Formula(live.id, slice(1, None), slice(1, 2)),))
    kept = {name: {"sheetId": live.id, "startColumnIndex": 1} for name in ("named range", "chart")}
    spreadsheet.bound = {name: dict(place) for name, place in kept.items()}
    live.column_count = 6
    live.put(1, 4, ("a person's note",))
    desk.publish(5, staged=staged)
    assert desk.fake.shown(SHEET, "Sheet1") == [[10.0]]
    assert spreadsheet.bound == kept
    assert desk.fake.shown(SHEET)[1] == ["https://shop.example/0", 0, "price down", None, "a person's note"]


def test_a_renamed_tab_goes_on_under_its_new_name(desk: Desk) -> None:
    desk.publish(3)
    desk.fake.spreadsheet(SHEET).titled("Report").title = "Preise"
    desk.publish(4)
    assert len(desk.fake.shown(SHEET, "Preise")) == 5
    assert [tab.title for tab in desk.fake.spreadsheet(SHEET).tabs.values() if not tab.hidden] == [
        "Sheet1",
        "Preise",
    ]


def test_a_tab_that_people_made_is_used_as_it_is(desk: Desk) -> None:
    desk.publish(2, target=SheetTarget(spreadsheet=SHEET, tab="Sheet1", start="B3"))
    shown = desk.fake.shown(SHEET, "Sheet1")
    assert shown[2] == [None, "URL", "Price", "Changes"]
    assert shown[3] == [None, "https://shop.example/0", 0, "price down"]
    assert desk.fake.spreadsheet(SHEET).tabs[0].frozen == 3
    assert desk.fake.spreadsheet(SHEET).tabs[0].widths == {}


def test_a_tab_of_ours_is_as_wide_as_its_columns_need_and_a_persons_widths_stay(desk: Desk) -> None:
    desk.publish(2)
    assert desk.fake.spreadsheet(SHEET).titled("Report").widths == {0: 341, 1: 117, 2: 173}
    desk.fake.spreadsheet(SHEET).titled("Report").widths[0] = 100
    desk.publish(3, (*COLUMNS, Column(field="name")))
    assert desk.fake.spreadsheet(SHEET).titled("Report").widths[0] == 100


@pytest.mark.parametrize("staged", [False, True])
def test_a_persons_filter_keeps_its_criteria_and_covers_the_new_rows(desk: Desk, staged: bool) -> None:
    desk.publish(3)
    live = desk.fake.spreadsheet(SHEET).titled("Report")
    assert live.filter is not None
    specs = [{"columnIndex": 1, "filterCriteria": {"hiddenValues": ["1"]}}]
    live.filter["filterSpecs"] = specs
    desk.publish(50, staged=staged)
    found = desk.fake.spreadsheet(SHEET).titled("Report").filter
    assert found is not None
    assert found["filterSpecs"] == specs
    assert found["range"]["endRowIndex"] == 51


def test_what_a_person_removed_stays_removed(desk: Desk) -> None:
    desk.publish(3)
    live = desk.fake.spreadsheet(SHEET).titled("Report")
    live.filter, live.rules, live.frozen = None, live.rules[1:], 0
    kept = len(live.rules)
    desk.publish(2_000)
    live = desk.fake.spreadsheet(SHEET).titled("Report")
    assert (live.filter, len(live.rules), live.frozen) == (None, kept, 0)


def test_colours_do_not_pile_up_and_reach_the_last_row(desk: Desk) -> None:
    desk.publish(3)
    rules = len(desk.fake.spreadsheet(SHEET).titled("Report").rules)
    for total in (2_000, 10, 3_000):
        desk.publish(total)
    live = desk.fake.spreadsheet(SHEET).titled("Report")
    assert len(live.rules) == rules
    assert {rule["ranges"][0]["endRowIndex"] for rule in live.rules} == {3_001}


def test_other_columns_replace_our_colours_and_leave_nothing_of_the_old_ones(desk: Desk) -> None:
    desk.publish(3)
    theirs = {"ranges": [{"sheetId": desk.fake.spreadsheet(SHEET).titled("Report").id}], "gradientRule": {}}
    desk.fake.spreadsheet(SHEET).titled("Report").rules.insert(0, theirs)
    desk.publish(2, (Column(field="changes"),))
    assert desk.fake.shown(SHEET) == [["Changes"], ["price down"], ["price down"]]
    rules = desk.fake.spreadsheet(SHEET).titled("Report").rules
    assert rules[0] == theirs
    assert {rule["ranges"][0]["startColumnIndex"] for rule in rules[1:]} == {0}


def test_rows_that_a_person_moved_down_do_not_stay_behind(desk: Desk) -> None:
    desk.publish(5)
    live = desk.fake.spreadsheet(SHEET).titled("Report")
    live.row_count += 20
    live.rows[2:2] = [()] * 20
    desk.publish(4)
    assert len(desk.fake.shown(SHEET)) == 5


def test_a_deleted_generation_tab_is_made_again(desk: Desk) -> None:
    desk.publish(3)
    tabs = desk.fake.spreadsheet(SHEET).tabs
    del tabs[next(tab.id for tab in tabs.values() if tab.hidden)]
    desk.publish(4)
    desk.publish(5)
    assert len(desk.fake.shown(SHEET)) == 6


def test_a_full_spreadsheet_is_refused_before_anything_is_written(desk: Desk) -> None:
    desk.fake.spreadsheet(SHEET).tabs[0].row_count = 384_000
    with pytest.raises(SheetFull, match="Google allows 10,000,000"):
        desk.publish(5_400)
    assert desk.fake.commits == []


def test_what_google_keeps_rejecting_goes_to_a_person_with_googles_words(desk: Desk) -> None:
    desk.fake.chooses = lambda _, path: Fault("protected") if "batchUpdate" in path else None
    with pytest.raises(PublishRefused, match=r"protected cell.*Look for protected ranges"):
        desk.publish(3)


def test_a_google_that_stays_down_is_worth_another_try_later(desk: Desk) -> None:
    desk.fake.chooses = lambda _, __: Fault("503")
    with pytest.raises(Unavailable, match="4 requests failed"):
        desk.publish(3)


def test_what_dead_attempts_left_is_removed_without_a_publish(desk: Desk) -> None:
    desk.publish(3)
    hidden = {"title": "_shelfbeat staging 000000000001", "sheetId": 77, "hidden": True}
    desk.fake.spreadsheet(SHEET).apply([{"addSheet": {"properties": hidden}}])
    assert remove_leftovers(SHEET, desk.google) == 1
    assert remove_leftovers(SHEET, desk.google) == 0
    assert 77 not in desk.fake.spreadsheet(SHEET).tabs
    assert len(desk.fake.shown(SHEET)) == 4
