"""A spreadsheet in memory, with the parts of Google's behaviour that a publish leans on.

Rows are tuples and tabs are copied before they are changed, so a batch that fails leaves nothing behind and a
committed state can be kept at the price of a list of references.
"""

import copy
from dataclasses import replace
from typing import Any

from exporters.sheets.grid import parse_cell
from tests.support.sheet_tab import BadRequest, Cell, Formula, Tab, Value

MOST_CELLS = 10_000_000


class Spreadsheet:
    """Tabs by id, in order. `apply` carries out a batch wholly or not at all."""

    def __init__(self, spreadsheet_id: str) -> None:
        self.id = spreadsheet_id
        self.tabs: dict[int, Tab] = {0: Tab(0, "Sheet1")}
        self.bound: dict[str, dict[str, Any]] = {}
        """Ranges that named ranges and charts show: with the tab's id they are gone."""
        self._metadata_ids = 1000

    def titled(self, title: str) -> Tab:
        """Return the tab of a title. Raises KeyError."""
        for tab in self.tabs.values():
            if tab.title == title:
                return tab
        raise KeyError(title)

    def shown(self, tab: Tab) -> list[list[Value]]:
        """Return what a reader sees in a tab: formulas worked out, empty ends cut off."""
        rows = [[self.value(cell) for cell in row] for row in tab.rows]
        for row in rows:
            while row and row[-1] in {None, ""}:
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def value(self, cell: Cell) -> Value:
        """Return what a cell shows."""
        if not isinstance(cell, Formula):
            return cell
        if cell.tab not in self.tabs:
            return "#REF!"
        rows = self.tabs[cell.tab].rows[cell.rows]
        numbers = [value for row in rows for value in row[cell.columns] if isinstance(value, int | float)]
        return float(sum(number for number in numbers if not isinstance(number, bool)))

    def apply(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Carry out a batch. Raises BadRequest, and then nothing has happened."""
        before, bound = self.tabs, self.bound
        self.tabs = {tab_id: tab.copied() for tab_id, tab in before.items()}
        self.bound = copy.deepcopy(bound)
        try:
            replies = []
            for index, request in enumerate(requests):
                ((kind, body),) = request.items()
                try:
                    replies.append(getattr(self, f"_{kind}")(body) or {})
                except BadRequest as error:
                    msg = f"Invalid requests[{index}].{kind}: {error}"
                    raise BadRequest(msg) from error
            if sum(tab.row_count * tab.column_count for tab in self.tabs.values()) > MOST_CELLS:
                raise BadRequest("This action would increase the number of cells above the limit of 10000000")
            if all(tab.hidden for tab in self.tabs.values()):
                raise BadRequest("You can't hide or remove all the visible sheets in a document.")
        except BaseException:
            self.tabs, self.bound = before, bound
            raise
        return replies

    def write_values(self, a1: str, rows: list[list[Any]], *, raw: bool) -> int:
        """Write one range of `values.batchUpdate`; None leaves a cell as it is. Returns the rows updated."""
        tab, top, left, bottom, right = self.located(a1)
        if len(rows) > bottom - top or any(len(row) > right - left for row in rows):
            msg = f"Requested writing within range [{a1}], but tried writing outside of it"
            raise BadRequest(msg)
        self.tabs = {**self.tabs, tab.id: (changed := tab.copied())}
        for offset, row in enumerate(rows):
            values = tuple(row) if raw else tuple(_entered(value) for value in row)
            changed.put(top + offset, left, values, skip_none=True)
        return len(rows)

    def located(self, a1: str) -> tuple[Tab, int, int, int, int]:
        """Return tab and corners (ends exclusive) of an A1 range. Raises BadRequest."""
        title, _, place = a1.rpartition("!")
        if title.startswith("'"):
            title = title[1:-1].replace("''", "'")
        try:
            tab = self.titled(title) if title else next(iter(self.tabs.values()))
        except KeyError:
            msg = f"Unable to parse range: {a1}"
            raise BadRequest(msg) from None
        first, _, last = place.partition(":")
        last = last or first
        top, left = _corner(first, 0, 0)
        bottom, right = _corner(last, tab.row_count - 1, tab.column_count - 1)
        if bottom >= tab.row_count or right >= tab.column_count:
            msg = f"Range ({a1}) exceeds grid limits. Max rows: {tab.row_count}, max columns: {tab.column_count}"
            raise BadRequest(msg)
        return tab, top, left, bottom + 1, right + 1

    def _tab(self, tab_id: int) -> Tab:
        if tab_id not in self.tabs:
            msg = f"No grid with id: {tab_id}"
            raise BadRequest(msg)
        return self.tabs[tab_id]

    def _free(self, title: str, own: Tab | None = None) -> None:
        """Refuse a name that another tab has, whatever its case: Google tells none apart by it."""
        if any(tab.title.casefold() == title.casefold() for tab in self.tabs.values() if tab is not own):
            msg = f'A sheet with the name "{title}" already exists. Please enter another name.'
            raise BadRequest(msg)

    # One method per kind of request, named as the API names it.

    def _addSheet(self, body: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        wanted = body["properties"]
        tab_id = wanted.get("sheetId", max(self.tabs) + 7)
        if tab_id in self.tabs:
            msg = f'A sheet with ID "{tab_id}" already exists. Please enter another ID.'
            raise BadRequest(msg)
        title = wanted.get("title", f"Sheet{len(self.tabs) + 1}")
        self._free(title)
        grid = wanted.get("gridProperties", {})
        self.tabs[tab_id] = Tab(
            tab_id,
            title,
            grid.get("rowCount", 1000),
            grid.get("columnCount", 26),
            hidden=wanted.get("hidden", False),
            frozen=grid.get("frozenRowCount", 0),
        )
        return {"addSheet": {"properties": wanted}}

    def _deleteSheet(self, body: dict[str, Any]) -> None:  # noqa: N802
        if body["sheetId"] not in self.tabs:
            msg = f"No sheet with id: {body['sheetId']}"
            raise BadRequest(msg)
        del self.tabs[body["sheetId"]]
        self.bound = {
            name: place for name, place in self.bound.items() if place["sheetId"] != body["sheetId"]
        }
        for tab in self.tabs.values():  # what was bound to the id stays broken, should the id come again
            tab.rows = [
                tuple(_unbound(cell, body["sheetId"]) for cell in row)
                if any(isinstance(cell, Formula) for cell in row)
                else row
                for row in tab.rows
            ]

    def _updateSheetProperties(self, body: dict[str, Any]) -> None:  # noqa: N802
        wanted, fields = body["properties"], body["fields"]
        tab, grid = self._tab(wanted["sheetId"]), wanted.get("gridProperties", {})
        if "title" in fields:
            self._free(wanted["title"], tab)
            tab.title = wanted["title"]
        if "rowCount" in fields:
            tab.row_count = grid["rowCount"]
            del tab.rows[tab.row_count :]
        if "columnCount" in fields:
            tab.column_count = grid["columnCount"]
        if "frozenRowCount" in fields:
            tab.frozen = grid["frozenRowCount"]
        if tab.frozen >= tab.row_count:
            raise BadRequest("You can't freeze all visible rows on the sheet.")

    def _updateCells(self, body: dict[str, Any]) -> None:  # noqa: N802
        if "range" in body:
            tab = self._tab(body["range"]["sheetId"])
            rows, columns = tab.area(body["range"])
            for number in range(rows.start, min(rows.stop, len(tab.rows))):
                width = min(columns.stop, len(tab.rows[number])) - columns.start
                if width > 0:
                    tab.put(number, columns.start, (None,) * width)
            top, left = rows.start, columns.start
        else:
            start = body["start"]
            tab = self._tab(start.get("sheetId", 0))
            top, left = start.get("rowIndex", 0), start.get("columnIndex", 0)
        for offset, row in enumerate(body.get("rows", [])):
            tab.put(top + offset, left, tuple(_typed(cell) for cell in row.get("values", [])))

    def _updateDimensionProperties(self, body: dict[str, Any]) -> None:  # noqa: N802
        place, tab = body["range"], self._tab(body["range"]["sheetId"])
        if place["dimension"] != "COLUMNS" or place["endIndex"] > tab.column_count:
            raise BadRequest("the columns are not in the grid")
        size = body["properties"]["pixelSize"]
        tab.widths.update(dict.fromkeys(range(place["startIndex"], place["endIndex"]), size))

    def _repeatCell(self, body: dict[str, Any]) -> None:  # noqa: N802
        tab = self._tab(body["range"]["sheetId"])
        tab.area(body["range"])
        tab.formats.append((body["range"], body["fields"], body["cell"]))

    def _copyPaste(self, body: dict[str, Any]) -> None:  # noqa: N802
        source, target = self._tab(body["source"]["sheetId"]), self._tab(body["destination"]["sheetId"])
        rows, columns = source.area(body["source"])
        top, left = target.area(body["destination"])
        if body["pasteType"] == "PASTE_FORMAT":
            target.formats.append((body["destination"], "paste", body["source"]))
            return
        if body["pasteType"] != "PASTE_VALUES":
            message = f"the fake does not paste {body['pasteType']}"
            raise NotImplementedError(message)
        if target.filter and target.filter.get("filterSpecs"):
            raise BadRequest("the fake refuses a paste below an active filter: hidden rows would stay")
        width = columns.stop - columns.start
        for offset in range(rows.stop - rows.start):
            found = source.rows[rows.start + offset] if rows.start + offset < len(source.rows) else ()
            values = tuple(self.value(cell) for cell in found[columns])
            target.put(top.start + offset, left.start, values + (None,) * (width - len(values)))

    def _clearBasicFilter(self, body: dict[str, Any]) -> None:  # noqa: N802
        self._tab(body["sheetId"]).filter = None

    def _setBasicFilter(self, body: dict[str, Any]) -> None:  # noqa: N802
        tab = self._tab(body["filter"]["range"]["sheetId"])
        tab.area(body["filter"]["range"])
        tab.filter = body["filter"]

    def _addConditionalFormatRule(self, body: dict[str, Any]) -> None:  # noqa: N802
        rule = body["rule"]
        tab = self._tab(rule["ranges"][0]["sheetId"])
        tab.area(rule["ranges"][0])
        if body.get("index", 0) > len(tab.rules):
            raise BadRequest("index is beyond the rules")
        tab.rules.insert(body.get("index", 0), rule)

    def _updateConditionalFormatRule(self, body: dict[str, Any]) -> None:  # noqa: N802
        tab = self._tab(body["sheetId"])
        if body["index"] >= len(tab.rules):
            raise BadRequest("No conditional format on sheet at index")
        tab.rules[body["index"]] = body["rule"]

    def _deleteConditionalFormatRule(self, body: dict[str, Any]) -> None:  # noqa: N802
        tab = self._tab(body["sheetId"])
        if body["index"] >= len(tab.rules):
            raise BadRequest("No conditional format on sheet at index")
        del tab.rules[body["index"]]

    def _createDeveloperMetadata(self, body: dict[str, Any]) -> None:  # noqa: N802
        made = body["developerMetadata"]
        self._metadata_ids += 1
        tab = self._tab(made["location"]["sheetId"])
        tab.metadata[self._metadata_ids] = {**made, "metadataId": self._metadata_ids}

    def _updateDeveloperMetadata(self, body: dict[str, Any]) -> None:  # noqa: N802
        wanted = {item["developerMetadataLookup"]["metadataId"] for item in body["dataFilters"]}
        found = False
        for tab in self.tabs.values():
            for metadata_id, item in tab.metadata.items():
                if metadata_id in wanted:
                    item["metadataValue"] = body["developerMetadata"]["metadataValue"]
                    found = True
        if not found:
            raise BadRequest("No developer metadata matched the filter.")


def _unbound(cell: Cell, tab: int) -> Cell:
    return replace(cell, tab=None) if isinstance(cell, Formula) and cell.tab == tab else cell


def _typed(cell: dict[str, Any]) -> Cell:
    value = cell.get("userEnteredValue")
    if not value:
        return None
    ((kind, found),) = value.items()
    if kind == "formulaValue":
        message = "a report never writes formulas"
        raise AssertionError(message)
    typed: Value = found
    return typed


def _entered(value: Any) -> Value:
    """Read a value as USER_ENTERED does, roughly: what RAW must save us from."""
    if isinstance(value, str):
        if value.startswith("="):
            return f"formula {value}"
        try:
            return float(value)
        except ValueError:
            return value
    found: Value = value
    return found


def _corner(a1: str, row: int, column: int) -> tuple[int, int]:
    """Return a corner's place; a part that is left out is the given one."""
    if a1.isalpha():
        return row, parse_cell(f"{a1}1").column
    if a1.isdigit():
        return int(a1) - 1, column
    place = parse_cell(a1)
    return place.row, place.column
