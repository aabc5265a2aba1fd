"""A report as an exporter sees it: columns, a count, and rows that can be streamed again and again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jobs.definition import Column
from reports import columns as report_columns
from reports.columns import Cell, Style
from reports.row import Row


@dataclass(frozen=True)
class Table:
    """`rows()` opens a new stream of the report's `total` rows, in URL-list order.

    Exporters may iterate more than once, and never hold all rows: a report may have a million.
    """

    columns: tuple[Column, ...]
    total: int
    rows: Callable[[], Iterator[Row]]
    decimals: int = 2
    """Decimals in which columns of amounts are shown: the most that a currency of the report is written with."""

    @property
    def headings(self) -> list[str]:
        """Headings in column order."""
        return report_columns.headings(self.columns)

    @property
    def styles(self) -> list[Style]:
        """How each column is shown."""
        return report_columns.styles(self.columns)

    @property
    def money_format(self) -> str:
        """The number format of an amount, as workbooks and sheets know it. What is shown of it; the cell holds all."""
        return f"#,##0.{'0' * self.decimals}".rstrip(".")

    def cells(self) -> Iterator[list[Cell]]:
        """Yield the cells of each row, in order."""
        for row in self.rows():
            yield report_columns.cells(row, self.columns)
