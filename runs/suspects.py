"""Which part of a batch was in work when its worker died: bisection down to the URL that does it."""

from collections.abc import Sequence
from typing import cast

from redis import Redis

from runs import keys

Range = tuple[int, int]
"""Positions in the URL list, from, to (exclusive)."""


def parts(positions: Sequence[int], tried: Range | None) -> list[list[int]]:
    """Return the parts of a batch to try one by one, after its worker died in `tried`: its halves, then the rest.

    `positions` ascend; every one of them is in exactly one part, and no part is empty.
    """
    low, high = tried or (-1, -1)
    inside = [at for at in positions if low <= at < high]
    if not inside:
        return _halves(positions)
    below = [at for at in positions if at < low]
    above = [at for at in positions if at >= high]
    return [part for part in (*_halves(inside), below, above) if part]


def _halves(positions: Sequence[int]) -> list[list[int]]:
    middle = len(positions) // 2
    return [list(half) for half in (positions[:middle], positions[middle:]) if half]


class Suspects:
    """What the ledger remembers of a batch that killed its worker."""

    def __init__(self, redis: Redis, run_id: str, unit: str) -> None:
        self._redis = redis
        self._key = keys.units(run_id)
        self._tried_field = f"tried:{unit}"
        self._blamed_field = f"blamed:{unit}"

    def tried(self) -> Range | None:
        """Return the part in work when the last attempt died; None when there was none."""
        raw = cast("bytes | None", self._redis.hget(self._key, self._tried_field))
        if raw is None:
            return None
        low, high = raw.split(b"-")
        return int(low), int(high)

    def try_part(self, part: Sequence[int]) -> None:
        """Write down that a part is in work, before it is."""
        self._redis.hset(self._key, self._tried_field, f"{part[0]}-{part[-1] + 1}")

    def blamed(self, positions: Sequence[int]) -> set[int]:
        """Return the positions that died alone; the last attempt's joins them and is no longer the part in work."""
        raw = cast("bytes | None", self._redis.hget(self._key, self._blamed_field)) or b""
        guilty = {int(place) for place in raw.split()}
        low, high = self.tried() or (-1, -1)
        inside = [at for at in positions if low <= at < high and at not in guilty]
        if len(inside) == 1:
            guilty.add(inside[0])
            pipe = self._redis.pipeline()
            pipe.hset(self._key, self._blamed_field, " ".join(str(place) for place in sorted(guilty)))
            pipe.hdel(self._key, self._tried_field)
            pipe.execute()
        return guilty.intersection(positions)

    def clear(self) -> None:
        """Forget the part in work: it ended, well or with an error, but its worker lives."""
        self._redis.hdel(self._key, self._tried_field)
