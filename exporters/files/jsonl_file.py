"""JSON Lines: whole rows with every field, one a line, whatever the columns are. Amounts are strings."""

from pathlib import Path

import msgspec

from exporters.table import Table


def write_jsonl(table: Table, path: Path) -> None:
    """Write every row of the table to `path`, all Row fields, in order."""
    encoder = msgspec.json.Encoder()  # Decimal becomes a string, times RFC 3339
    line = bytearray()
    with path.open("wb") as file:
        for row in table.rows():
            encoder.encode_into(row.every_field(), line)
            line += b"\n"
            file.write(line)
