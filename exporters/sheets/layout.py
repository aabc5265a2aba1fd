"""What the first publish sets once: number formats, frozen header, filter, colours. Never piled up.

A person may change all of it afterwards; it is set anew only when the columns of the definition change.
"""

import hashlib
from typing import Any, Final

from exporters.colours import GREEN, GREY, RED, Highlight, highlights
from exporters.sheets.grid import Place, grid_range
from exporters.table import Table
from exporters.widths import pixels
from reports.columns import Style

Request = dict[str, Any]

_PATTERNS: Final[dict[Style, dict[str, str]]] = {
    "percent": {"type": "NUMBER", "pattern": '0.0"%"'},
    "date": {"type": "DATE", "pattern": "yyyy-mm-dd"},
    "datetime": {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm:ss"},
    "text": {"type": "TEXT"},
}
_FILLS: Final = {
    RED: {"red": 0.957, "green": 0.78, "blue": 0.765},
    GREEN: {"red": 0.718, "green": 0.882, "blue": 0.804},
    GREY: {"red": 0.878, "green": 0.878, "blue": 0.878},
}
_HEADER_FILL: Final = {"red": 0.933, "green": 0.933, "blue": 0.933}


def layout_digest(table: Table, start: Place) -> str:
    """Return what tells one layout from another: fields in order and the start cell."""
    told = [f"{start.row},{start.column}", *(column.field for column in table.columns)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]


def format_requests(tab: int, table: Table, start: Place) -> list[Request]:
    """Return requests for the number format of every column and the look of the header."""
    made: list[Request] = [
        {
            "repeatCell": {
                "range": grid_range(tab, start.row, start.column, rows=1, columns=len(table.columns)),
                "cell": {
                    "userEnteredFormat": {
                        "textFormat": {"bold": True},
                        "backgroundColorStyle": {"rgbColor": _HEADER_FILL},
                    }
                },
                "fields": "userEnteredFormat(textFormat.bold,backgroundColorStyle)",
            }
        }
    ]
    patterns = {**_PATTERNS, "money": {"type": "NUMBER", "pattern": table.money_format}}
    for offset, style in enumerate(table.styles):
        pattern = patterns.get(style)
        made.append(
            {
                "repeatCell": {
                    "range": grid_range(tab, start.row + 1, start.column + offset, columns=1),
                    "cell": {"userEnteredFormat": {"numberFormat": pattern}} if pattern else {},
                    "fields": "userEnteredFormat.numberFormat",
                }
            }
        )
    return made


def width_requests(tab: int, table: Table, start: Place) -> list[Request]:
    """Return requests for the width of every column of a tab that is ours from the beginning."""
    return [
        {
            "updateDimensionProperties": {
                "range": {
                    "sheetId": tab,
                    "dimension": "COLUMNS",
                    "startIndex": start.column + offset,
                    "endIndex": start.column + offset + 1,
                },
                "properties": {"pixelSize": pixels(column.field)},
                "fields": "pixelSize",
            }
        }
        for offset, column in enumerate(table.columns)
    ]


def freeze_request(tab: int, start: Place) -> Request:
    """Return the request that keeps the header in sight."""
    return {
        "updateSheetProperties": {
            "properties": {"sheetId": tab, "gridProperties": {"frozenRowCount": start.row + 1}},
            "fields": "gridProperties.frozenRowCount",
        }
    }


def rules(tab: int, table: Table, start: Place, grid_rows: int) -> list[dict[str, Any]]:
    """Return our conditional formats, most important first, over all data rows of the grid."""
    made = []
    for offset, column in enumerate(table.columns):
        place = grid_range(
            tab, start.row + 1, start.column + offset, rows=max(1, grid_rows - start.row - 1), columns=1
        )
        made += [_rule(item, place) for item in highlights(column.field)]
    return made


def _rule(item: Highlight, place: dict[str, Any]) -> dict[str, Any]:
    # Conditions without a formula: a formula's separators depend on the spreadsheet's locale.
    return {
        "ranges": [place],
        "booleanRule": {
            "condition": {"type": "TEXT_CONTAINS", "values": [{"userEnteredValue": item.text}]},
            "format": {"backgroundColorStyle": {"rgbColor": _FILLS[item.colour]}},
        },
    }


def is_ours(rule: dict[str, Any]) -> str | None:
    """Return the text that a rule of ours looks for; None for a rule that a person made."""
    boolean = rule.get("booleanRule") or {}
    condition = boolean.get("condition") or {}
    if condition.get("type") != "TEXT_CONTAINS":
        return None
    text = (condition.get("values") or [{}])[0].get("userEnteredValue")
    fill = ((boolean.get("format") or {}).get("backgroundColorStyle") or {}).get("rgbColor") or {}
    for field in ("changes", "availability"):
        for item in highlights(field):
            if item.text == text and _same_colour(fill, _FILLS[item.colour]):
                return item.text
    return None


def _same_colour(one: dict[str, float], other: dict[str, float]) -> bool:
    """Compare with a tolerance: Google keeps colours in bytes."""
    return all(abs(one.get(part, 0.0) - other[part]) < 0.01 for part in ("red", "green", "blue"))


def rule_requests(
    tab: int, present: list[dict[str, Any]], ours: list[dict[str, Any]], *, anew: bool
) -> list[Request]:
    """Return what brings our colours up to date among the rules that are there.

    `anew` replaces ours; else those still there are stretched over the grown grid, and one that a person
    deleted stays deleted.
    """
    places = {index: text for index, rule in enumerate(present) if (text := is_ours(rule))}
    if anew:
        gone: list[Request] = [
            {"deleteConditionalFormatRule": {"sheetId": tab, "index": index}}
            for index in sorted(places, reverse=True)
        ]
        end = len(present) - len(places)
        return gone + [
            {"addConditionalFormatRule": {"rule": rule, "index": end + number}}
            for number, rule in enumerate(ours)
        ]
    wanted = {is_ours(rule): rule for rule in ours}
    return [
        {"updateConditionalFormatRule": {"sheetId": tab, "index": index, "rule": wanted[text]}}
        for index, text in places.items()
        if text in wanted and wanted[text]["ranges"] != present[index].get("ranges")
    ]
