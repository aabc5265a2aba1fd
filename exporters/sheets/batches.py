"""The publish batch: one list of requests that Google carries out wholly or not at all. Pure.

The generation is a hidden 1x1 tab whose sheet id is a counter. Every publish deletes the one it has read and
adds the next: deleting an id that is gone fails the whole batch, so of two publishes that read the same state
only one takes place. A compare-and-swap, made of what the API has.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from exporters.errors import SheetFull
from exporters.sheets.grid import Place, grid_range, parse_cell
from exporters.sheets.layout import (
    Request,
    format_requests,
    freeze_request,
    rule_requests,
    rules,
    width_requests,
)
from exporters.sheets.state import MARK_KEY, STAGING_PREFIX, Mark, SheetState, Tab, generation_title
from exporters.table import Table

MOST_CELLS = 10_000_000
"""Cells of a spreadsheet, empty ones and hidden tabs included. Source: Google Drive help."""
_LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class Target:
    """Where in the spreadsheet the report stands."""

    tab: str
    start: Place


@dataclass(frozen=True)
class Plan:
    """One publish against one reading: the ids it will make, and the size of the grid afterwards."""

    state: SheetState
    table: Table
    target: Target
    layout: str
    live_id: int
    generation_id: int
    grid_rows: int
    grid_columns: int
    anew: bool
    """Whether formats, filter and colours are set: the first time, or the columns have changed."""


def make_plan(state: SheetState, table: Table, target: Target, layout: str) -> Plan:
    """Return the ids and sizes of a publish. The same reading gives the same ids: that is what collides."""
    live = state.live
    live_id = live.id if live else free_id(f"live {target.tab}", state.ids)
    known = state.generation.id if state.generation else (state.mark.generation if state.mark else None)
    taken = state.ids | {live_id}
    generation_id = free_id(f"generation {live_id}", taken) if known is None else next_id(known, taken)
    return Plan(
        state=state,
        table=table,
        target=target,
        layout=layout,
        live_id=live_id,
        generation_id=generation_id,
        # One row below the header at the least: a grid of frozen rows only is refused.
        grid_rows=max(live.rows if live else 0, target.start.row + 1 + max(1, table.total)),
        grid_columns=max(live.columns if live else 0, target.start.column + len(table.columns)),
        anew=state.mark is None or live is None or state.mark.layout != layout,
    )


def free_id(name: str, taken: frozenset[int]) -> int:
    """Return the sheet id that everybody derives from a name, not taken yet."""
    first = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) % 2_000_000_000
    return next_id(first, taken)


def next_id(after: int, taken: frozenset[int]) -> int:
    """Return the next higher sheet id that is free."""
    found = after % _LARGEST_ID + 1
    while found in taken:
        found = found % _LARGEST_ID + 1
    return found


def check_room(plans: Sequence[Plan], *, staged_rows: int = 0) -> None:
    """Raise SheetFull when the spreadsheet could not hold a report's tabs, before anything is written.

    All plans are of one reading; `staged_rows` are those of the largest working copy, there being one at a time.
    """
    grown = sum(plan.grid_rows * plan.grid_columns + 1 - _live_cells(plan) for plan in plans)
    staging = staged_rows * (len(plans[0].table.columns) + 1)
    needed = plans[0].state.cells + grown + staging
    if needed > MOST_CELLS:
        total = sum(plan.table.total for plan in plans)
        what = (
            f"The spreadsheet would need {needed:,} cells for {total:,} rows, working copy included; "
            f"Google allows {MOST_CELLS:,}"
        )
        raise SheetFull(
            what, "Publish files instead, split the report by a column, or give it a spreadsheet of its own."
        )


def _live_cells(plan: Plan) -> int:
    return plan.state.live.cells if plan.state.live else 0


def staging_requests(
    staging_id: int, name: str, rows: int, columns: int, dead: Sequence[Tab]
) -> list[Request]:
    """Return the batch that adds a hidden staging tab and removes those of dead attempts."""
    properties = {
        "sheetId": staging_id,
        "title": f"{STAGING_PREFIX}{name}",
        "hidden": True,
        "gridProperties": {"rowCount": rows, "columnCount": columns},
    }
    return [*(_delete(tab.id) for tab in dead), {"addSheet": {"properties": properties}}]


def publish_requests(plan: Plan, mark: Mark, data: list[Request], leftovers: Sequence[int]) -> list[Request]:
    """Return the batch that shows the report: swap, grow, clear, fill by `data`, mark, clean up."""
    start, width, state = plan.target.start, len(plan.table.columns), plan.state
    old_width = state.mark.columns if state.mark and _old_start(plan) is None else width
    cleared = min(max(width, old_width), plan.grid_columns - start.column)
    return [
        *_swap(plan),
        *_grid(plan),
        *([{"clearBasicFilter": {"sheetId": plan.live_id}}] if _filter(state) else []),
        *_moved(plan),
        # To the grid's end, not to the last report's: a person may have moved rows of it further down.
        {
            "updateCells": {
                "range": grid_range(plan.live_id, start.row, start.column, columns=cleared),
                "fields": "userEnteredValue",
            }
        },
        _header(plan),
        *data,
        *_layout(plan),
        *_filtered(plan),
        _marked(plan, mark),
        *(_delete(tab) for tab in leftovers),
    ]


def _old_start(plan: Plan) -> Place | None:
    """Return where the report stood, when the definition has moved it since."""
    mark = plan.state.mark
    old = parse_cell(mark.start) if mark else plan.target.start
    return None if old == plan.target.start else old


def _moved(plan: Plan) -> list[Request]:
    """Clear the block where the report stood before it was moved, values and formats, down to the grid's end."""
    old, mark = _old_start(plan), plan.state.mark
    if old is None or mark is None:
        return []
    columns = min(mark.columns, plan.grid_columns - old.column)
    if columns <= 0 or old.row >= plan.grid_rows:  # a person has made the grid smaller
        return []
    place = grid_range(plan.live_id, old.row, old.column, columns=columns)
    return [{"updateCells": {"range": place, "fields": "userEnteredValue,userEnteredFormat"}}]


