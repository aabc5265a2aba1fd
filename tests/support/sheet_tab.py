"""One tab of the fake's spreadsheets: its grid, its cells, and what is set on it."""

import copy
from dataclasses import dataclass, field, replace
from typing import Any

Value = str | float | bool | None


class BadRequest(Exception):  # noqa: N818 - the name says what it is
    """What Google answers with 400."""


@dataclass(frozen=True)
class Formula:
    """A sum over a range of a tab, bound to the tab's id as Google binds it: a deleted tab leaves #REF!."""

    tab: int | None
    rows: slice
    columns: slice


Cell = Value | Formula
MOST_CHARS = 50_000
Row = tuple[Cell, ...]


@dataclass
class Tab:
    """One tab. `rows` may be shorter than the grid; what is not there is empty."""

    id: int
    title: str
    row_count: int = 1000
    column_count: int = 26
    hidden: bool = False
    frozen: int = 0
    rows: list[Row] = field(default_factory=list)
    formats: list[tuple[dict[str, int], str, Any]] = field(default_factory=list)
    widths: dict[int, int] = field(default_factory=dict)
    filter: dict[str, Any] | None = None
    rules: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[int, dict[str, Any]] = field(default_factory=dict)

    def copied(self) -> "Tab":
        """Return a tab that can be changed without changing this one."""
        return replace(
            self,
            rows=list(self.rows),
            formats=list(self.formats),
            widths=dict(self.widths),
            filter=copy.deepcopy(self.filter),
            rules=copy.deepcopy(self.rules),
            metadata=copy.deepcopy(self.metadata),
        )

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell as it was entered."""
        if row < len(self.rows) and column < len(self.rows[row]):
            return self.rows[row][column]
        return None

    def put(self, row: int, column: int, values: Row, *, skip_none: bool = False) -> None:
        """Write values from a cell to the right."""
        if row >= self.row_count or column + len(values) > self.column_count:
            msg = (
                f"Range ({self.title}) exceeds grid limits. "
                f"Max rows: {self.row_count}, max columns: {self.column_count}"
            )
            raise BadRequest(msg)
        if any(isinstance(value, str) and len(value) > MOST_CHARS for value in values):
            raise BadRequest(
                "Your input contains more than the maximum of 50000 characters in a single cell."
            )
        while len(self.rows) <= row:
            self.rows.append(())
        old = self.rows[row]
        old += (None,) * (column + len(values) - len(old))
        if skip_none:
            values = tuple(
                was if value is None else value
                for was, value in zip(old[column : column + len(values)], values, strict=True)
            )
        self.rows[row] = (*old[:column], *values, *old[column + len(values) :])

    def area(self, found: dict[str, int]) -> tuple[slice, slice]:
        """Return the rows and columns of a GridRange; raises BadRequest when it is not inside the grid."""
        rows = slice(found.get("startRowIndex", 0), found.get("endRowIndex", self.row_count))
        columns = slice(found.get("startColumnIndex", 0), found.get("endColumnIndex", self.column_count))
        if rows.stop > self.row_count or columns.stop > self.column_count:
            msg = (
                f"GridRange exceeds grid limits. Max rows: {self.row_count}, max columns: {self.column_count}"
            )
            raise BadRequest(msg)
        if rows.start > rows.stop or columns.start > columns.stop:
            raise BadRequest("GridRange is empty or upside down")
        return rows, columns
