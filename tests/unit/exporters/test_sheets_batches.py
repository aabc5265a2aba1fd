"""The publish batch: what collides, what is kept, what is refused before anything is written."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from exporters.errors import SheetFull
from exporters.sheets.batches import Target, check_room, make_plan, publish_requests
from exporters.sheets.grid import Place
from exporters.sheets.layout import format_requests, layout_digest
from exporters.sheets.state import MARK_KEY, Mark, look
from exporters.table import Table
from jobs.definition import Column

COLUMNS = tuple(Column(field=name) for name in ("url", "price", "changes"))
START = Place(0, 0)


def table(total: int = 10) -> Table:
    return Table(COLUMNS, total, lambda: iter(()))


def test_amounts_are_shown_in_the_decimals_of_the_reports_currencies() -> None:
    for decimals, pattern in ((0, "#,##0"), (2, "#,##0.00")):
        asked = format_requests(7, replace(table(), decimals=decimals), START)
        shown = [one["repeatCell"]["cell"].get("userEnteredFormat", {}).get("numberFormat") for one in asked]
        assert {"type": "NUMBER", "pattern": pattern} in shown


LAYOUT = layout_digest(table(), START)


def mark(**changed: object) -> Mark:
    known: dict[str, Any] = {
        "job": "acme", "start": "A1", "run": "r1", "sequence": 1, "rows": 10, "columns": 3, "checksum": "",
        "tab": "Report", "generation": 500, "layout": LAYOUT,
    }  # fmt: skip
    return Mark(**{**known, **changed})


def answer(
    *, title: str = "Report", rows: int = 100, marked: Mark | None = None, **more: object
) -> dict[str, Any]:
    grid = {"rowCount": rows, "columnCount": 5}
    live: dict[str, Any] = {"properties": {"sheetId": 7, "title": title, "gridProperties": grid}, **more}
    sheets = [{"properties": {"sheetId": 0, "title": "Notes", "gridProperties": grid}}, live]
    if marked is not None:
        value = msgspec.json.encode(marked).decode()
        live["developerMetadata"] = [{"metadataId": 9, "metadataKey": MARK_KEY, "metadataValue": value}]
        generation = {"sheetId": marked.generation, "title": "_shelfbeat generation 7", "hidden": True}
        sheets.append({"properties": {**generation, "gridProperties": {"rowCount": 1, "columnCount": 1}}})
    return {"spreadsheetUrl": "https://docs.example/1", "sheets": sheets}


def batch(said: dict[str, Any], total: int = 10) -> list[dict[str, Any]]:
    plan = make_plan(look(said, "Report", "acme"), table(total), Target("Report", START), LAYOUT)
    return publish_requests(plan, mark(run="r2", generation=plan.generation_id), [], [])


def kinds(requests: list[dict[str, Any]]) -> list[str]:
    return [next(iter(request)) for request in requests]


def test_two_publishes_of_one_reading_delete_the_same_generation_and_add_the_same_next() -> None:
    first, second = (batch(answer(marked=mark())) for _ in range(2))
    assert first[:2] == second[:2]
    assert first[0] == {"deleteSheet": {"sheetId": 500}}
    assert first[1]["addSheet"]["properties"]["sheetId"] == 501


def test_the_first_publishes_of_a_tab_collide_too() -> None:
    made = [batch({"sheets": []}) for _ in range(2)]
    assert made[0][:2] == made[1][:2]
    assert kinds(made[0])[:2] == ["addSheet", "addSheet"]


def test_a_generation_tab_that_a_person_deleted_is_replaced_by_the_next_number() -> None:
    said = answer(marked=mark())
    del said["sheets"][-1]
    requests = batch(said)
    assert requests[0]["addSheet"]["properties"]["sheetId"] == 501


def test_a_renamed_tab_is_found_by_our_mark() -> None:
    state = look(answer(title="Preise", marked=mark()), "Report", "acme")
    assert state.live is not None
    assert state.live.id == 7


def test_a_mark_that_nobody_can_read_is_as_none() -> None:
    said = answer(marked=mark())
    said["sheets"][1]["developerMetadata"][0]["metadataValue"] = "{"
    state = look(said, "Report", "acme")
    assert state.mark is None
    assert state.generation is not None


def test_formats_filter_and_colours_are_set_once() -> None:
    first = kinds(batch(answer()))
    again = kinds(batch(answer(marked=mark())))
    assert {"repeatCell", "setBasicFilter", "addConditionalFormatRule"} <= set(first)
    assert not {"repeatCell", "setBasicFilter", "addConditionalFormatRule"} & set(again)


def test_new_columns_set_them_anew() -> None:
    assert "repeatCell" in kinds(batch(answer(marked=mark(layout="other"))))


def test_a_filter_is_put_back_over_the_rows_there_are_with_a_persons_criteria() -> None:
    specs = [{"columnIndex": 1, "filterCriteria": {"hiddenValues": ["1"]}}]
    found = {
        "range": {"sheetId": 7, "startRowIndex": 0, "endRowIndex": 5, "endColumnIndex": 4},
        "filterSpecs": specs,
    }
    requests = batch(answer(marked=mark(), basicFilter=found), total=50)
    names = kinds(requests)
    assert names.index("clearBasicFilter") < names.index("updateCells") < names.index("setBasicFilter")
    back = requests[names.index("setBasicFilter")]["setBasicFilter"]["filter"]
    assert back["filterSpecs"] == specs
    assert (back["range"]["endRowIndex"], back["range"]["endColumnIndex"]) == (51, 4)


def test_the_filter_of_a_table_is_put_back_by_its_table() -> None:
    found = {
        "range": {"sheetId": 7, "startRowIndex": 0, "endRowIndex": 5},
        "tableId": "t1",
        "filterSpecs": [],
    }
    (back,) = [
        item["setBasicFilter"]["filter"]
        for item in batch(answer(marked=mark(), basicFilter=found))
        if "setBasicFilter" in item
    ]
    assert back == {"tableId": "t1", "filterSpecs": []}


def test_the_grid_grows_and_never_shrinks() -> None:
    grown = batch(answer(marked=mark(), rows=100), total=200)
    (size,) = [item["updateSheetProperties"] for item in grown if "updateSheetProperties" in item]
    assert size["properties"]["gridProperties"] == {"rowCount": 201, "columnCount": 5}
    assert "updateSheetProperties" not in kinds(batch(answer(marked=mark(), rows=100), total=2))


def test_new_rows_take_the_first_rows_formats() -> None:
    (paste,) = [
        item["copyPaste"] for item in batch(answer(marked=mark(), rows=100), total=200) if "copyPaste" in item
    ]
    assert paste["pasteType"] == "PASTE_FORMAT"
    assert (paste["source"]["startRowIndex"], paste["source"]["endRowIndex"]) == (1, 2)
    assert (paste["destination"]["startRowIndex"], paste["destination"]["endRowIndex"]) == (100, 201)


def test_our_colours_stretch_with_the_grid_and_a_persons_rules_are_left_alone() -> None:
    first = batch(answer(rows=100))
    ours = [item["addConditionalFormatRule"]["rule"] for item in first if "addConditionalFormatRule" in item]
    theirs = {"ranges": [{"sheetId": 7}], "booleanRule": {"condition": {"type": "BLANK"}, "format": {}}}
    present = [ours[0], theirs, *ours[2:]]  # a person has deleted our second rule
    requests = batch(answer(marked=mark(), rows=100, conditionalFormats=present), total=500)
    updated = [
        item["updateConditionalFormatRule"] for item in requests if "updateConditionalFormatRule" in item
    ]
    assert [item["index"] for item in updated] == [0, *range(2, len(present))]
    assert {item["rule"]["ranges"][0]["endRowIndex"] for item in updated} == {501}
    assert "addConditionalFormatRule" not in kinds(requests)


def test_everything_of_the_old_report_is_cleared_to_the_grids_end() -> None:
    requests = batch(answer(marked=mark(columns=4)))
    (cleared,) = [item["updateCells"] for item in requests if "range" in item.get("updateCells", {})]
    assert "endRowIndex" not in cleared["range"]
    assert cleared["range"]["endColumnIndex"] == 4


def test_clearing_stays_inside_a_grid_that_a_person_has_made_narrower() -> None:
    said = answer(marked=mark(columns=9))
    said["sheets"][1]["properties"]["gridProperties"]["columnCount"] = 3
    (cleared,) = [item["updateCells"] for item in batch(said) if "range" in item.get("updateCells", {})]
    assert cleared["range"]["endColumnIndex"] == 3


@pytest.mark.parametrize(
    ("rows", "staged_rows", "fits"), [(1_600_000, 0, True), (1_600_000, 1_600_000, False)]
)
def test_a_report_with_its_working_copy_must_fit_before_anything_is_written(
    rows: int, staged_rows: int, fits: bool
) -> None:
    plan = make_plan(look(answer(), "Report", "acme"), table(rows), Target("Report", START), LAYOUT)
    if fits:
        check_room([plan], staged_rows=staged_rows)
    else:
        with pytest.raises(SheetFull, match="files instead"):
            check_room([plan], staged_rows=staged_rows)


def test_what_dead_attempts_left_does_not_count_as_full() -> None:
    said = answer()
    grid = {"rowCount": 1_900_000, "columnCount": 5}
    said["sheets"].append(
        {"properties": {"sheetId": 8, "title": "_shelfbeat staging 1", "gridProperties": grid}}
    )
    plan = make_plan(look(said, "Report", "acme"), table(500_000), Target("Report", START), LAYOUT)
    check_room([plan], staged_rows=500_000)
