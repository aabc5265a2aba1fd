"""Which part of a batch was in work when its worker died: bisection down to the URL that does it."""

from typing import cast

from redis import Redis

from runs import keys

Range = tuple[int, int]
"""Places in a batch, from, to (exclusive)."""


def halves(part: Range) -> list[Range]:
    """Return the two halves of a part, or the part itself when it holds one URL."""
    low, high = part
    middle = (low + high) // 2
    return [(low, middle), (middle, high)] if low < middle else [part]


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

    def try_part(self, part: Range) -> None:
        """Write down that a part is in work, before it is."""
        self._redis.hset(self._key, self._tried_field, f"{part[0]}-{part[1]}")

    def blamed(self) -> set[int]:
        """Return the places that died alone; the last attempt's joins them and is no longer the part in work."""
        raw = cast("bytes | None", self._redis.hget(self._key, self._blamed_field)) or b""
        places = {int(place) for place in raw.split()}
        last = self.tried()
        if last is not None and last[1] - last[0] == 1:
            places.add(last[0])
            pipe = self._redis.pipeline()
            pipe.hset(self._key, self._blamed_field, " ".join(str(place) for place in sorted(places)))
            pipe.hdel(self._key, self._tried_field)
            pipe.execute()
        return places

    def clear(self) -> None:
        """Forget the part in work: it ended well."""
        self._redis.hdel(self._key, self._tried_field)
