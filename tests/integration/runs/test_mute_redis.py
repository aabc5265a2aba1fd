"""A Redis that takes connections and answers nothing, as behind a network that lets nothing pass."""

import importlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import TimeoutError as RedisTimeoutError

from exporters.messages.delivery import deliver
from reports.message import Message
from reports.row import ProductUrl, Row
from runs.deliveries import Deliveries
from runs.embedded import EmbeddedRedis
from runs.ledger import Ledger
from tasks import redis_address
from tasks.context import Context
from tasks.redis_address import BoundedRetry, connect
from tasks.settings import read_settings
from tasks.steps import deliver as deliver_module
from tests.integration.conftest import Run
from tests.support.batches import collected_run
from tests.support.receivers import Hook


def test_a_call_to_a_mute_redis_ends_soon_after_its_time_for_trying() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        with connect(url, socket_timeout=0.2, retry=BoundedRetry(1.0)) as client:
            began = time.monotonic()
            with pytest.raises(RedisTimeoutError):
                client.ping()
            took_s = time.monotonic() - began
    assert 1.0 <= took_s < 3.5  # twelve tries would be 18 s


def mute_for(redis: Redis, seconds: float) -> None:
    """Let the server stand still, from now on and for so long."""
    pid = int(redis.info("server")["process_id"])
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(seconds, os.kill, (pid, signal.SIGCONT)).start()


def then_mute(done: Callable[..., Any], redis: Redis, seconds: float) -> Callable[..., Any]:
    """Return a function that does the same and leaves a mute server behind."""

    def _done(*arguments: Any) -> Any:
        answer = done(*arguments)
        mute_for(redis, seconds)
        return answer

    return _done


def test_what_a_channel_answered_is_recorded_when_redis_is_back(
    redis: Redis, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver_module, "deliver", then_mute(deliver, redis, 4.0))
    with Hook(200) as hook, connect(redis_server.url, socket_timeout=0.3, retry=BoundedRetry(0.5)) as client:
        here = Context(settings=read_settings({}), redis=client, ledger=Ledger(client), secrets=())
        message = Message("subject", "text", "<p>text</p>", "delivered")
        for _ in range(2):
            assert not deliver_module.deliver_all(here, "run-1", "result", message, [hook.open_address()])
        assert len(hook.bodies) == 1
        (record,) = Deliveries(client, "run-1").records().values()
        assert (record.state, record.attempts) == ("sent", 1)


# Celery warns of the task attribute `queue`, which each of our tasks names.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_pages_that_were_fetched_wait_for_redis(
    run: Run, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch: Any = importlib.import_module("tasks.steps.batch")
    fetched: list[int] = []

    async def scrape(urls: Sequence[ProductUrl], *_: Any, **__: Any) -> list[Row]:
        fetched.append(len(urls))
        mute_for(redis, 4.0)
        return [Row(position=item.position, url=item.url, page_type="product") for item in urls]

    monkeypatch.setattr(batch, "scrape", scrape)
    monkeypatch.setattr(redis_address, "ANSWER_S", 0.3)
    monkeypatch.setattr(redis_address, "BoundedRetry", partial(BoundedRetry, 0.5))
    ledger = collected_run(redis, "plain-1", urls=4)
    batch.scrape_batch.apply(args=("plain-1", 0))
    assert fetched == [4]
    assert ledger.missing_batches("plain-1") == []
    assert ledger.field("plain-1", "pages") == "4"
