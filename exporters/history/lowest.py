"""The lowest price of every offer of some days, from the history's record batches: for the real discount."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from exporters.history.schema import offer_key
from reports.row import Row

if TYPE_CHECKING:
    import pyarrow

_FOLD_ROWS: Final = 500_000
_CHUNK_ROWS: Final = 20_000
_UNITS: Final = 10_000  # prices have four decimals


class LowestPrices:
    """The lowest price of every offer of some days: 16 bytes an offer, however many days there are."""

    def __init__(self, keys: "array[int]", prices: "array[int]") -> None:
        self._keys = keys
        self._prices = prices

    def __len__(self) -> int:
        return len(self._keys)

    def of(self, row: Row) -> Decimal | None:
        """Return the lowest price of the row's URL in the row's currency; None where none is known."""
        key = offer_key(row.url, row.currency)
        place = bisect_left(self._keys, key)
        if place < len(self._keys) and self._keys[place] == key:
            return Decimal(self._prices[place]) / _UNITS
        return None


def lowest_of(found: "Iterable[pyarrow.RecordBatch]") -> LowestPrices:
    """Return the lowest price of each offer in batches of `offer_key` and `price`, none of them null."""
    keys, prices = array("q"), array("q")
    lowest = _folded(found)
    if lowest is not None:
        for chunk in lowest.sort_by("offer_key").to_batches(max_chunksize=_CHUNK_ROWS):
            keys.extend(chunk.column("offer_key").to_pylist())
            prices.extend(int(price * _UNITS) for price in chunk.column("price").to_pylist())
    return LowestPrices(keys, prices)


def _folded(found: "Iterable[pyarrow.RecordBatch]") -> "pyarrow.Table | None":
    """Return the lowest price of each offer key.

    Folded whenever as many rows have come as there are offers, so that memory follows the offers and not the
    days.
    """
    import pyarrow  # noqa: PLC0415

    lowest: pyarrow.Table | None = None
    pending: list[pyarrow.Table] = []

    def folded() -> pyarrow.Table:
        both = pyarrow.concat_tables(pending if lowest is None else [lowest, *pending])
        grouped = both.group_by("offer_key").aggregate([("price", "min")])
        return grouped.select(["offer_key", "price_min"]).rename_columns(["offer_key", "price"])

    for some in found:
        pending.append(pyarrow.Table.from_batches([some]))
        if sum(part.num_rows for part in pending) > max(_FOLD_ROWS, 0 if lowest is None else lowest.num_rows):
            lowest, pending = folded(), []
    return folded() if pending else lowest
