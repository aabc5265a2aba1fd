"""A cell as the Sheets API takes it: raw for the staging tab, typed for a small report."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from reports.columns import Cell

_LONGEST_TEXT: Final = 50_000
"""Characters in a cell. Source: Google Drive help, files you can store."""
_DAY_ZERO: Final = date(1899, 12, 30).toordinal()
_SECONDS_A_DAY: Final = 86_400


def serial(value: date | datetime) -> float | int:
    """Return a date or UTC time as Sheets counts them: days since 30 December 1899."""
    days = value.toordinal() - _DAY_ZERO
    if not isinstance(value, datetime):
        return days
    return days + (value.hour * 3600 + value.minute * 60 + value.second) / _SECONDS_A_DAY


def raw_value(cell: Cell) -> str | float | bool | None:
    """Return a cell for `valueInputOption=RAW`: text stays text, numbers and dates are numbers."""
    match cell:
        case str():
            return cell[:_LONGEST_TEXT]
        case bool() | None:
            return cell
        case Decimal():
            return float(cell)  # a sheet holds doubles
        case date():
            return serial(cell)
        case _:
            return cell


def typed_value(cell: Cell) -> dict[str, Any]:
    """Return a CellData: a string is never parsed, so a code keeps its zeros and `=1+1` is text."""
    value = raw_value(cell)
    match value:
        case None | "":
            return {}
        case str():
            return {"userEnteredValue": {"stringValue": value}}
        case bool():
            return {"userEnteredValue": {"boolValue": value}}
        case _:
            return {"userEnteredValue": {"numberValue": value}}
