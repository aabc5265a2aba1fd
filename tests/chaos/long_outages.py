"""Redis, Google, mail and a disk that are away for a while, and a failover. Part of `make chaos`."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError

from runs.child_process import start_child, stop_child
from runs.embedded import server_binary
from tests.chaos.figures import say
from tests.chaos.verdict import judge
from tests.chaos.world import World, running, wait_until, world
from tests.support.sheets_api import Fault


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path / "world", workers=2) as one:
        yield one


@pytest.mark.timeout(300)
@pytest.mark.parametrize("away_s", [20, 90])
def test_workers_and_beat_are_back_within_ten_seconds_of_redis(made: World, away_s: float) -> None:
    made.shop.longest_answer_s = 1.5
    made.write_jobs(8, sheets=1)
    with running(made):
        wait_until(lambda: made.shop.visits.total() >= 20)
        made.redis.kill()
        time.sleep(away_s)
        made.redis.start()
        back = time.monotonic()
        with made.client() as client:
            started_ms = time.time() * 1_000
            wait_until(lambda: _waiting_workers(client) >= 2, 40)
            wait_until(lambda: _newest_tick_ms(client) > started_ms, 40)
        took = time.monotonic() - back
        assert made.wait_for_ends(150)
        assert judge(made).violations == []
    say(f"away {away_s} s: connected again after {took:.1f} s")
    assert took < 10


def _waiting_workers(client: Redis) -> int:
    """Return on how many connections a worker waits for messages."""
    return sum(one["cmd"] == "brpop" for one in client.client_list())


def _newest_tick_ms(client: Redis) -> int:
    return max((int(client.get(key) or 0) for key in client.scan_iter("sb:beat:*")), default=0)


@pytest.mark.timeout(300)
def test_what_others_provide_may_be_away_for_a_while(made: World, tmp_path: Path) -> None:
    full = tmp_path / "world" / "home" / "reports"
    full.mkdir(parents=True)
    with _full_disk(full):
        made.google.chooses = lambda _method, _path: Fault("503")
        made.mail.keeper.data_answer = "451 try later"
        made.write_jobs(3, sheets=1)
        with running(made):
            wait_until(lambda: any("No space" in run.hindered for run in made.runs()))
            (full / "filler").unlink()
            wait_until(lambda: any("Google" in run.hindered for run in made.runs()), 120)
            time.sleep(20)
            made.google.chooses = None
            wait_until(lambda: any("451" in run.hindered for run in made.runs()))
            made.mail.keeper.data_answer = "250 taken"
            assert made.wait_for_ends(200)
            assert judge(made).violations == []
    say("a full disk, Google away, mail refused, one after another: 3 of 3 reports delivered, 0 violations")


@contextlib.contextmanager
def _full_disk(folder: Path) -> Iterator[None]:
    """Mount a small disk there, all of it taken by a file `filler`."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)], check=True)
    try:
        with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(b"x" * 4_096)
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.timeout(300)
def test_a_failover_by_sentinel_is_survived(made: World, tmp_path: Path) -> None:
    with _sentinel(made, tmp_path) as (address, kill_master):
        made.env["SHELFBEAT_REDIS_URL"] = address
        made.shop.longest_answer_s = 1.5
        made.write_jobs(6, sheets=1)
        with running(made):
            wait_until(lambda: made.shop.visits.total() >= 20)
            kill_master()
            down = time.monotonic()
            wait_until(lambda: _is_master(made), 60)
            elected, elected_ms = time.monotonic(), time.time() * 1_000
            with made.client() as client:
                wait_until(lambda: _waiting_workers(client) >= 2, 40)
                wait_until(lambda: _newest_tick_ms(client) > elected_ms, 40)
            took = time.monotonic() - elected
            assert made.wait_for_ends(150)
            assert judge(made).violations == []
    say(
        f"failover by Sentinel: another master after {elected - down:.1f} s, workers wait and beat ticks "
        f"{took:.1f} s after that"
    )
    assert took < 10


@contextlib.contextmanager
def _sentinel(made: World, folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Put a replica beside the world's Redis and a Sentinel above both; yield its address and what kills the master."""
    password = made.redis.password
    ports = [_free_port(), _free_port()]
    common = f"bind 127.0.0.1\nrequirepass {password}\nmasterauth {password}\nappendonly yes\n"
    (folder / "replica").mkdir()
    replica = folder / "replica.conf"
    replica.write_text(
        f"{common}port {ports[0]}\ndir {folder / 'replica'}\nreplicaof 127.0.0.1 {made.redis.port}\n"
    )
    watch = folder / "sentinel.conf"
    watch.write_text(
        f"bind 127.0.0.1\nport {ports[1]}\ndir {folder}\n"
        f"sentinel monitor main 127.0.0.1 {made.redis.port} 1\nsentinel auth-pass main {password}\n"
        "sentinel down-after-milliseconds main 2000\nsentinel failover-timeout main 10000\n"
    )
    binary = server_binary()
    with (folder / "sentinel.log").open("ab") as output:
        replica_process = start_child([binary, str(replica)], output=output)
        watch_process = start_child([binary, str(watch), "--sentinel"], output=output)
    try:
        follower = Redis(port=ports[0], password=password)
        wait_until(lambda: _is_in_step(follower), 30)
        sentinel = Redis(port=ports[1])
        wait_until(lambda: _knows_a_replica(sentinel), 30)
        dead = made.redis
        made.redis = _Address(ports[0], password, dead)  # type: ignore[assignment]
        yield f"sentinel://:{password}@127.0.0.1:{ports[1]}/0?master=main", dead.kill
    finally:
        stop_child(watch_process)
        stop_child(replica_process)


class _Address:
    """The address of the server that is left."""

    def __init__(self, port: int, password: str, first: object) -> None:
        self._port, self._password, self._first = port, password, first

    @property
    def url(self) -> str:
        first = self._first
        pid_port = first.port if _listens(first.port) else self._port  # type: ignore[attr-defined]
        return f"redis://:{self._password}@127.0.0.1:{pid_port}/0"


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _is_master(made: World) -> bool:
    with contextlib.suppress(RedisError), Redis.from_url(made.redis.url, socket_timeout=1) as client:
        return bool(client.info("replication")["role"] == "master")
    return False


def _is_in_step(follower: Redis) -> bool:
    with contextlib.suppress(RedisError):
        return follower.info("replication").get("master_link_status") == "up"
    return False


def _knows_a_replica(sentinel: Redis) -> bool:
    with contextlib.suppress(RedisError):
        return bool(sentinel.sentinel_slaves("main"))
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
