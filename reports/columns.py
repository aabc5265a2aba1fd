"""The columns of a report: which fields there are, their headings, and a row's cells under them.

A field is one of a Row, flattened to what one cell can hold, or derived from several: `gtin` is the first
number as text, `changes` reads "price down, back in stock", `feed_price` is what the merchant feed claims.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

from jobs.definition import Column
from reports.feed_verdict import feed_verdict
from reports.money import usual_places
from reports.reasons import plain_reason, reason
from reports.row import ROW_FIELDS, FeedClaim, Row, Variant

Cell = str | Decimal | int | date | datetime | bool | None
Style = Literal["text", "money", "percent", "number", "date", "datetime", "flag"]

_ONE_DECIMAL: Final = Decimal("0.1")
_ABBREVIATIONS: Final = {"url": "URL", "sku": "SKU", "gtin": "GTIN", "mpn": "MPN", "id": "ID", "http": "HTTP"}

COMPARED: Final = frozenset({"name", "price", "currency", "availability"})
"""What the comparison with the previous run and the message need, whatever the columns are."""

_JUDGED: Final = ("feed", "price", "currency", "availability")

_NOT_ON_THE_PAGE: Final = frozenset(
    {"position", "url", "feed", "changes", "previous_price", "previous_availability"}
    | {"lowest_price_30d", "real_discount_percent"}
    | {"fetched_at", "http_status", "elapsed_ms", "final_url", "page_type", "failure", "failure_detail"}
)


class Field(NamedTuple):
    """How one column is filled: `needs` are the Row fields that `value` reads."""

    style: Style
    needs: frozenset[str]
    value: Callable[[Row], Cell]


def _plain(name: str, style: Style, *needs: str) -> Field:
    def value(row: Row) -> Cell:
        found: Cell = getattr(row, name)
        return found

    return Field(style, frozenset({name, *needs}), value)


def _money(name: str, *needs: str) -> Field:
    def value(row: Row) -> Cell:
        return _written(getattr(row, name), row.currency)

    return Field("money", frozenset({name, *needs}), value)


def _written(amount: Decimal | None, currency: str | None) -> Decimal | None:
    return None if amount is None else usual_places(amount, currency)


def _derived(style: Style, value: Callable[[Row], Cell], *needs: str) -> Field:
    return Field(style, frozenset(needs), value)


def _joined(texts: Iterable[str], separator: str) -> str | None:
    return separator.join(texts) or None


def _claim(name: str) -> Field:
    def value(row: Row) -> Cell:
        claim = row.feed
        return None if claim is None else _claimed(claim, name)

    return _derived("text", value, "feed")


def _claimed(claim: FeedClaim, name: str) -> str | None:
    found: str | None = getattr(claim, name)
    return found


def _price_change(row: Row) -> Decimal | None:
    if row.price is None or row.previous_price is None:
        return None
    return usual_places(row.price - row.previous_price, row.currency)


def _price_change_percent(row: Row) -> Decimal | None:
    change = _price_change(row)
    if change is None or not row.previous_price:
        return None
    return (change * 100 / row.previous_price).quantize(_ONE_DECIMAL)


def _host(row: Row) -> str | None:
    try:
        return urlsplit(row.url).hostname
    except ValueError:
        return None  # a row may say of its URL that it is none


def _variant(variant: Variant) -> str:
    what = " / ".join(variant.attributes.values()) or variant.sku or variant.id or "variant"
    amount = _written(variant.price, variant.currency)
    price = f" {amount} {variant.currency or ''}".rstrip() if amount is not None else ""
    return f"{what}{price} ({variant.availability})"


_FIELDS: Final[dict[str, Field]] = {
    # the visit
    "position": _plain("position", "number"),
    "url": _plain("url", "text"),
    "host": _derived("text", _host, "url"),
    "final_url": _plain("final_url", "text"),
    "canonical_url": _plain("canonical_url", "text"),
    "fetched_at": _plain("fetched_at", "datetime"),
    "http_status": _plain("http_status", "number"),
    "elapsed_ms": _plain("elapsed_ms", "number"),
    "page_type": _plain("page_type", "text"),
    "failure": _plain("failure", "text"),
    "failure_detail": _plain("failure_detail", "text"),
    "result": _derived("text", reason, "failure", "page_type"),
    "reason": _derived("text", plain_reason, "failure", "page_type"),
    # what it is
    "name": _plain("name", "text"),
    "brand": _plain("brand", "text"),
    "sku": _plain("sku", "text"),
    "mpn": _plain("mpn", "text"),
    "product_id": _plain("product_id", "text"),
    "product_group_id": _plain("product_group_id", "text"),
    "gtin": _derived("text", lambda row: row.gtin[0].value if row.gtin else None, "gtin"),
    "gtins": _derived("text", lambda row: _joined((code.value for code in row.gtin), ", "), "gtin"),
    "gtin_type": _derived("text", lambda row: row.gtin[0].type if row.gtin else None, "gtin"),
    "category": _derived("text", lambda row: _joined(row.category, " > "), "category"),
    "images": _derived("text", lambda row: row.images[0] if row.images else None, "images"),
    "all_images": _derived("text", lambda row: _joined(row.images, " "), "images"),
    "image_count": _derived("number", lambda row: len(row.images), "images"),
    "condition": _plain("condition", "text"),
    "seller": _plain("seller", "text"),
    "rating": _plain("rating", "number"),
    "rating_best": _plain("rating_best", "number", "rating"),
    "review_count": _plain("review_count", "number"),
    # what it costs
    "price": _money("price"),
    "price_min": _money("price_min"),
    "price_max": _money("price_max"),
    "list_price": _money("list_price", "price"),
    "list_price_type": _plain("list_price_type", "text", "list_price"),
    "discount_amount": _money("discount_amount", "price", "list_price"),
    "discount_percent": _plain("discount_percent", "percent", "price", "list_price"),
    "page_discount_percent": _plain("page_discount_percent", "percent"),
    "conditional_prices": _derived(
        "text",
        lambda row: _joined(
            (f"{item.kind} {_written(item.price, row.currency)}" for item in row.conditional_prices), ", "
        ),
        "conditional_prices",
    ),
    "currency": _plain("currency", "text"),
    "currency_source": _plain("currency_source", "text", "currency"),
    "vat_included": _plain("vat_included", "flag"),
    "price_valid_until": _plain("price_valid_until", "date"),
    # whether it can be had
    "availability": _plain("availability", "text"),
    "availability_raw": _plain("availability_raw", "text", "availability"),
    "purchasable": _plain("purchasable", "flag", "availability"),
    "stock_quantity": _plain("stock_quantity", "number"),
    "variants": _derived(
        "text", lambda row: _joined((_variant(item) for item in row.variants), "; "), "variants"
    ),
    "variant_count": _derived("number", lambda row: len(row.variants), "variants"),
    # how far to trust it
    "provenance": _derived(
        "text",
        lambda row: _joined((f"{name}: {way.source}" for name, way in row.provenance.items()), ", "),
        "provenance",
    ),
    "warnings": _derived("text", lambda row: _joined(row.warnings, "; "), "warnings"),
    # what the feed claims
    "feed_id": _claim("id"),
    "feed_gtin": _claim("gtin"),
    "feed_price": _claim("price"),
    "feed_sale_price": _claim("sale_price"),
    "feed_availability": _claim("availability"),
    "feed_verdict": _derived(
        "text", lambda row: found.verdict if (found := feed_verdict(row)) else None, *_JUDGED
    ),
    "feed_detail": _derived(
        "text", lambda row: (found.detail or None) if (found := feed_verdict(row)) else None, *_JUDGED
    ),
    # against the previous run and the month before
    "previous_price": _money("previous_price"),
    "price_change": _derived("money", _price_change, "price", "previous_price"),
    "price_change_percent": _derived("percent", _price_change_percent, "price", "previous_price"),
    "lowest_price_30d": _money("lowest_price_30d", "price"),
    "real_discount_percent": _plain("real_discount_percent", "percent", "price"),
    "previous_availability": _plain("previous_availability", "text"),
    "changes": _derived(
        "text", lambda row: _joined((kind.replace("_", " ") for kind in row.changes), ", "), "changes"
    ),
}


def known_fields() -> frozenset[str]:
    """Return the names that a column may have as its field."""
    return frozenset(_FIELDS)


def heading(column: Column) -> str:
    """Return a column's heading: its own, or made of the field's name, `List price`."""
    if column.heading is not None:
        return column.heading
    words = [_ABBREVIATIONS.get(word, word) for word in column.field.split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def headings(columns: Sequence[Column]) -> list[str]:
    """Return the headings in column order."""
    return [heading(column) for column in columns]


def styles(columns: Sequence[Column]) -> list[Style]:
    """Return how each column's cells are shown. A column's cells are of its style or None."""
    return [_FIELDS[column.field].style for column in columns]


def cells(row: Row, columns: Sequence[Column]) -> list[Cell]:
    """Return one cell per column; None is an empty cell.

    Codes are text, amounts Decimal, times aware UTC. Raises KeyError for a field that `known_fields` lacks.
    """
    return [_FIELDS[column.field].value(row) for column in columns]


def wanted(columns: Sequence[Column]) -> frozenset[str]:
    """Return the Row fields to read from pages: for these columns, the comparison and the message."""
    needed = COMPARED.union(*(_FIELDS[column.field].needs for column in columns))
    return (needed & frozenset(ROW_FIELDS)) - _NOT_ON_THE_PAGE
