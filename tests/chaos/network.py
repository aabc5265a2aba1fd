"""A Redis in a network namespace of its own, with a link for the workers that can be cut. Needs root and iproute2."""

import contextlib
import os
import subprocess
import time
from collections import ChainMap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from runs.child_process import start_child, stop_child
from runs.embedded import server_binary
from tests.chaos.world import World, wait_until

_NET = f"10.{200 + os.getpid() % 50}.{os.getpid() // 50 % 250}"


@dataclass
class Apart:
    """The server, as the world's Redis; reached over the link that stays."""

    url: str
    over_the_cut_link: str
    namespace: str

    def stop(self) -> None:
        """Nothing: the context that made it stops it."""

    @contextlib.contextmanager
    def cut(self, seconds: float) -> Iterator[None]:
        """Let nothing pass on the workers' link for so long; neither side is told. The block runs when it is back."""
        _ip("-n", self.namespace, "link", "set", "workers", "down")
        time.sleep(seconds)
        _ip("-n", self.namespace, "link", "set", "workers", "up")
        yield


@contextlib.contextmanager
def redis_apart(made: World) -> Iterator[Apart]:
    """Put the world's Redis into a namespace: workers reach it over one link, beat and the test over another."""
    namespace = f"shelfbeat{os.getpid()}"
    _ip("netns", "add", namespace)
    try:
        for number, name in enumerate(("workers", "others")):
            ours, theirs = f"{_NET}.{4 * number + 1}", f"{_NET}.{4 * number + 2}"
            here = f"sb{name[0]}{os.getpid()}"
            _ip("link", "add", here, "type", "veth", "peer", "name", name, "netns", namespace)
            _ip("address", "add", f"{ours}/30", "dev", here)
            _ip("link", "set", here, "up")
            _ip("-n", namespace, "address", "add", f"{theirs}/30", "dev", name)
            _ip("-n", namespace, "link", "set", name, "up")
        with _server(made, namespace) as port:
            made.redis.stop()
            password = made.redis.password
            urls = [f"redis://:{password}@{_NET}.{last}:{port}/0" for last in (2, 6)]
            apart = Apart(urls[1], urls[0], namespace)
            made.redis = apart  # type: ignore[assignment]
            made.env["SHELFBEAT_REDIS_URL"] = apart.url
            for worker in made.workers:
                worker.env = ChainMap({"SHELFBEAT_REDIS_URL": apart.over_the_cut_link}, made.env)
            wait_until(lambda: _answers(apart.url), 15)
            yield apart
    finally:
        _ip("netns", "delete", namespace)  # and with it both links


@contextlib.contextmanager
def _server(made: World, namespace: str) -> Iterator[int]:
    folder: Path = made.folder / "apart"
    folder.mkdir()
    config = folder / "redis.conf"
    config.write_text(
        f"bind 0.0.0.0\nport 6379\nrequirepass {made.redis.password}\ndir {folder}\nappendonly yes\n"
        'appendfsync everysec\nsave ""\nmaxmemory-policy noeviction\n'
    )
    command = ["ip", "netns", "exec", namespace, server_binary(), str(config)]
    with (folder / "redis.log").open("ab") as output:
        process = start_child(command, output=output)
    try:
        yield 6379
    finally:
        stop_child(process)


def _answers(url: str) -> bool:
    with contextlib.suppress(RedisError), Redis.from_url(url, socket_timeout=1) as client:
        return bool(client.ping())
    return False


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)
