"""Each role's user in Redis may do its own work and no more, on a server that compose/redis/start.sh started."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError, ResponseError

from tests.support.compose_redis import ROLES, client_of, started_redis


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with started_redis(tmp_path_factory.mktemp("redis")) as listening:
        yield listening


@pytest.fixture
def owner(port: int) -> Iterator[Redis]:
    with client_of(port) as client:
        client.flushall()
        yield client


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "command",
    [
        "FLUSHALL", "FLUSHDB", "CONFIG GET *", "CONFIG SET maxmemory 1", "ACL LIST", "KEYS *", "SHUTDOWN NOSAVE",
        "CLIENT KILL TYPE normal", "REPLICAOF 127.0.0.1 1", "MONITOR", "SCRIPT FLUSH", "FUNCTION FLUSH", "SAVE",
    ],
)  # fmt: skip
def test_no_role_may_empty_halt_or_change_the_server(
    owner: Redis, port: int, role: str, command: str
) -> None:
    owner.set("sb:born", "1")
    with client_of(port, role) as client, pytest.raises(NoPermissionError):
        client.execute_command(*command.split(" "))
    assert owner.get("sb:born") == "1"


@pytest.mark.parametrize(
    "key", ["sb:variables", "sb:good", "sb:paused", "sb:sheet:x", "sb:job:acme:seq", "other"]
)
@pytest.mark.parametrize("role", ["fetch", "flower"])
def test_a_further_machine_and_flower_read_and_write_nothing_of_the_house(
    port: int, role: str, key: str
) -> None:
    with client_of(port, role) as client:
        for command in (("GET", key), ("SET", key, "1"), ("DEL", key)):
            with pytest.raises(NoPermissionError):
                client.execute_command(*command)
        with pytest.raises(NoPermissionError):
            client.scan()


def test_flower_sees_how_long_queues_are_and_puts_nothing_into_them(owner: Redis, port: int) -> None:
    owner.lpush("fetch:3", "message")
    with client_of(port, "flower") as client:
        assert client.llen("fetch:3") == 1
        with pytest.raises(NoPermissionError):
            client.lpush("fetch:3", "message")
        with pytest.raises(NoPermissionError):
            client.hgetall("sb:run:acme-1")
        with pytest.raises(ResponseError, match=r"permission|can.t access"):
            client.eval("return redis.call('HGETALL', 'sb:run:acme-1')", 0)


def test_a_user_without_a_password_is_not_made(tmp_path: Path) -> None:
    with started_redis(tmp_path / "bare", roles=("worker",)) as listening, client_of(listening) as client:
        assert client.execute_command("ACL USERS") == ["default", "worker"]
