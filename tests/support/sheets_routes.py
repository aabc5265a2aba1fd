"""What the fake Sheets and Drive answer to each request, checked against the discovery documents both ways."""

from collections.abc import Callable
from typing import Any, Final, Protocol

from exporters.google.client import SCOPES
from exporters.sheets.grid import Place, a1_range
from tests.support.discovery import check, check_mask, check_parameters, check_scopes
from tests.support.fields_mask import masked
from tests.support.sheet_tab import BadRequest, Tab
from tests.support.spreadsheet import Spreadsheet


class Google(Protocol):
    """What the routes work on."""

    def opened(self, spreadsheet_id: str, *, to_write: bool = False) -> Spreadsheet:
        """Return a spreadsheet, if it is shared, and to be edited where it is `to_write`."""

    def file(self, file_id: str) -> dict[str, Any]:
        """Return a file of Drive, if it is shared."""

    def drive(self, drive_id: str) -> dict[str, Any]:
        """Return a shared drive."""

    def committed(self, spreadsheet: Spreadsheet) -> None:
        """Take note of a committed state."""


def _get(fake: Google, parts: list[str], query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    _allowed("sheets.v4", "spreadsheets.get", query)
    spreadsheet = fake.opened(parts[0])
    answer = {
        "spreadsheetId": spreadsheet.id,
        "properties": {"title": "Prices", "locale": "de_DE", "timeZone": "Europe/Berlin"},
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{spreadsheet.id}/edit",
        "sheets": [_sheet(tab, index) for index, tab in enumerate(spreadsheet.tabs.values())],
    }
    check("sheets.v4", "Spreadsheet", answer)
    return _selected("sheets.v4", "Spreadsheet", answer, query)


def _sheet(tab: Tab, index: int) -> dict[str, Any]:
    """Return a tab as the API tells of it: what is empty or false is left out."""
    grid: dict[str, Any] = {"rowCount": tab.row_count, "columnCount": tab.column_count}
    if tab.frozen:
        grid["frozenRowCount"] = tab.frozen
    properties: dict[str, Any] = {
        "sheetId": tab.id,
        "title": tab.title,
        "index": index,
        "gridProperties": grid,
    }
    if tab.hidden:
        properties["hidden"] = True
    found: dict[str, Any] = {"properties": properties}
    if tab.filter is not None:
        found["basicFilter"] = tab.filter
    if tab.rules:
        found["conditionalFormats"] = tab.rules
    if tab.metadata:
        found["developerMetadata"] = list(tab.metadata.values())
    return found


def _batch_update(fake: Google, parts: list[str], query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    _allowed("sheets.v4", "spreadsheets.batchUpdate", query)
    check("sheets.v4", "BatchUpdateSpreadsheetRequest", body)
    spreadsheet = fake.opened(parts[0], to_write=True)
    replies = spreadsheet.apply(body["requests"])
    fake.committed(spreadsheet)
    return {"spreadsheetId": spreadsheet.id, "replies": replies}


def _values_update(fake: Google, parts: list[str], query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    _allowed("sheets.v4", "spreadsheets.values.batchUpdate", query)
    check("sheets.v4", "BatchUpdateValuesRequest", body)
    spreadsheet = fake.opened(parts[0], to_write=True)
    before = spreadsheet.tabs
    try:
        rows = sum(
            spreadsheet.write_values(item["range"], item["values"], raw=body["valueInputOption"] == "RAW")
            for item in body["data"]
        )
    except BadRequest:
        spreadsheet.tabs = before
        raise
    fake.committed(spreadsheet)
    return {"spreadsheetId": spreadsheet.id, "totalUpdatedRows": rows}


def _values_get(fake: Google, parts: list[str], query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    _allowed("sheets.v4", "spreadsheets.values.batchGet", query)
    spreadsheet = fake.opened(parts[0])
    formatted = query.get("valueRenderOption", ["FORMATTED_VALUE"])[0] == "FORMATTED_VALUE"
    found = []
    for a1 in query["ranges"]:
        tab, top, left, bottom, right = spreadsheet.located(a1)
        cells = [
            [spreadsheet.value(tab.cell(row, column)) for column in range(left, min(right, left + 50))]
            for row in range(top, min(bottom, len(tab.rows)))
        ]
        rows: list[list[Any]] = [["" if cell is None else cell for cell in row] for row in cells]
        for row in rows:
            while row and row[-1] == "":
                row.pop()
        while rows and not rows[-1]:
            rows.pop()
        if formatted:
            rows = [[str(cell) for cell in row] for row in rows]
        place = a1_range(tab.title, Place(top, left), Place(bottom - 1, right - 1))
        found.append({"range": place, "majorDimension": "ROWS", **({"values": rows} if rows else {})})
    answer = {"spreadsheetId": spreadsheet.id, "valueRanges": found}
    check("sheets.v4", "BatchGetValuesResponse", answer)
    return _selected("sheets.v4", "BatchGetValuesResponse", answer, query)


def _file(fake: Google, parts: list[str], query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    _allowed("drive.v3", "files.get", query)
    if query.get("supportsAllDrives") != ["true"] and "driveId" in fake.file(parts[0]):
        raise KeyError(parts[0])  # shared drives are not there for a client that does not say so
    check("drive.v3", "File", fake.file(parts[0]))
    return _selected("drive.v3", "File", fake.file(parts[0]), query)


def _drive(fake: Google, parts: list[str], query: dict[str, list[str]], body: Any) -> dict[str, Any]:
    _allowed("drive.v3", "drives.get", query)
    check("drive.v3", "Drive", fake.drive(parts[0]))
    return _selected("drive.v3", "Drive", fake.drive(parts[0]), query)


def _allowed(name: str, method: str, query: dict[str, list[str]]) -> None:
    """Hold a call to its parameters and to what the client asks the sign-in for."""
    check_parameters(name, method, query)
    check_scopes(name, method, SCOPES)


def _selected(name: str, schema: str, answer: dict[str, Any], query: dict[str, list[str]]) -> dict[str, Any]:
    """Return what the mask of the query selects; a mask that names no field of the schema is refused."""
    if "fields" not in query:
        return answer
    check_mask(name, schema, query["fields"][0])
    found: dict[str, Any] = masked(answer, query["fields"][0])
    return found


_Work = Callable[[Google, list[str], dict[str, list[str]], Any], dict[str, Any]]
ROUTES: Final[tuple[tuple[str, str, _Work], ...]] = (
    (r"/v4/spreadsheets/([^/:]+)", "GET", _get),
    (r"/v4/spreadsheets/([^/:]+):batchUpdate", "POST", _batch_update),
    (r"/v4/spreadsheets/([^/:]+)/values:batchUpdate", "POST", _values_update),
    (r"/v4/spreadsheets/([^/:]+)/values:batchGet", "GET", _values_get),
    (r"/drive/v3/files/([^/]+)", "GET", _file),
    (r"/drive/v3/drives/([^/]+)", "GET", _drive),
)
