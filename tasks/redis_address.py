"""Where Redis is: one server (`redis://`, `rediss://`), or the one that Sentinels name at the moment.

    sentinel://:password@one.example:26379,two.example:26379,three.example:26379/0?master=shelfbeat

`password` is the Redis servers'; Sentinels that want one too get it from `&sentinel_password=…`.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, quote, unquote, urlsplit

import redis.asyncio
from redis import Redis
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from redis.sentinel import Sentinel

T = TypeVar("T")

_SENTINEL_PORT: Final = 26_379
ANSWER_S: Final = 10
"""How long Redis may take to answer before the connection counts as dead."""
_SENTINEL_ANSWER_S: Final = 2.0
"""How long a Sentinel may take to answer before the next is asked."""
_TRIED_S: Final = 30.0
"""How long a call goes on trying: a network that lets nothing pass takes the time of an answer at each try."""


class BoundedRetry(Retry):
    """redis-py's retries, none of which begins after `longest_s` of a call."""

    def __init__(self, longest_s: float = _TRIED_S) -> None:
        super().__init__(ExponentialBackoff(cap=2, base=0.05), 12)
        self._longest_s = longest_s

    def call_with_retry(
        self,
        do: Callable[[], T],
        fail: Callable[[Exception], Any] | Callable[[Exception, int], Any],
        is_retryable: Callable[[Exception], bool] | None = None,
        with_failure_count: bool = False,
    ) -> T:
        """Do it, and again after a fault that may pass, while there is time."""
        ends = time.monotonic() + self._longest_s

        def may_pass(error: Exception) -> bool:
            return time.monotonic() < ends and (is_retryable is None or is_retryable(error))

        return super().call_with_retry(do, fail, may_pass, with_failure_count)


@dataclass(frozen=True)
class SentinelAddress:
    """The parts of a `sentinel://` address."""

    hosts: tuple[tuple[str, int], ...]
    master: str
    database: int
    user: str | None
    password: str | None
    sentinel_password: str | None


def sentinel_address(url: str) -> SentinelAddress | None:
    """Return the parts of a `sentinel://` address, None for another one. Raises ValueError when it names no master."""
    if not url.startswith("sentinel://"):
        return None
    parts = urlsplit(url)
    credentials, _, places = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    asked = parse_qs(parts.query)
    if "master" not in asked:
        raise ValueError("a sentinel:// address ends in ?master=NAME, the name that the Sentinels know")
    hosts = []
    for place in places.split(","):
        host, _, port = place.rpartition(":") if ":" in place else (place, "", "")
        hosts.append((host, int(port or _SENTINEL_PORT)))
    return SentinelAddress(
        hosts=tuple(hosts),
        master=asked["master"][0],
        database=int(parts.path.strip("/") or 0),
        user=unquote(user) or None,
        password=unquote(password) or None,
        sentinel_password=asked.get("sentinel_password", [None])[0],
    )


def connect(url: str, **overrides: Any) -> Redis:
    """Return a Redis client that outlives a restart of the server, or a failover: about 15 s of tries a call.

    Of a server, or a network, that answers nothing it is 30 s and the wait for the last answer, and as much again
    where the connection has to be made anew: 33 to 43 s were seen, 75 s are the most.

    `overrides` are redis-py's options that shall differ.
    """
    options: dict[str, Any] = {
        "socket_connect_timeout": 5,
        "socket_timeout": ANSWER_S,
        "socket_keepalive": True,
        "health_check_interval": 30,
        "retry": BoundedRetry(),
        # A server that was the master a moment ago says that it is read-only.
        "retry_on_error": [RedisConnectionError, RedisTimeoutError, ReadOnlyError],
        **overrides,
    }
    found = sentinel_address(url)
    if found is None:
        return Redis.from_url(url, **options)
    sentinels: Any = Sentinel(list(found.hosts), sentinel_kwargs=_ask(found))  # type: ignore[no-untyped-call]
    client: Redis = sentinels.master_for(found.master, **_login(found), **options)
    return client


def connect_async(url: str) -> "redis.asyncio.Redis":
    """Return a client for an event loop."""
    found = sentinel_address(url)
    if found is None:
        return redis.asyncio.Redis.from_url(url)
    sentinels = AsyncSentinel(list(found.hosts), sentinel_kwargs=_ask(found))  # type: ignore[no-untyped-call]
    client: redis.asyncio.Redis = sentinels.master_for(found.master, **_login(found))
    return client


def celery_address(url: str) -> tuple[str, dict[str, Any]]:
    """Return an address as Celery writes it, and the transport options that go with it."""
    found = sentinel_address(url)
    if found is None:
        return url, {}
    login = f"{quote(found.user or '', safe='')}:{quote(found.password or '', safe='')}@"
    address = ";".join(f"sentinel://{login}{host}:{port}/{found.database}" for host, port in found.hosts)
    return address, {"master_name": found.master, "sentinel_kwargs": _ask(found)}


def _ask(found: SentinelAddress) -> dict[str, Any]:
    return {
        "socket_timeout": _SENTINEL_ANSWER_S,
        "socket_connect_timeout": _SENTINEL_ANSWER_S,
        "password": found.sentinel_password,
    }


def _login(found: SentinelAddress) -> dict[str, Any]:
    return {"username": found.user, "password": found.password, "db": found.database}
