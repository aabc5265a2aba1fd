"""The ledger's Lua scripts, and how Python values cross to them and back."""

import importlib.resources
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from redis import Redis

_SOURCES: Final = {
    path.name.removesuffix(".lua"): path.read_text()
    for path in (importlib.resources.files("runs") / "lua").iterdir()
    if path.name.endswith(".lua")
}
_SHARED: Final = "".join(source for name, source in sorted(_SOURCES.items()) if name.startswith("_"))
"""Functions that scripts have in common."""
_SCRIPTS: Final = {name: _SHARED + source for name, source in _SOURCES.items() if not name.startswith("_")}


class Scripts:
    """Calls a script of runs/lua by its name; Redis compiles each once."""

    def __init__(self, redis: Redis) -> None:
        self._scripts = {name: redis.register_script(source) for name, source in _SCRIPTS.items()}

    def __call__(self, script: str, script_keys: Sequence[str], *args: str | bytes | int) -> Any:
        """Run the script with its KEYS and ARGV; return what it answers."""
        return self._scripts[script](keys=list(script_keys), args=list(args))


def new_call() -> str:
    """Return a word that names one call: when its answer is lost, the client asks again with the same word."""
    return secrets.token_hex(4)


def to_ms(moment: datetime) -> int:
    """Return milliseconds since 1970 of an aware time. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        message = f"{moment!r} has no time zone"
        raise ValueError(message)
    return round(moment.timestamp() * 1_000)


def from_ms(value: bytes | int | str) -> datetime:
    """Return the UTC time of milliseconds since 1970."""
    return datetime.fromtimestamp(int(value) / 1_000, UTC)


def redis_now(redis: Redis) -> datetime:
    """Return Redis' time to the millisecond (UTC): the one clock that all machines share."""
    return from_time(redis.time())


def from_time(answer: tuple[int, int]) -> datetime:
    """Return the UTC time of an answer to TIME, to the millisecond."""
    seconds, micros = answer
    return from_ms(seconds * 1_000 + micros // 1_000)


def text(value: bytes | str) -> str:
    """Return what Redis answered as text."""
    return value.decode() if isinstance(value, bytes) else value


def millis(duration: timedelta) -> int:
    """Return a duration in whole milliseconds."""
    return int(duration.total_seconds() * 1_000)


def whole_seconds(duration: timedelta) -> int:
    """Return a duration in whole seconds."""
    return int(duration.total_seconds())
