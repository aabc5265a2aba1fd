"""Variables in Redis, beside the ledger: their values, and who changed what, when and from what."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

import msgspec
from redis import Redis
from redis.client import Pipeline

from jobs.variables import Variable, VariableType
from runs import keys
from runs.scripts import redis_now, text


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a Variable."""

    name: str
    at: datetime
    by: str
    """A person at a machine, or what seeded it."""
    before: str | None
    """None: it is new."""
    after: str | None
    """None: it was taken away."""


class StoredVariable(msgspec.Struct, frozen=True, kw_only=True):
    """A Variable and its last change."""

    name: str
    value: str
    type: VariableType = "text"
    description: str = ""
    changed: Change

    @property
    def variable(self) -> Variable:
        """The Variable itself."""
        return Variable(self.name, self.value, self.type, self.description)


class VariableStore:
    """All Variables of one Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    def all(self) -> dict[str, StoredVariable]:
        """Return every Variable by name, in the order of names."""
        raw = cast("dict[bytes, bytes]", self._redis.hgetall(keys.VARIABLES))
        return {text(name): _decode(value) for name, value in sorted(raw.items())}

    def get(self, name: str) -> StoredVariable | None:
        """Return one Variable."""
        raw = cast("bytes | None", self._redis.hget(keys.VARIABLES, name))
        return None if raw is None else _decode(raw)

    def put(self, variables: Iterable[Variable], by: str) -> list[Change]:
        """Save Variables, all or none; returns what changed. The same again changes nothing."""
        return self._put(variables, by, None)

    def seed(self, variables: Iterable[Variable], by: str, since: datetime) -> list[Change]:
        """Save the Variables that are not there yet; what a person set since stays.

        They hold `since` their file was written: in a Redis that was emptied a schedule is no newer than before.
        """
        return self._put(variables, by, since)

    def _put(self, variables: Iterable[Variable], by: str, seeded_since: datetime | None) -> list[Change]:
        wanted, changes = list(variables), list[Change]()

        def save(pipe: Pipeline) -> None:
            changes.clear()  # somebody changed a Variable meanwhile, and we are asked again
            now = redis_now(self._redis)
            at = min(seeded_since or now, now)
            stored = [_stored(pipe, variable.name) for variable in wanted]
            pipe.multi()
            for variable, before in zip(wanted, stored, strict=True):
                if before is not None and (seeded_since or before.variable == variable):
                    continue
                old = None if before is None else before.value
                change = Change(name=variable.name, at=at, by=by, before=old, after=variable.value)
                pipe.hset(keys.VARIABLES, variable.name, _encode(variable, change))
                _log(pipe, change)
                changes.append(change)

        self._redis.transaction(save, keys.VARIABLES)
        return changes

    def take(self, name: str, by: str) -> Change | None:
        """Take a Variable away; None when there is none."""

        changes: list[Change] = []

        def remove(pipe: Pipeline) -> None:
            changes.clear()
            before = _stored(pipe, name)
            pipe.multi()
            if before is None:
                return
            change = Change(name=name, at=redis_now(self._redis), by=by, before=before.value, after=None)
            pipe.hdel(keys.VARIABLES, name)
            _log(pipe, change)
            changes.append(change)

        self._redis.transaction(remove, keys.VARIABLES)
        return changes[0] if changes else None

    def changes(self, name: str | None = None) -> list[Change]:
        """Return the changes that are kept, of one Variable or of all, newest first."""
        lines = cast("list[bytes]", self._redis.lrange(keys.VARIABLE_LOG, 0, -1))
        found = [msgspec.json.decode(line, type=Change) for line in lines]
        return [change for change in found if name is None or change.name == name]


def _stored(pipe: Pipeline, name: str) -> StoredVariable | None:
    raw = cast("bytes | None", pipe.hget(keys.VARIABLES, name))
    return None if raw is None else _decode(raw)


def _decode(raw: bytes) -> StoredVariable:
    return msgspec.json.decode(raw, type=StoredVariable)


def _encode(variable: Variable, change: Change) -> bytes:
    return msgspec.json.encode(
        StoredVariable(
            name=variable.name,
            value=variable.value,
            type=variable.type,
            description=variable.description,
            changed=change,
        )
    )


def _log(pipe: Pipeline, change: Change) -> None:
    pipe.lpush(keys.VARIABLE_LOG, msgspec.json.encode(change))
    pipe.ltrim(keys.VARIABLE_LOG, 0, keys.VARIABLE_CHANGES_KEPT - 1)