def pasted(plan: Plan, staging_id: int) -> list[Request]:
    """Return the requests that copy the staging tab's values, and nothing else, into the live tab."""
    table, start = plan.table, plan.target.start
    if not table.total:
        return []
    size = {"rows": table.total, "columns": len(table.columns)}
    return [
        {
            "copyPaste": {
                "source": grid_range(staging_id, 0, 0, **size),
                "destination": grid_range(plan.live_id, start.row + 1, start.column, **size),
                "pasteType": "PASTE_VALUES",
            }
        }
    ]


def typed_rows(plan: Plan, rows: list[dict[str, Any]]) -> list[Request]:
    """Return the request that writes a small report's rows as typed cells."""
    if not rows:
        return []
    start = plan.target.start
    place = {"sheetId": plan.live_id, "rowIndex": start.row + 1, "columnIndex": start.column}
    return [{"updateCells": {"start": place, "rows": rows, "fields": "userEnteredValue"}}]


def _delete(tab: int) -> Request:
    return {"deleteSheet": {"sheetId": tab}}


def _swap(plan: Plan) -> list[Request]:
    added = {
        "sheetId": plan.generation_id,
        "title": generation_title(plan.live_id),
        "hidden": True,
        "gridProperties": {"rowCount": 1, "columnCount": 1},
    }
    old = plan.state.generation
    gone = [_delete(old.id)] if old else []
    return [*gone, {"addSheet": {"properties": added}}]


