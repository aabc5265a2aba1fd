"""A row as it is stored, and as it is written out."""

from decimal import Decimal

import msgspec

from reports.row import ROW_FIELDS, Provenance, Row

ROW = Row(
    position=3,
    url="https://shop.example/p/3",
    page_type="product",
    price=Decimal("19.90"),
    provenance={"price": Provenance(source="jsonld", path="script[1].offers.price")},
)


def test_a_stored_row_leaves_out_what_has_its_default_and_comes_back_whole() -> None:
    stored = msgspec.json.encode(ROW)
    assert set(msgspec.json.decode(stored)) == {"position", "url", "page_type", "price", "provenance"}
    assert msgspec.json.decode(stored, type=Row) == ROW


def test_a_row_that_is_written_out_has_every_field_in_order() -> None:
    written = msgspec.json.decode(msgspec.json.encode(ROW.every_field()))
    assert tuple(written) == ROW_FIELDS
    assert written["price"] == "19.90"
    assert written["list_price"] is None
