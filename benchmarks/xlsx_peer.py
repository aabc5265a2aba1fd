"""The same workbook by XlsxWriter in its constant-memory mode: the writer that rustpy-xlsxwriter was chosen over."""

from datetime import date
from pathlib import Path

import xlsxwriter

from exporters.files.xlsx_file import number_formats, xlsx_value
from exporters.table import Table


def write_with_xlsxwriter(table: Table, path: Path) -> None:
    """Write header, cells with their number formats, frozen row and filter; text stays text."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("Report")
        bold = book.add_format({"bold": True})
        formats = [
            book.add_format({"num_format": form}) if form is not None else None
            for form in number_formats(table)
        ]
        for column, heading in enumerate(table.headings):
            sheet.write_string(0, column, heading, bold)
        for number, cells in enumerate(table.cells(), start=1):
            for column, (cell, form) in enumerate(zip(map(xlsx_value, cells), formats, strict=True)):
                match cell:
                    case None:
                        pass
                    case str():
                        sheet.write_string(number, column, cell, form)
                    case bool():
                        sheet.write_boolean(number, column, cell, form)
                    case date():
                        sheet.write_datetime(number, column, cell, form)
                    case _:
                        sheet.write_number(number, column, cell, form)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, table.total, len(table.columns) - 1)
