"""One report over several tabs."""

from collections.abc import Iterator, Sequence

import pytest

from exporters.errors import PublishRefused, SheetFull, StaleRun
from exporters.google.client import GoogleClient
from exporters.google.pace import Limits
from exporters.published import Published
from exporters.sheets.publish import Patience
from exporters.sheets.split import publish_split
from exporters.table import Table
from jobs.definition import Column, SheetTarget
from reports.row import Row
from tests.support.sheet_tab import Value
from tests.support.sheets_api import FakeSheets, Fault

SHEET = "1AbC"
TARGET = SheetTarget(spreadsheet=SHEET, split_by="brand")
COLUMNS = (Column(field="url"), Column(field="brand"))


@pytest.fixture
def fake() -> Iterator[FakeSheets]:
    with FakeSheets() as started:
        started.add(SHEET)
        yield started


def publish(
    fake: FakeSheets, brands: Sequence[str | None], sequence: int = 1, job: str = "acme"
) -> list[Published]:
    def rows() -> Iterator[Row]:
        for position, brand in enumerate(brands):
            yield Row(position=position, url=f"https://a.example/{position}", brand=brand)

    google = GoogleClient(sheets_api_root=fake.root, limits=Limits(0, 0, 0))
    try:
        return publish_split(
            Table(COLUMNS, len(brands), rows),
            TARGET,
            job=job,
            run_id=f"r{sequence}",
            sequence=sequence,
            google=google,
            patience=Patience(pauses_s=(0.0,)),
        )
    finally:
        google.close()


def tabs(fake: FakeSheets) -> dict[str, list[Value]]:
    return {
        tab.title: [row[0] for row in fake.spreadsheet(SHEET).shown(tab)][1:]
        for tab in fake.spreadsheet(SHEET).tabs.values()
        if not tab.hidden and tab.title != "Sheet1"
    }


def test_every_value_has_a_tab_with_its_rows_in_order(fake: FakeSheets) -> None:
    published = publish(fake, ["Acme", "Bolt", "Acme", None])
    assert tabs(fake) == {
        "Report · Acme": ["https://a.example/0", "https://a.example/2"],
        "Report · Bolt": ["https://a.example/1"],
        "Report · none": ["https://a.example/3"],
    }
    assert [place.rows for place in published] == [2, 1, 1]
    assert len({place.link for place in published}) == 3


def test_a_value_that_is_gone_leaves_an_empty_tab(fake: FakeSheets) -> None:
    publish(fake, ["Acme", "Bolt"])
    publish(fake, ["Acme"], sequence=2)
    assert tabs(fake) == {"Report · Acme": ["https://a.example/0"], "Report · Bolt": []}
    requests = len(fake.requests)
    publish(fake, ["Acme"], sequence=3)
    assert len(fake.requests) == requests + 3  # one look round, one publish: the empty tab is left alone


def test_a_repeat_goes_on_where_the_first_attempt_stopped(fake: FakeSheets) -> None:
    fake.inject(*[Fault("500", only=":batchUpdate")])
    publish(fake, ["Acme", "Bolt"])
    commits = len(fake.commits)
    publish(fake, ["Acme", "Bolt"])
    assert len(fake.commits) == commits == 2


def test_a_field_of_too_many_values_is_refused_before_anything_is_written(fake: FakeSheets) -> None:
    with pytest.raises(SheetFull, match="Split by a field of at most 40 values"):
        publish(fake, [f"Brand {number}" for number in range(41)])
    assert fake.commits == []


def test_tabs_that_do_not_all_fit_are_refused_before_the_first_is_written(fake: FakeSheets) -> None:
    fake.spreadsheet(SHEET).tabs[0].row_count = 384_614  # leaves room for one tab of two cells and no more
    with pytest.raises(SheetFull, match="10,000,0"):
        publish(fake, [*["Acme"] * 10, *["Bolt"] * 10])
    assert fake.commits == []
    publish(fake, ["Acme", "Acme", "Acme", "Acme"])
    assert len(fake.commits) == 1


def test_a_late_run_adds_no_tab_beside_those_of_a_newer_one(fake: FakeSheets) -> None:
    publish(fake, ["Acme"], sequence=3)
    with pytest.raises(StaleRun, match="later run"):
        publish(fake, ["Wild", "Acme"], sequence=2)
    assert tabs(fake) == {"Report · Acme": ["https://a.example/0"]}


def test_values_that_differ_in_case_only_share_a_tab_on_every_day(fake: FakeSheets) -> None:
    publish(fake, ["Acme", "ACME", "Bolt"])
    publish(fake, ["ACME", "Acme"], sequence=2)
    assert tabs(fake) == {
        "Report · Acme": ["https://a.example/0", "https://a.example/1"],
        "Report · Bolt": [],
    }


def test_the_tabs_of_another_job_are_neither_emptied_nor_overwritten(fake: FakeSheets) -> None:
    publish(fake, ["Acme", "Bolt"], job="other")
    publish(fake, ["Wild"])
    assert tabs(fake)["Report · Bolt"] == ["https://a.example/1"]
    with pytest.raises(PublishRefused, match="shows the report of the job other"):
        publish(fake, ["Acme"], sequence=2)
    assert tabs(fake)["Report · Acme"] == ["https://a.example/0"]
