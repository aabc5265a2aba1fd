"""Messages that no worker could read or knew what to do with: kept, with the reason, for a person to look at."""

from datetime import datetime
from typing import Final, cast

import msgspec
from redis import Redis

from runs import keys
from runs.scripts import redis_now

_LONGEST: Final = 100_000
"""Characters of a message that are kept."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One message. JSON by msgspec."""

    at: datetime
    queue: str
    why: str
    message: str
    """As it lay in the queue, or in JSON; bytes that are no text as U+FFFD."""


class Aside:
    """The newest ASIDE_KEPT such messages, newest first."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def keep(self, queue: str, why: str, message: bytes) -> None:
        """Keep a message."""
        kept = Kept(
            at=redis_now(self._redis),
            queue=queue,
            why=why[:500],
            message=message.decode(errors="replace")[:_LONGEST],
        )
        pipe = self._redis.pipeline()
        pipe.lpush(keys.ASIDE, msgspec.json.encode(kept))
        pipe.ltrim(keys.ASIDE, 0, keys.ASIDE_KEPT - 1)
        pipe.expire(keys.ASIDE, keys.RUN_TTL)
        pipe.execute()

    def messages(self, newest: int = keys.ASIDE_KEPT) -> list[Kept]:
        """Return the newest messages, newest first."""
        raw = cast("list[bytes]", self._redis.lrange(keys.ASIDE, 0, newest - 1))
        return [msgspec.json.decode(item, type=Kept) for item in raw]
