"""The rows of a report on their way: small enough for one batch, or in chunks for a staging tab."""

import hashlib
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any, NamedTuple

import orjson

from exporters.sheets.values import raw_value, typed_value
from exporters.table import Table


class Small(NamedTuple):
    """All rows as typed cells."""

    rows: list[dict[str, Any]]
    checksum: str


class Chunk(NamedTuple):
    """Rows `first` … of the report, each a JSON array that ends with the row's number from 1."""

    first: int
    rows: list[bytes]


def small(table: Table, most_bytes: int) -> Small | None:
    """Return the report as typed cells, or None when they would be more than `most_bytes` of JSON."""
    rows, size, digest = [], 0, hashlib.sha256()
    for cells in table.cells():
        row = {"values": [typed_value(cell) for cell in cells]}
        encoded = orjson.dumps(row)
        size += len(encoded) + 1
        if size > most_bytes:
            return None
        digest.update(encoded)
        rows.append(row)
    return Small(rows, digest.hexdigest()[:16])


def chunks(table: Table, most_bytes: int, digest: "hashlib._Hash") -> Iterator[Chunk]:
    """Yield the report in pieces of at most `most_bytes` (one row at the least); `digest` sees every row."""
    first, size, rows = 0, 0, list[bytes]()
    for number, cells in enumerate(table.cells(), start=1):
        encoded = orjson.dumps([*(raw_value(cell) for cell in cells), number])
        digest.update(encoded)
        if rows and size + len(encoded) > most_bytes:
            yield Chunk(first, rows)
            first, size, rows = number - 1, 0, []
        rows.append(encoded)
        size += len(encoded) + 1
    if rows:
        yield Chunk(first, rows)


def missing(answer: dict[str, Any], expected: list[int]) -> list[int]:
    """Return the row numbers that a `values.batchGet` of single cells should show and does not."""
    found = [
        next(chain.from_iterable(item.get("values", [])), None)
        for item in islice(answer.get("valueRanges", []), len(expected))
    ]
    found += [None] * (len(expected) - len(found))
    return [wanted for wanted, seen in zip(expected, found, strict=True) if seen != wanted]
