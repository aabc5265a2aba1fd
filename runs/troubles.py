"""What is wrong now, by job, and what people have heard of it: so that nobody hears the same thing all day."""

from datetime import datetime, timedelta
from typing import Final, cast

import msgspec
from redis import Redis
from redis.client import Pipeline

from runs import keys
from runs.scripts import redis_now

MOST_COUNTED: Final = 200
"""Runs that one digest counts at the most."""


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a job."""

    job: str
    kind: str
    """`failed`, `late`, `never_started`, `held`."""
    run: str
    sequence: int
    since: datetime
    times: int = 1
    """Runs in a row."""
    told: bool = True
    """Whether people heard of it at once; else it is kept for a digest."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What an audience was told of, and what more of the same happened since."""

    audience: str
    signature: str
    told: datetime
    first: str
    """Run that was told of."""
    runs: tuple[str, ...] = ()
    """Runs that were not, the oldest first."""
    published: int = 0
    """Sequence of the newest report that was published before the first."""

    @property
    def is_full(self) -> bool:
        """Whether there are as many runs as a digest counts, and so perhaps more that it does not."""
        return len(self.runs) >= MOST_COUNTED


class Troubles:
    """The troubles of all jobs."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def all(self) -> list[Trouble]:
        """Return what is wrong now."""
        raw = cast("dict[bytes, bytes]", self._redis.hgetall(keys.TROUBLE))
        return [msgspec.json.decode(value, type=Trouble) for _, value in sorted(raw.items())]

    def put(self, trouble: Trouble) -> None:
        """Note a trouble; one that stands already is counted on."""

        def save(pipe: Pipeline) -> None:
            raw = cast("bytes | None", pipe.hget(keys.TROUBLE, trouble.job))
            before = None if raw is None else msgspec.json.decode(raw, type=Trouble)
            pipe.multi()
            if before is not None and before.sequence > trouble.sequence:
                return
            noted = trouble
            if before is not None:
                again = before.run == trouble.run
                noted = msgspec.structs.replace(
                    trouble,
                    since=before.since,
                    times=before.times if again else before.times + 1,
                    told=before.told or trouble.told,
                )
            pipe.hset(keys.TROUBLE, trouble.job, msgspec.json.encode(noted))

        self._redis.transaction(save, keys.TROUBLE)

    def clear(self, job: str) -> bool:
        """Note that a job is well; of several callers one gets True."""
        return bool(self._redis.hdel(keys.TROUBLE, job))


class Quiet:
    """Tells each audience of the first of a kind at once, and of the rest in a digest."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def may_tell(
        self, audience: str, signature: str, run_id: str, window: timedelta, *, published: int = 0
    ) -> bool:
        """Return whether to tell of a run now; if not, it is kept for the digest. The same answer on a repeat.

        `published` is the sequence of the newest published report: one in between ends a series.
        """
        field, answer = f"{audience}|{signature}", [True]

        def save(pipe: Pipeline) -> None:
            now = redis_now(self._redis)
            raw = cast("bytes | None", pipe.hget(keys.QUIET, field))
            kept = None if raw is None else msgspec.json.decode(raw, type=Kept)
            pipe.multi()
            if kept is not None and run_id == kept.first:
                answer[0] = True
            elif (
                kept is None
                or (now - kept.told >= window and not kept.runs)
                or (kept.published != published and run_id not in kept.runs)
            ):
                answer[0] = True
                kept = Kept(
                    audience=audience,
                    signature=signature,
                    told=now,
                    first=run_id,
                    published=published,
                    runs=kept.runs if kept is not None else (),  # what waits for the digest goes on waiting
                )
                pipe.hset(keys.QUIET, field, msgspec.json.encode(kept))
            else:
                answer[0] = False
                if run_id not in kept.runs and not kept.is_full:
                    kept = msgspec.structs.replace(kept, runs=(*kept.runs, run_id))
                    pipe.hset(keys.QUIET, field, msgspec.json.encode(kept))

        self._redis.transaction(save, keys.QUIET)
        return answer[0]

    def all(self) -> list[Kept]:
        """Return what every audience was told of."""
        raw = cast("dict[bytes, bytes]", self._redis.hgetall(keys.QUIET))
        return [msgspec.json.decode(value, type=Kept) for _, value in sorted(raw.items())]

    def digested(self, kept: Kept) -> None:
        """Note that a digest told of `kept.runs`; what came since stays for the next."""
        field = f"{kept.audience}|{kept.signature}"

        def save(pipe: Pipeline) -> None:
            now = redis_now(self._redis)
            raw = cast("bytes | None", pipe.hget(keys.QUIET, field))
            pipe.multi()
            if raw is None:
                return
            later = msgspec.json.decode(raw, type=Kept)
            rest = tuple(run for run in later.runs if run not in kept.runs)
            if not kept.runs and not rest:
                pipe.hdel(keys.QUIET, field)
                return
            pipe.hset(
                keys.QUIET, field, msgspec.json.encode(msgspec.structs.replace(later, told=now, runs=rest))
            )

        self._redis.transaction(save, keys.QUIET)
