"""The log of a run: what happened, in the order in which it happened."""

import json
from typing import cast

import msgspec
from redis import Redis

from runs import keys
from runs.record import Event
from runs.scripts import redis_now


def note(redis: Redis, run_id: str, event: str, *, step: str = "", detail: str = "") -> None:
    """Append a line, at Redis' time; the newest EVENTS_KEPT lines stay."""
    at = redis_now(redis).isoformat()
    pipe = redis.pipeline()
    pipe.rpush(keys.events(run_id), json.dumps({"at": at, "event": event, "step": step, "detail": detail}))
    pipe.ltrim(keys.events(run_id), -keys.EVENTS_KEPT, -1)
    pipe.expire(keys.events(run_id), keys.RUN_TTL)
    pipe.execute()


def events(redis: Redis, run_id: str) -> list[Event]:
    """Return the lines, oldest first."""
    lines = cast("list[bytes]", redis.lrange(keys.events(run_id), 0, -1))
    return [msgspec.json.decode(line, type=Event) for line in lines]
