"""compose/redis/start.sh run for real, with the server that this machine has."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from runs.embedded import server_binary

START: Final = Path(__file__).parents[2] / "compose" / "redis" / "start.sh"
PASSWORD: Final = "correcthorse42"
ROLES: Final = ("worker", "beat", "console", "fetch", "flower")


def role_password(role: str) -> str:
    """Return the password of a role's user."""
    return f"{role}battery7"


def client_of(port: int, role: str = "default") -> Redis:
    """Return a client that logs in as a role's user."""
    password = PASSWORD if role == "default" else role_password(role)
    return Redis(
        port=port, username=role, password=password, decode_responses=True, retry=Retry(NoBackoff(), 0)
    )


def address_of(port: int, role: str) -> str:
    """Return the address by which a role's services connect."""
    return f"redis://{role}:{role_password(role)}@127.0.0.1:{port}/0"


@contextmanager
def started_redis(folder: Path, *, maxmemory: str = "100mb", roles: Sequence[str] = ROLES) -> Iterator[int]:
    """Yield the port of a Redis that start.sh started, with a user for each of the roles."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (programs / "redis-server").symlink_to(server_binary())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "REDIS_PASSWORD": PASSWORD,
        **{f"REDIS_{role.upper()}_PASSWORD": role_password(role) for role in roles},
        "REDIS_MAXMEMORY": maxmemory,
        "REDIS_RUNTIME": str(folder),
        "REDIS_DATA": str(folder),
    }
    command = ["sh", str(START), "--port", str(port), "--bind", "127.0.0.1"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            with client_of(port) as client:
                for _ in range(200):
                    with suppress(RedisError):
                        client.ping()
                        break
                    assert process.poll() is None, "redis-server ended"
                    time.sleep(0.05)
            yield port
        finally:
            process.terminate()
