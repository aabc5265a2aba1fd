"""What changed since the report's previous run.

A price rises or falls only within one currency. A product goes out of stock only from a known state into a
known one: a blocked or missing page says nothing of stock. Where the previous run knew nothing of a page,
the comparison is with what was last known before it (reports.snapshot).
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from reports.row import Availability, ChangeKind, Row
from reports.snapshot import Record, Snapshot

OUT_OF_STOCK: Final[frozenset[Availability]] = frozenset({"out_of_stock", "discontinued"})
IN_STOCK: Final[frozenset[Availability]] = frozenset({"in_stock", "limited", "online_only"})


class Comparison:
    """One run against the one before it. Memory: the snapshot, and a bit a URL for those seen again."""

    def __init__(self, previous: Snapshot | None) -> None:
        self._previous = previous
        self._seen = bytearray((len(previous) + 7) // 8) if previous is not None else bytearray()

    def rows(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield each row with previous_price, previous_availability and changes set.

        In a report's first run nothing is new: every row is yielded as it is.
        """
        return map(self.row, rows)

    def row(self, row: Row) -> Row:
        """Return one row compared."""
        if self._previous is None:
            return row
        place = self._previous.place(row.url)
        if place is None:
            return msgspec.structs.replace(row, changes=("new",))
        self._seen[place >> 3] |= 1 << (place & 7)
        record = self._previous.record(place)
        return msgspec.structs.replace(
            row,
            previous_price=record.price,
            previous_availability=None if record.availability == "unknown" else record.availability,
            changes=changes(row, record),
        )

    def gone_positions(self) -> list[int]:
        """Return the positions, in the previous run's URL list, of URLs not seen again; ascending.

        Complete once `rows` is exhausted.
        """
        if self._previous is None:
            return []
        unseen = (at for at in range(len(self._previous)) if not self._seen[at >> 3] >> (at & 7) & 1)
        return sorted(self._previous.positions(unseen))


def compare(rows: Iterable[Row], previous: Snapshot | None) -> Iterator[Row]:
    """Yield each row compared with the previous run; for what is gone, use Comparison itself."""
    return Comparison(previous).rows(rows)


def changes(row: Row, before: Record) -> tuple[ChangeKind, ...]:
    """Return what changed between a record and the row of today."""
    if not row.is_product:
        return () if before.failing else ("newly_failing",)
    found: list[ChangeKind] = []
    if row.price is not None and before.price is not None and row.currency == before.currency:
        if row.price > before.price:
            found.append("price_up")
        elif row.price < before.price:
            found.append("price_down")
    if "unknown" not in {row.availability, before.availability}:
        was_out = before.availability in OUT_OF_STOCK
        if row.availability in OUT_OF_STOCK and not was_out:
            found.append("out_of_stock")
        elif row.availability in IN_STOCK and was_out:
            found.append("back_in_stock")
    return tuple(found)
