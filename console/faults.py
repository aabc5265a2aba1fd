"""The faults that people can do something about, each as a sentence and an exit code: the one place for all commands.

What is not known here is a fault of ours and keeps its traceback.
"""

import errno
import sys
from collections.abc import Callable
from typing import Any, Final

from redis import exceptions as redis

from console.output import RUN_FAILED, UNREACHABLE, WRONG_USAGE
from exporters.errors import PublishRefused
from jobs.errors import InvalidDefinition
from jobs.secrets import MissingSecret
from reports.errors import Unavailable
from runs import keys
from runs.embedded import NoRedisServer
from runs.folder_lock import FolderInUse
from runs.ledger import UnknownRun
from runs.store import RowsExpired
from tasks.catalogue import UnknownJob
from tasks.context import UnreadableDefinition
from tasks.reach import RedisAway, redis_away
from tasks.rerun import NotPossible
from tasks.settings import WrongSetting
from tasks.variables import WouldBreak

Explained = tuple[str, int]
Words = Callable[[Any], str]

_FULL: Final = (
    "Redis is full and takes nothing more. Raise its maxmemory, or find what fills it "
    "(redis-cli --bigkeys); runs that wait go on by themselves then. See also: shelfbeat doctor"
)
_IS_IT_UP: Final = "Is SHELFBEAT_REDIS_URL right, and is it up? (shelfbeat up starts one)"
_GONE: Final = (
    f"The rows of this run are not in Redis: they are kept {keys.ROWS_TTL.days} days, and only once all pages are "
    "fetched. Read the report's files, or trigger the job anew"
)


_FOR_A_PERSON: Final = (
    InvalidDefinition, UnknownJob, UnknownRun, NotPossible, WouldBreak, MissingSecret, WrongSetting,
    PublishRefused, FolderInUse, UnreadableDefinition,
)  # fmt: skip


def _said(error: Exception) -> str:
    return str(error).rstrip(".")


_KNOWN: Final[tuple[tuple[type[Exception], Words, int], ...]] = (
    # The first that fits counts: Redis' own errors are of each other's kinds.
    (redis.OutOfMemoryError, lambda _: _FULL, UNREACHABLE),
    (
        redis.AuthenticationError,
        lambda error: f"Redis refuses the user or password of SHELFBEAT_REDIS_URL: {_said(error)}",
        UNREACHABLE,
    ),
    (
        redis.BusyLoadingError,
        lambda _: "Redis is still loading its data; try again in a moment",
        UNREACHABLE,
    ),
    (RedisAway, str, UNREACHABLE),
    (redis.ConnectionError, lambda error: str(redis_away(error)), UNREACHABLE),
    (redis.TimeoutError, lambda error: f"Redis does not answer: {_said(error)}. {_IS_IT_UP}", UNREACHABLE),
    (
        redis.ReadOnlyError,
        lambda _: "This Redis is a replica and takes no writes; SHELFBEAT_REDIS_URL must name the master",
        UNREACHABLE,
    ),
    (redis.RedisError, lambda error: f"Redis refuses: {_said(error)}. See: shelfbeat doctor", UNREACHABLE),
    (RowsExpired, lambda _: _GONE, RUN_FAILED),
    *((kind, str, UNREACHABLE) for kind in (Unavailable, NoRedisServer)),
    *((kind, str, WRONG_USAGE) for kind in _FOR_A_PERSON),
)


def explain(error: Exception) -> Explained | None:
    """Return what is wrong and the exit code; None for what is no fault that people can mend."""
    for kind, words, code in _KNOWN:
        if isinstance(error, kind):
            return words(error), code
    if isinstance(error, OSError):
        return _explain_file(error)
    broker = sys.modules.get("kombu.exceptions")  # only commands that enqueue load Celery
    return None if broker is None else _explain_broker(error, broker.OperationalError)


def _explain_file(error: OSError) -> Explained | None:
    if error.filename is None or error.errno == errno.EPIPE:
        return None
    return f"{error.filename}: {error.strerror}", WRONG_USAGE


def _explain_broker(error: Exception, kind: type[Exception]) -> Explained | None:
    """Explain what Celery's broker says: an error of Redis, in another wrapping."""
    if not isinstance(error, kind):
        return None
    words = _FULL if "maxmemory" in str(error) else f"Redis takes no work: {_said(error)}. {_IS_IT_UP}"
    return words, UNREACHABLE
