"""Redis as people reach it: asked once, so that a Redis that is away is said at once and in one sentence."""

from redis import exceptions as redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tasks.context import Context, context
from tasks.redis_address import connect
from tasks.settings import DEFAULT_REDIS_URL, settings


class RedisAway(redis.ConnectionError):
    """Redis does not answer at its address. Says what it tried and what to do."""

    def __init__(self, said: str, advice: str) -> None:
        super().__init__(said, advice)  # all arguments up: errors cross processes
        self.said = said
        self.advice = advice

    def __str__(self) -> str:
        return f"Redis cannot be reached: {self.said}. {self.advice}"


def redis_away(error: Exception) -> RedisAway:
    """Return what a person reads of a connection that failed."""
    return RedisAway(str(error).rstrip("."), _advice())


def reach() -> Context:
    """Return this process' context once Redis answers. Raises RedisAway without waiting for it."""
    here = context()
    probe = connect(settings().redis_url, socket_connect_timeout=3, retry=Retry(NoBackoff(), 0))
    with probe:
        try:
            probe.ping()
        except (redis.AuthenticationError, redis.BusyLoadingError):
            raise
        except redis.ConnectionError as error:
            # What redis-py went through on its way tells nobody more.
            raise redis_away(error) from None
    return here


def _advice() -> str:
    if settings().redis_url != DEFAULT_REDIS_URL:
        return "Is SHELFBEAT_REDIS_URL right, and is that Redis up?"
    return (
        "`shelfbeat up` starts one, and commands in the folder of a running `up` find it; "
        "elsewhere set SHELFBEAT_REDIS_URL to what its file .shelfbeat/up/redis/address says"
    )
