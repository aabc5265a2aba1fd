"""The columns of the history: stable names and types, one place. New ones may be added; none changes its meaning.

Amounts are decimal(18,4) in `currency`, times UTC microseconds. `offer_key` is a digest of URL and currency.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from reports.row import Row

if TYPE_CHECKING:
    import pyarrow

Type = Literal["text", "texts", "money", "integer", "key", "date", "time", "flag"]

_FOUR_PLACES: Final = Decimal("0.0001")
_LARGEST: Final = Decimal(10) ** 14


class RunStamp(NamedTuple):
    """What all rows of a run have in common. `report_date` is the due date in the job's zone."""

    job: str
    run: str
    report_date: date
    due_at: datetime


def offer_key(url: str, currency: str | None) -> int:
    """Return the number under which prices of one URL in one currency are found, 64 bits, signed."""
    digest = hashlib.blake2b(f"{url}\0{currency or ''}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _money(name: str) -> Callable[[Row], Decimal | None]:
    def value(row: Row) -> Decimal | None:
        amount: Decimal | None = getattr(row, name)
        return amount.quantize(_FOUR_PLACES) if amount is not None and amount < _LARGEST else None

    return value


def _field(name: str) -> Callable[[Row], Any]:
    return lambda row: getattr(row, name)


_ROW: Final[tuple[tuple[str, Type, Callable[[Row], Any]], ...]] = (
    ("position", "integer", _field("position")),
    ("url", "text", _field("url")),
    ("offer_key", "key", lambda row: offer_key(row.url, row.currency)),
    ("final_url", "text", _field("final_url")),
    ("fetched_at", "time", _field("fetched_at")),
    ("http_status", "integer", _field("http_status")),
    ("page_type", "text", _field("page_type")),
    ("failure", "text", _field("failure")),
    ("name", "text", _field("name")),
    ("brand", "text", _field("brand")),
    ("sku", "text", _field("sku")),
    ("mpn", "text", _field("mpn")),
    ("gtin", "text", lambda row: row.gtin[0].value if row.gtin else None),
    ("product_id", "text", _field("product_id")),
    ("category", "texts", lambda row: list(row.category)),
    ("condition", "text", _field("condition")),
    ("seller", "text", _field("seller")),
    ("price", "money", _money("price")),
    ("price_min", "money", _money("price_min")),
    ("price_max", "money", _money("price_max")),
    ("list_price", "money", _money("list_price")),
    ("list_price_type", "text", _field("list_price_type")),
    ("discount_percent", "money", _money("discount_percent")),
    ("currency", "text", _field("currency")),
    ("vat_included", "flag", _field("vat_included")),
    ("availability", "text", _field("availability")),
    ("purchasable", "flag", _field("purchasable")),
    ("stock_quantity", "integer", _field("stock_quantity")),
    ("rating", "money", _money("rating")),
    ("review_count", "integer", _field("review_count")),
    ("feed_price", "text", lambda row: row.feed.price if row.feed else None),
    ("feed_sale_price", "text", lambda row: row.feed.sale_price if row.feed else None),
    ("feed_availability", "text", lambda row: row.feed.availability if row.feed else None),
    ("changes", "texts", lambda row: list(row.changes)),
)
_RUN: Final[tuple[tuple[str, Type], ...]] = (
    ("job", "text"),
    ("run", "text"),
    ("report_date", "date"),
    ("due_at", "time"),
)


def schema() -> "pyarrow.Schema":
    """Return the table's schema. Imports PyArrow: see exporters.history.store."""
    import pyarrow  # noqa: PLC0415

    types: dict[Type, pyarrow.DataType] = {
        "text": pyarrow.string(),
        "texts": pyarrow.list_(pyarrow.string()),
        "money": pyarrow.decimal128(18, 4),
        "integer": pyarrow.int64(),
        "key": pyarrow.int64(),
        "date": pyarrow.date32(),
        "time": pyarrow.timestamp("us", tz="UTC"),
        "flag": pyarrow.bool_(),
    }
    named = [*_RUN, *((name, kind) for name, kind, _ in _ROW)]
    return pyarrow.schema([(name, types[kind]) for name, kind in named])


def batch(stamp: RunStamp, rows: Sequence[Row], known: "pyarrow.Schema") -> "pyarrow.RecordBatch":
    """Return rows as one record batch of the schema."""
    import pyarrow  # noqa: PLC0415

    common = [[value] * len(rows) for value in stamp]
    columns = [*common, *([value(row) for row in rows] for _, _, value in _ROW)]
    arrays = [pyarrow.array(values, type=field.type) for values, field in zip(columns, known, strict=True)]
    return pyarrow.RecordBatch.from_arrays(arrays, schema=known)
