"""Kombu's Redis transport, made to outlive a message that is no message, and a connection that is gone.

As it comes, kombu 5.7 parses what it pops from a queue without a guard: one item that is not JSON, or JSON of
another shape, ends the worker's main process, and the item with it. And a task that ends while the broker is away
asks a closed channel for its connection, whose AttributeError ends the main process too. Both are seen in tests.
"""

import base64
import json
from typing import Any, Final

import structlog
from kombu.transport.redis import Channel, SentinelChannel, SentinelTransport, Transport
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from runs.aside import Aside
from tasks.context import context

log = structlog.get_logger()

_CLIENT_ANSWER: Final = 2  # BRPOP answers (list, item)
_DEEPEST: Final = 100
"""Levels of a message. Ours have a dozen; kombu and Celery read it again, from deeper in the stack than we do."""


def fault_of(item: bytes) -> str | None:
    """Return what is wrong with an item of a queue as a message of Celery; None when nothing is."""
    try:
        message = _shallow(json.loads(item))
        properties = message["properties"]
        delivery = properties["delivery_info"]
        if not isinstance(message["headers"], dict) or not isinstance(message["body"], str):
            return "its headers or its body are of a wrong type"
        _ = properties["delivery_tag"], delivery["exchange"], delivery["routing_key"]
        body: str | bytes = message["body"]
        if properties.get("body_encoding") == "base64":
            body = base64.b64decode(body, validate=True)
        if "task" in message["headers"]:
            if message["content-type"] != "application/json":
                return f"its content type is {message['content-type']}"
            arguments, named, _ = _shallow(json.loads(body))
            if not isinstance(arguments, list) or not isinstance(named, dict):
                return "its body holds no arguments"
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def _shallow(value: Any) -> Any:
    """Return what was read. Raises ValueError when it is nested deeper than any message."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(_DEEPEST):
        held = (part.values() if isinstance(part, dict) else part for part in level)
        level = [one for parts in held for one in parts if isinstance(one, (dict, list))]
        if not level:
            return value
    message = f"nested deeper than {_DEEPEST} levels"
    raise ValueError(message)


class _Guarded:
    """What both channels do otherwise than kombu's."""

    client: Any
    connection: Any
    pool: Any
    _plain: Any = None

    def _brpop_read(self, **options: Any) -> Any:
        """Read one item as kombu does; keep it aside, as if none had come, when it is no message."""
        read = self.client.parse_response

        def guarded(*args: Any, **named: Any) -> Any:
            return _sound(read(*args, **named))

        self.client.parse_response = guarded
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]
        finally:
            del self.client.parse_response

    def _create_client(self, asynchronous: bool = False) -> Any:
        """Return one client for all of the channel's commands: kombu makes one for each, which takes longer than it."""
        if asynchronous:
            return super()._create_client(asynchronous=True)  # type: ignore[misc]
        if self._plain is None or self._plain.connection_pool is not self.pool:
            self._plain = super()._create_client()  # type: ignore[misc]
        return self._plain

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection is None:
            raise RedisConnectionError("the channel's connection to Redis is closed")
        return super()._connparams(asynchronous)  # type: ignore[misc]


def _sound(answer: Any) -> Any:
    """Return BRPOP's answer, or None (as after its time-out) when what it holds is no message."""
    if not answer or len(answer) != _CLIENT_ANSWER:
        return answer
    queue, item = (part if isinstance(part, bytes) else str(part).encode() for part in answer)
    fault = fault_of(item)
    if fault is None:
        return answer
    log.error("message_kept_aside", queue=queue.decode(), why=fault)
    try:
        Aside(context().redis).keep(queue.decode(), fault, item)
    except RedisError:  # it is in the log, at least
        log.exception("message_not_kept", item=item[:2_000])
    return None


class GuardedChannel(_Guarded, Channel):
    """A channel to a Redis server."""


class GuardedTransport(Transport):
    """A Redis server."""

    Channel = GuardedChannel


class GuardedSentinelChannel(_Guarded, SentinelChannel):
    """A channel to the Redis server that Sentinels name."""


class GuardedSentinelTransport(SentinelTransport):
    """A Redis server that Sentinels name."""

    Channel = GuardedSentinelChannel
