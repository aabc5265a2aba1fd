"""The run store: URLs and rows of each batch, compressed, written whole, with an expiry."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, cast

import msgspec
from redis import Redis

from reports.row import ProductUrl, Row
from runs import keys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_LEVEL: Final = 1  # Higher levels cost more CPU than the Redis memory they save is worth.
_urls_decoder: Final = msgspec.json.Decoder(list[ProductUrl])
_rows_decoder: Final = msgspec.json.Decoder(list[Row])


class RowsExpired(Exception):  # noqa: N818 - the name says what it is
    """The run's URLs or rows are older than they are kept, or were never written."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        return f"{self.key} is not in Redis: it expired or was never written"


def pack_rows(rows: Sequence[Row]) -> bytes:
    """Return rows as they are stored."""
    return zstd.compress(msgspec.json.encode(rows), _LEVEL)


def pack_snapshot(snapshot: bytes) -> bytes:
    """Return a snapshot as it is stored."""
    return zstd.compress(snapshot, _LEVEL)


class RunStore:
    """What one run holds in Redis beside its ledger entry."""

    def __init__(self, redis: Redis, run_id: str) -> None:
        self._redis = redis
        self._run_id = run_id

    def put_urls(self, edition: int, batches: Iterable[tuple[int, Sequence[ProductUrl]]]) -> None:
        """Store the URLs of batches, each whole, as found by one attempt of collect_urls."""
        pipe = self._redis.pipeline(transaction=False)
        for number, urls in batches:
            packed = zstd.compress(msgspec.json.encode(urls), _LEVEL)
            pipe.set(keys.urls(self._run_id, edition, number), packed, ex=keys.ROWS_TTL)
        pipe.execute()

    def urls(self, batch: int) -> list[ProductUrl]:
        """Return the URLs of a batch, of the edition that the run goes by. Raises RowsExpired."""
        edition = int(cast("bytes | None", self._redis.hget(keys.run(self._run_id), "url_edition")) or 0)
        return _urls_decoder.decode(zstd.decompress(self._get(keys.urls(self._run_id, edition, batch))))

    def rows(self, batch: int) -> list[Row]:
        """Return the rows of a batch. Raises RowsExpired."""
        return _rows_decoder.decode(zstd.decompress(self._get(keys.rows(self._run_id, batch))))

    def part(self, batch: int) -> list[Row]:
        """Return what `Units.save_part` stored since the run was last opened; nothing when there is none."""
        life = int(cast("bytes | None", self._redis.hget(keys.run(self._run_id), "life")) or 0)
        packed = cast("bytes | None", self._redis.get(keys.part(self._run_id, life, batch)))
        return [] if packed is None else _rows_decoder.decode(zstd.decompress(packed))

    def ordered_rows(self, windows: Iterable[range]) -> Iterator[Row]:
        """Yield all rows in URL-list order, holding one window of batches at a time."""
        for window in windows:
            rows = [row for batch in window for row in self.rows(batch)]
            rows.sort(key=_position)
            yield from rows

    def snapshot(self, edition: int) -> bytes | None:
        """Return what others are compared with, of an edition of the run; None when there is none any more."""
        packed = cast("bytes | None", self._redis.get(keys.snapshot(self._run_id, edition)))
        return None if packed is None else zstd.decompress(packed)

    def _get(self, key: str) -> bytes:
        packed = cast("bytes | None", self._redis.get(key))
        if packed is None:
            raise RowsExpired(key)
        return packed


def _position(row: Row) -> int:
    return row.position