def _grid(plan: Plan) -> list[Request]:
    """Add the live tab, or grow it; rows and columns are never removed."""
    target, width = plan.target, len(plan.table.columns)
    size = {"rowCount": plan.grid_rows, "columnCount": plan.grid_columns}
    live = plan.state.live
    if live is None:
        properties = {"sheetId": plan.live_id, "title": target.tab, "gridProperties": size}
        return [{"addSheet": {"properties": properties}}]
    if (live.rows, live.columns) == (plan.grid_rows, plan.grid_columns):
        return []
    grown: list[Request] = [
        {
            "updateSheetProperties": {
                "properties": {"sheetId": live.id, "gridProperties": size},
                "fields": "gridProperties(rowCount,columnCount)",
            }
        }
    ]
    first = target.start.row + 1
    if not plan.anew and live.rows > first and plan.grid_rows > live.rows:
        # New rows look like the first one, with whatever a person has made of its formats.
        source = grid_range(live.id, first, target.start.column, rows=1, columns=width)
        new = grid_range(
            live.id, live.rows, target.start.column, rows=plan.grid_rows - live.rows, columns=width
        )
        grown.append({"copyPaste": {"source": source, "destination": new, "pasteType": "PASTE_FORMAT"}})
    return grown


def _header(plan: Plan) -> Request:
    start = plan.target.start
    row = {"values": [{"userEnteredValue": {"stringValue": text}} for text in plan.table.headings]}
    place = {"sheetId": plan.live_id, "rowIndex": start.row, "columnIndex": start.column}
    return {"updateCells": {"start": place, "rows": [row], "fields": "userEnteredValue"}}


def _layout(plan: Plan) -> list[Request]:
    state, table, start = plan.state, plan.table, plan.target.start
    present = state.live.conditional_formats if state.live else []
    ours = rules(plan.live_id, table, start, plan.grid_rows)
    made = rule_requests(plan.live_id, present, ours, anew=plan.anew)
    if not plan.anew:
        return made
    # Widths only of a tab that we add: the other columns of a person's tab share them.
    widths = width_requests(plan.live_id, table, start) if state.live is None else []
    formats = format_requests(plan.live_id, table, start)
    return [*formats, *widths, freeze_request(plan.live_id, start), *made]


def _filter(state: SheetState) -> dict[str, Any] | None:
    return state.live.basic_filter if state.live else None


def _filtered(plan: Plan) -> list[Request]:
    """Put the filter back over the rows there are now, with a person's criteria; a removed one stays removed.

    It is cleared before the paste because rows that a filter hides would not take part.
    """
    table, start, found = plan.table, plan.target.start, _filter(plan.state)
    ours = grid_range(plan.live_id, start.row, start.column, rows=1 + table.total, columns=len(table.columns))
    if found is not None and _old_start(plan) is not None and "tableId" not in found:
        return [{"setBasicFilter": {"filter": {"range": ours}}}]
    if found is None:
        return [{"setBasicFilter": {"filter": {"range": ours}}}] if plan.anew else []
    kept = {**found, "range": {**found.get("range", {}), "sheetId": plan.live_id}}
    if kept["range"].get("startRowIndex", 0) == start.row:
        kept["range"]["endRowIndex"] = ours["endRowIndex"]
    if "filterSpecs" in kept:
        kept.pop("criteria", None)  # the same, in the API's older form
    if "tableId" in kept:
        del kept["range"]  # a table's filter is the table's size; the API takes only one of both
    return [{"setBasicFilter": {"filter": kept}}]


def _marked(plan: Plan, mark: Mark) -> Request:
    value = msgspec.json.encode(mark).decode()
    if plan.state.mark_id is not None:
        return {
            "updateDeveloperMetadata": {
                "dataFilters": [{"developerMetadataLookup": {"metadataId": plan.state.mark_id}}],
                "developerMetadata": {"metadataValue": value},
                "fields": "metadataValue",
            }
        }
    made = {
        "metadataKey": MARK_KEY,
        "metadataValue": value,
        "location": {"sheetId": plan.live_id},
        "visibility": "DOCUMENT",
    }
    return {"createDeveloperMetadata": {"developerMetadata": made}}
