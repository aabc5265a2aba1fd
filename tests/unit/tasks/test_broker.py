"""What waits in the broker, read from lists as the transport writes them."""

import base64
import json
from collections.abc import Sequence

from fakeredis import FakeAsyncRedis, FakeRedis

from tasks.transport.broker import wait_before, waiting_messages, waiting_units


def message(task: str, args: Sequence[object]) -> bytes:
    """Return a message as Celery leaves it in a list."""
    body = base64.b64encode(json.dumps([args, {}, {}]).encode()).decode()
    return json.dumps({"headers": {"task": task}, "body": body}).encode()


def test_every_step_and_batch_that_has_a_message_is_found_whatever_else_lies_there() -> None:
    redis = FakeRedis()
    redis.lpush("control", message("reduce_rows", ["run-1"]), b"not json", message("tell_end", ["run-2"]))
    deep = base64.b64encode(b'[["run-1", ' + b"[" * 100_000).decode()
    redis.lpush("control", b"[" * 100_000, json.dumps({"headers": {"task": "scrape_batch"}, "body": deep}))
    redis.lpush("control", message("scrape_batch", ["run-3", float("inf")]))
    redis.lpush("fetch:9", *(message("scrape_batch", ["run-3", batch]) for batch in range(1_200)))
    expected = {("run-1", "reduce_rows"), *(("run-3", f"scrape:{batch}") for batch in range(1_200))}
    assert waiting_units(redis) == expected
    assert waiting_messages(redis) == 1_206


async def test_a_worker_gives_way_only_to_what_it_would_take_itself() -> None:
    redis = FakeAsyncRedis()
    await redis.lpush("control", message("reduce_rows", ["run-1"]))
    assert await wait_before(redis, 5, {"control", "fetch"})
    assert not await wait_before(redis, 5, {"fetch"})
    await redis.lpush("fetch:5", message("scrape_batch", ["run-1", 20]))
    assert not await wait_before(redis, 5, {"fetch"})
    await redis.lpush("fetch:4", message("scrape_batch", ["run-1", 10]))
    assert await wait_before(redis, 5, {"fetch"})
