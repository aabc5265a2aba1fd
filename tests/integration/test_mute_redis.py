"""A Redis that takes connections and answers nothing, as behind a network that lets nothing pass."""

import socket
import time

import pytest
from redis.exceptions import TimeoutError as RedisTimeoutError

from tasks.redis_address import BoundedRetry, connect


def test_a_call_to_a_mute_redis_ends_soon_after_its_time_for_trying() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        with connect(url, socket_timeout=0.2, retry=BoundedRetry(1.0)) as client:
            began = time.monotonic()
            with pytest.raises(RedisTimeoutError):
                client.ping()
            took_s = time.monotonic() - began
    assert 1.0 <= took_s < 3.5  # twelve tries would be 18 s
