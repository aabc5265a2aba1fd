"""Rows in chunks: all of them, in order, each chunk within its size."""

import hashlib
from decimal import Decimal

import orjson
from hypothesis import given
from hypothesis import strategies as st

from exporters.sheets.staging import chunks, missing, small
from exporters.table import Table
from jobs.definition import Column
from reports.row import Row

COLUMNS = (Column(field="name"), Column(field="price"))


def table(names: list[str]) -> Table:
    def rows() -> list[Row]:
        return [Row(url="https://a.example/", name=name, price=Decimal(1)) for name in names]

    return Table(COLUMNS, len(names), lambda: iter(rows()))


@given(st.lists(st.text(max_size=60), max_size=40), st.integers(1, 400))
def test_chunks_hold_every_row_once_in_order_and_keep_to_their_size(names: list[str], most: int) -> None:
    made = list(chunks(table(names), most, hashlib.sha256()))
    rows = [orjson.loads(row) for chunk in made for row in chunk.rows]
    assert rows == [[name, 1.0, number] for number, name in enumerate(names, start=1)]
    first = 0
    for chunk in made:
        assert chunk.first == first
        assert len(chunk.rows) == 1 or sum(map(len, chunk.rows)) <= most
        first += len(chunk.rows)


def test_the_checksum_follows_the_rows() -> None:
    one, other = hashlib.sha256(), hashlib.sha256()
    list(chunks(table(["a", "b"]), 10, one))
    list(chunks(table(["a", "b"]), 1000, other))
    assert one.hexdigest() == other.hexdigest()


def test_a_report_that_is_too_large_for_one_batch_is_not_small() -> None:
    assert small(table(["x"] * 10), 100) is None
    found = small(table(["x"] * 10), 100_000)
    assert found is not None
    assert len(found.rows) == 10


def test_row_numbers_that_did_not_arrive_are_named() -> None:
    answer = {"valueRanges": [{"values": [[1]]}, {}, {"values": [[7]]}]}
    assert missing(answer, [1, 5, 7, 9]) == [5, 9]
