"""What the clock remembers of jobs beside their due times: who paused them, and which schedule is in force."""

from datetime import datetime
from typing import cast

import msgspec
from redis import Redis

from runs import keys
from runs.scripts import from_ms, redis_now, text, to_ms


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """Why a job does not start."""

    by: str
    at: datetime
    why: str = ""


class Agenda:
    """The clock's notes of one Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def pause(self, job: str, by: str, why: str = "") -> bool:
        """Pause a job; False when it was paused before (then who did first stays)."""
        pause = Pause(by=by, at=redis_now(self._redis), why=why)
        return bool(self._redis.hsetnx(keys.PAUSED, job, msgspec.json.encode(pause)))

    def resume(self, job: str) -> bool:
        """Let a job start again; False when it was not paused."""
        return bool(self._redis.hdel(keys.PAUSED, job))

    def paused(self) -> dict[str, Pause]:
        """Return every paused job."""
        raw = cast("dict[bytes, bytes]", self._redis.hgetall(keys.PAUSED))
        return {text(job): msgspec.json.decode(value, type=Pause) for job, value in sorted(raw.items())}

    def schedule(self, job: str) -> str | None:
        """Return the schedule that was last put in force for a job."""
        raw = cast("bytes | None", self._redis.hget(keys.SCHEDULES, job))
        return None if raw is None else text(raw)

    def put_schedule(self, job: str, schedule: str) -> None:
        """Note the schedule that is in force now."""
        self._redis.hset(keys.SCHEDULES, job, schedule)

    def good(self) -> dict[str, str]:
        """Return the last good version of every definition file, as JSON, by file name."""
        raw = cast("dict[bytes, bytes]", self._redis.hgetall(keys.GOOD))
        return {text(name): text(value) for name, value in raw.items()}

    def good_since(self) -> dict[str, datetime]:
        """Return since when each file's last good version is in force, by file name."""
        raw = cast("dict[bytes, bytes]", self._redis.hgetall(keys.GOOD_SINCE))
        return {text(name): from_ms(int(value)) for name, value in raw.items()}

    def put_good(self, definitions: dict[str, str], gone: set[str]) -> None:
        """Keep good versions, and drop those of files that are gone."""
        pipe = self._redis.pipeline()
        if definitions:
            now = to_ms(redis_now(self._redis))
            pipe.hset(keys.GOOD, items=[part for pair in definitions.items() for part in pair])
            pipe.hset(keys.GOOD_SINCE, items=[part for name in definitions for part in (name, now)])
        if gone:
            pipe.hdel(keys.GOOD, *gone)
            pipe.hdel(keys.GOOD_SINCE, *gone)
        pipe.execute()

    def complaint(self) -> tuple[str, str]:
        """Return the round of mistakes that stands, '' for none, and the digest of what operators were told in it."""
        raw = text(cast("bytes | None", self._redis.get(keys.COMPLAINT)) or b":")
        number, _, digest = raw.partition(":")
        return number, digest

    def open_complaint(self) -> tuple[str, str]:
        """Return the round that stands, or begin one; it ends by itself when no beat sees a mistake any more."""
        fresh = f"{to_ms(redis_now(self._redis))}:"
        if not self._redis.set(keys.COMPLAINT, fresh, nx=True, ex=keys.COMPLAINT_TTL):
            self._redis.expire(keys.COMPLAINT, keys.COMPLAINT_TTL)
        return self.complaint()

    def put_complaint(self, number: str, digest: str) -> None:
        """Note what the operators were told of in a round."""
        self._redis.set(keys.COMPLAINT, f"{number}:{digest}", ex=keys.COMPLAINT_TTL)

    def end_complaint(self) -> None:
        """End the round: all is mended, and the operators know it."""
        self._redis.delete(keys.COMPLAINT)
