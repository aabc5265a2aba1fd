"""The fake refuses what Google's discovery documents and limits do not allow: else its word would be worth nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.support.sheets_api import FakeSheets

SHEET = "1AbC"


@pytest.fixture
def fake() -> Iterator[FakeSheets]:
    with FakeSheets() as started:
        started.add(SHEET)
        yield started


def said(fake: FakeSheets, *asked: dict[str, Any]) -> str:
    """Return what the fake answers to a batch that it must refuse."""
    url = f"{fake.root}/v4/spreadsheets/{SHEET}:batchUpdate"
    answer = requests.post(url, json={"requests": list(asked)}, timeout=10)
    assert answer.status_code == 400
    assert fake.commits == []
    return str(answer.json()["error"]["message"])


FREEZE: dict[str, Any] = {"properties": {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}}}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"addSheet": {"propertees": {}}}, "unknown name 'propertees'"),
        ({"addSheet": {"properties": {"sheetId": "7"}}}, "not of type integer"),
        ({"updateSheetProperties": FREEZE}, "At least one field must be listed"),
        (
            {"updateSheetProperties": {**FREEZE, "fields": "gridProperties.frozenRows"}},
            "Invalid field selection",
        ),
        ({"deleteSheet": {"sheetId": 0}, "addSheet": {}}, "exactly one of"),
        (
            {"updateCells": {"start": {}, "range": {}, "fields": "userEnteredValue"}},
            "exactly one of ('start', 'range')",
        ),
        (
            {"setBasicFilter": {"filter": {"range": {"sheetId": 0}, "tableId": "t"}}},
            "exactly one of ('range', 'tableId')",
        ),
        ({"copyPaste": {"pasteType": "PASTE_EVERYTHING"}}, "is none of"),
        ({"deleteSheet": {"sheetId": 5}}, "No sheet with id: 5"),
    ],
)
def test_what_is_not_the_api_is_refused(fake: FakeSheets, asked: dict[str, Any], words: str) -> None:
    assert words in said(fake, asked)


def test_a_reading_is_held_to_the_fields_there_are(fake: FakeSheets) -> None:
    url = f"{fake.root}/v4/spreadsheets/{SHEET}"
    good = requests.get(url, params={"fields": "sheets(properties(sheetId),basicFilter)"}, timeout=10)
    assert good.json() == {"sheets": [{"properties": {"sheetId": 0}}]}
    wrong = requests.get(url, params={"fields": "sheets(properties(sheetIdd))"}, timeout=10)
    assert (wrong.status_code, "Invalid field selection sheetIdd" in wrong.text) == (400, True)
    unknown = requests.get(url, params={"field": "sheets"}, timeout=10)
    assert unknown.status_code == 400


def test_a_cell_and_a_request_have_their_limits(fake: FakeSheets) -> None:
    long = {"values": [{"userEnteredValue": {"stringValue": "x" * 50_001}}]}
    cells = {"start": {"sheetId": 0}, "rows": [long], "fields": "userEnteredValue"}
    assert "50000 characters" in said(fake, {"updateCells": cells})
    huge = {"values": [{"userEnteredValue": {"stringValue": "x" * 11_000_000}}]}
    assert "payload size" in said(fake, {"updateCells": {**cells, "rows": [huge]}})


def test_a_batch_whose_last_request_fails_leaves_nothing_behind(fake: FakeSheets) -> None:
    said(fake, {"addSheet": {"properties": {"title": "New"}}}, {"deleteSheet": {"sheetId": 5}})
    assert [tab.title for tab in fake.spreadsheet(SHEET).tabs.values()] == ["Sheet1"]
