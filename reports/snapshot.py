"""What a run leaves for the next one to compare with: 34 bytes a URL, sorted, bytes in and bytes out.

    digest of the URL  16   blake2b; the records are sorted by it
    position            4   in that run's URL list
    price               9   int64 and a power of ten: 19.90 is 1990 and -2
    currency            3   ISO 4217, zeros for unknown
    availability        1   number of `_AVAILABILITIES`; 0 for unknown
    failing             1   1 when the page gave no product

A page that fails today keeps the price and availability last known: the comparison after it is with those.
"""

import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from decimal import Decimal
from hashlib import blake2b
from typing import Final

import msgspec

from reports.row import Availability, Row

_MAGIC: Final = b"SBsnap1\n"
_COUNT: Final = struct.Struct("<I")
_DIGEST_BYTES: Final = 16
_RECORD: Final = struct.Struct(f"<{_DIGEST_BYTES}sIqb3sBB")
RECORD_BYTES: Final = _RECORD.size
_HEADER_BYTES: Final = len(_MAGIC) + _COUNT.size
_NO_PRICE: Final = -1

# The place in this list is what is stored: only ever add at its end.
_AVAILABILITIES: Final[tuple[Availability, ...]] = (
    "unknown",
    "in_stock",
    "limited",
    "out_of_stock",
    "preorder",
    "backorder",
    "made_to_order",
    "in_store_only",
    "online_only",
    "reserved",
    "discontinued",
)
_AVAILABILITY_CODE: Final = {name: code for code, name in enumerate(_AVAILABILITIES)}


class Record(msgspec.Struct, frozen=True):
    """What was last known of one URL."""

    position: int
    price: Decimal | None
    currency: str | None
    availability: Availability
    failing: bool


class Snapshot:
    """All records of one run. Holds its bytes and looks into them; nothing is unpacked ahead."""

    def __init__(self, data: bytes) -> None:
        """Raise ValueError for what `SnapshotWriter` did not write."""
        if data[: len(_MAGIC)] != _MAGIC or len(data) < _HEADER_BYTES:
            raise ValueError("not a snapshot of a run")
        (self._count,) = _COUNT.unpack_from(data, len(_MAGIC))
        if len(data) != _HEADER_BYTES + self._count * RECORD_BYTES:
            raise ValueError("the snapshot of a run is cut short")
        self._data = data

    def __len__(self) -> int:
        return int(self._count)

    def place(self, url: str) -> int | None:
        """Return the place of a URL's record, from 0; None when the run did not have the URL."""
        digest, data = _digest(url), self._data

        def at(place: int) -> bytes:
            begin = _HEADER_BYTES + place * RECORD_BYTES
            return data[begin : begin + _DIGEST_BYTES]

        found = bisect_left(range(self._count), digest, key=at)
        return found if found < self._count and at(found) == digest else None

    def record(self, place: int) -> Record:
        """Return the record at a place."""
        fields = _RECORD.unpack_from(self._data, _HEADER_BYTES + place * RECORD_BYTES)
        _, position, amount, exponent, currency, availability, failing = fields
        return Record(
            position=position,
            price=None if amount == _NO_PRICE else Decimal(amount).scaleb(exponent),
            currency=currency.decode("ascii") if currency[0] else None,
            availability=_AVAILABILITIES[availability],
            failing=bool(failing),
        )

    def find(self, url: str) -> Record | None:
        """Return what was known of a URL; None when the run did not have it."""
        place = self.place(url)
        return None if place is None else self.record(place)

    def positions(self, places: Iterable[int]) -> Iterator[int]:
        """Yield the positions, in that run's URL list, of the records at `places`."""
        for place in places:
            yield self.record(place).position


class SnapshotWriter:
    """Gathers the rows of a run, in any order, into a snapshot. Two bytes of memory a byte of snapshot."""

    def __init__(self, previous: Snapshot | None = None) -> None:
        """`previous` gives what was last known where a row of today knows nothing."""
        self._previous = previous
        # Sorting by the first byte as they come leaves small groups to sort at the end, one after the other.
        self._groups = [bytearray() for _ in range(256)]

    def add(self, row: Row) -> None:
        """Add one row. Each URL once."""
        price, currency, availability = known(row)
        if self._previous is not None and (price is None or availability == "unknown"):
            before = self._previous.find(row.url)
            if before is not None and price is None:
                price, currency = before.price, before.currency
            if before is not None and availability == "unknown":
                availability = before.availability
        digest = _digest(row.url)
        amount, exponent = _scaled(price)
        self._groups[digest[0]] += _RECORD.pack(
            digest,
            row.position,
            amount,
            exponent,
            (currency or "").encode("ascii", "ignore")[:3],
            _AVAILABILITY_CODE[availability],
            not row.is_product,
        )

    def to_bytes(self) -> bytes:
        """Return the snapshot; the writer is empty after it."""
        parts = bytearray(_MAGIC + _COUNT.pack(sum(map(len, self._groups)) // RECORD_BYTES))
        for number, group in enumerate(self._groups):
            starts = range(0, len(group), RECORD_BYTES)
            parts += b"".join(sorted(bytes(group[at : at + RECORD_BYTES]) for at in starts))
            self._groups[number] = bytearray()
        return bytes(parts)


def known(row: Row) -> tuple[Decimal | None, str | None, Availability]:
    """Return price, currency and availability of a row; a page without a product knows nothing of them."""
    return (row.price, row.currency, row.availability) if row.is_product else (None, None, "unknown")


def _digest(url: str) -> bytes:
    return blake2b(url.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()


def _scaled(price: Decimal | None) -> tuple[int, int]:
    """Return amount and power of ten; a price beyond what fits, which no shop has, counts as unknown."""
    if price is None or not price.is_finite() or price < 0:
        return _NO_PRICE, 0
    _, digits, exponent = price.as_tuple()
    if not isinstance(exponent, int) or len(digits) > 18 or not -128 <= exponent <= 18:
        return _NO_PRICE, 0
    return int("".join(map(str, digits))), exponent
