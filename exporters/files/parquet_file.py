"""Parquet with typed columns, for those who load reports into something else.

Needs the extra `history` (PyArrow, which is too heavy to come along unasked): imported when first used.
"""

from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from exporters.errors import ExtraMissing
from exporters.table import Table
from reports.columns import Cell, Style

if TYPE_CHECKING:
    import pyarrow

_ROWS_A_GROUP: Final = 20_000
_FOUR_PLACES: Final = Decimal("0.0001")


def write_parquet(table: Table, path: Path) -> None:
    """Write the table's columns to `path`, zstd, amounts as decimal128(18, 4), times as UTC microseconds.

    Column names are the fields' names, as programs read them. Raises ExtraMissing without PyArrow.
    """
    try:
        import pyarrow  # noqa: PLC0415 - 100 MB that only this format needs
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise ExtraMissing("Parquet needs PyArrow", "Install it: pip install 'shelfbeat[history]'") from error
    schema = pyarrow.schema(
        [
            (column.field, _arrow_type(style))
            for column, style in zip(table.columns, table.styles, strict=True)
        ]
    )
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        stream = table.cells()
        while chunk := list(islice(stream, _ROWS_A_GROUP)):
            arrays = [
                pyarrow.array([_arrow_value(cell, style) for cell in column], type=field.type)
                for column, style, field in zip(zip(*chunk, strict=True), table.styles, schema, strict=True)
            ]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _arrow_value(cell: Cell, style: Style) -> Cell | float:
    if style == "number" and isinstance(cell, Decimal):
        return float(cell)  # a rating
    if isinstance(cell, Decimal):
        return cell.quantize(_FOUR_PLACES)  # the type's scale; Arrow refuses to round by itself
    return cell


def _arrow_type(style: Style) -> "pyarrow.DataType":
    import pyarrow  # noqa: PLC0415

    types: dict[Style, pyarrow.DataType] = {
        "text": pyarrow.string(),
        "money": pyarrow.decimal128(18, 4),
        "percent": pyarrow.decimal128(18, 4),
        "number": pyarrow.float64(),
        "date": pyarrow.date32(),
        "datetime": pyarrow.timestamp("us", tz="UTC"),
        "flag": pyarrow.bool_(),
    }
    return types[style]
