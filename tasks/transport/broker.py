"""What waits in the broker: which steps and batches have a message in a queue."""

import base64
import binascii
import json
from collections.abc import Collection, Iterator
from typing import Final, cast

from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from runs.ledger import Unit
from runs.record import MAINTENANCE_STEPS, STEPS
from tasks.app import CONTROL, FETCH, app

_PRIORITIES: Final = 10


def queue_keys() -> list[str]:
    """Return the Redis lists of both queues, one a priority, as the transport names them."""
    return [
        name if priority == 0 else f"{name}:{priority}"
        for name in (CONTROL, FETCH)
        for priority in range(_PRIORITIES)
    ]


def served() -> frozenset[str]:
    """Return the names of the queues that this worker takes messages from; outside a worker, those of both."""
    return frozenset(app.amqp.queues.consume_from)


async def wait_before(client: AsyncRedis, priority: int, queues: Collection[str]) -> bool:
    """Return whether messages wait in these queues that go before one of this priority in FETCH."""
    async with client.pipeline(transaction=False) as pipe:
        for key in queue_keys():
            name, _, step = key.partition(":")
            goes_before = int(step or 0) < priority or (name, int(step or 0)) == (CONTROL, priority)
            if name in queues and goes_before:
                pipe.llen(key)
        return any(await pipe.execute())


def waiting_messages(redis: Redis) -> int:
    """Return how many messages wait in the queues."""
    pipe = redis.pipeline(transaction=False)
    for key in queue_keys():
        pipe.llen(key)
    return sum(cast("list[int]", pipe.execute()))


def waiting_units(redis: Redis) -> set[tuple[str, str]]:
    """Return (run id, unit name) of every step and batch that has a message in a queue."""
    found = set()
    for raw in _messages(redis):
        unit = _unit(raw)
        if unit is not None:
            found.add(unit)
    return found


def _messages(redis: Redis) -> Iterator[bytes]:
    for key in queue_keys():
        # A list at once: read in parts, it would move under the reader with each message that a worker takes. A
        # message is 1.3 KB and a batch has one, so a million URLs are 5 MB.
        yield from cast("list[bytes]", redis.lrange(key, 0, -1))


def _unit(raw: bytes) -> tuple[str, str] | None:
    try:
        message = json.loads(raw)
        name = message["headers"]["task"]
        args = json.loads(base64.b64decode(message["body"]))[0]
        if name == "scrape_batch":
            return str(args[0]), Unit("scrape", int(args[1])).name
        return (str(args[0]), name) if name in (*STEPS, *MAINTENANCE_STEPS) else None
    except (ValueError, KeyError, IndexError, TypeError, OverflowError, RecursionError, binascii.Error):
        return None  # not one of our messages
