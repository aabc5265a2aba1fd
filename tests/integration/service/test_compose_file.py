"""docker-compose.yaml and compose/ keep their promises: read as YAML, and Redis' start script run for real."""

import base64
import os
import re
import string
import subprocess
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError
from ruamel.yaml import YAML

from tasks.settings import LONGEST_STOP_S
from tests.support.compose_redis import client_of, started_redis

ROOT = Path(__file__).parents[3]
OURS = ("worker", "beat", "flower")
PASSWORD = "correcthorse42"

# Whatever can be set is written down in .env.example.
VARIABLES = re.findall(r"\"(SHELFBEAT_[A-Z_]+)\"", (ROOT / "tasks" / "settings.py").read_text())


def read_yaml(path: str | Path) -> Any:
    return YAML(typ="safe").load(ROOT / path)


def seconds(duration: str) -> int:
    [(number, unit)] = re.findall(r"^(\d+)(s|m)$", duration)
    return int(number) * {"s": 1, "m": 60}[unit]


@pytest.fixture(scope="module")
def services() -> Any:
    return read_yaml("docker-compose.yaml")["services"]


def test_there_are_redis_beat_worker_and_flower(services: Any) -> None:
    assert sorted(services) == ["beat", "flower", "redis", "worker"]


def test_nothing_is_published_but_flower_on_loopback(services: Any) -> None:
    assert {name: service["ports"] for name, service in services.items() if "ports" in service} == {
        "flower": ["127.0.0.1:${SHELFBEAT_FLOWER_PORT:-5555}:5555"]
    }


def test_redis_is_reached_over_a_network_without_a_way_out(services: Any) -> None:
    assert services["redis"]["networks"] == ["store"]
    assert read_yaml("docker-compose.yaml")["networks"]["store"] == {"internal": True}


@pytest.mark.parametrize("name", [*OURS, "redis"])
def test_each_service_is_locked_up_watched_and_brought_back(services: Any, name: str) -> None:
    service = services[name]
    assert service["user"].split(":")[0] not in ("0", "root")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_as_many_as_wanted_may_run(services: Any, name: str) -> None:
    assert not {"container_name", "hostname", "ports"} & set(services[name])


def test_a_worker_is_given_longer_to_stop_than_it_may_take(services: Any) -> None:
    assert seconds(services["worker"]["stop_grace_period"]) >= LONGEST_STOP_S + 10
    unit = (ROOT / "compose/vm/worker.yaml.tmpl").read_text()
    (docker,) = re.findall(r"docker stop --time (\d+) ", unit)
    (systemd,) = re.findall(r"TimeoutStopSec=(\d+)", unit)
    assert LONGEST_STOP_S + 10 <= int(docker) < int(systemd)


def megabytes(limit: str) -> int:
    """Return a limit, a variable's default if it is one."""
    [(number, unit)] = re.findall(r"(\d+)([mg])b?}?$", limit)
    return int(number) * {"m": 1, "g": 1024}[unit]


@pytest.mark.parametrize("name", [*OURS, "redis"])
def test_no_service_may_take_all_of_the_machine(services: Any, name: str) -> None:
    assert 64 <= services[name]["pids_limit"] <= 512
    assert 256 <= megabytes(services[name]["mem_limit"]) <= 3 * 1024


def test_redis_has_room_for_the_fork_that_rewrites_its_file(services: Any) -> None:
    redis = services["redis"]
    assert megabytes(redis["mem_limit"]) > 2 * megabytes(redis["environment"]["REDIS_MAXMEMORY"])


@pytest.mark.parametrize("name", OURS)
def test_a_service_comes_to_redis_as_its_own_user_and_knows_no_other_password(
    services: Any, name: str
) -> None:
    environment = services[name]["environment"]
    own = f"SHELFBEAT_REDIS_{name.upper()}_PASSWORD"
    assert environment["SHELFBEAT_REDIS_URL"] == f"redis://{name}:${{{own}:?set it in .env}}@redis:6379/0"
    if "env_file" in services[name]:
        passwords = re.findall(
            r"^(SHELFBEAT_\w*PASSWORD)=", (ROOT / ".env.example").read_text(), re.MULTILINE
        )
        assert {environment[password] for password in passwords} == {""}


def test_services_start_by_celerys_own_commands(services: Any) -> None:
    starts = {name: services[name]["command"].split(" --")[0] for name in OURS}
    assert starts == {
        "worker": "celery -A worker.app worker",
        "beat": "celery -A beat.app beat",
        "flower": "celery -A worker.app flower",
    }
    assert "--events" in services["worker"]["command"]  # Flower shows nothing without them


def test_flower_asks_for_a_password_and_gets_no_secret_of_a_customer(services: Any) -> None:
    environment = services["flower"]["environment"]
    assert ":?" in environment["FLOWER_BASIC_AUTH"].split(":", 2)[2]
    assert environment["FLOWER_URL_PREFIX"] == "flower"
    assert "FLOWER_UNAUTHENTICATED_API" not in environment
    assert "env_file" not in services["flower"]
    assert "volumes" not in services["flower"]


def test_no_password_is_in_the_files_and_none_may_be_left_out() -> None:
    text = (ROOT / "docker-compose.yaml").read_text()
    example = (ROOT / ".env.example").read_text()
    names = re.findall(r"\${(SHELFBEAT_\w*PASSWORD)", text)
    assert len(set(names)) == 7
    for name in names:
        # A user for whom nobody set a password is not made.
        optional = name in {"SHELFBEAT_REDIS_CONSOLE_PASSWORD", "SHELFBEAT_REDIS_FETCH_PASSWORD"}
        assert set(re.findall(rf"\${{{name}([^}}]*)}}", text)) == {":-" if optional else ":?set it in .env"}
        assert f"\n{name}=\n" in example


def test_the_settings_are_found() -> None:
    assert {"SHELFBEAT_REDIS_URL", "SHELFBEAT_HOME", "SHELFBEAT_JOBS"} <= set(VARIABLES)


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_is_explained_in_the_example_once(variable: str) -> None:
    assert len(re.findall(rf"^#?{variable}=", (ROOT / ".env.example").read_text(), re.MULTILINE)) == 1


def test_every_variable_of_the_compose_files_is_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    for path in ("docker-compose.yaml", "compose/managed-redis.yaml", "compose/fleet.yaml"):
        for name in re.findall(r"\$\{([A-Z_]+)", (ROOT / path).read_text()):
            assert re.search(rf"^#?{name}=", example, re.MULTILINE), (path, name)


def test_every_file_that_a_service_mounts_or_runs_is_there(services: Any) -> None:
    volumes = [volume.split(":")[0] for volume in services["redis"]["volumes"]]
    mounted = [path for path in volumes if path.startswith("./compose")]
    started = re.findall(r"/opt/shelfbeat/([\w/]+\.py)", str([services[name] for name in OURS]))
    assert len(mounted) == 2
    assert len(started) == 2
    for path in [*mounted, *started]:
        kept = "console" if path == "flowerconfig.py" else "."  # as compose/Dockerfile copies it
        assert (ROOT / kept / path).is_file(), path


def test_another_redis_replaces_the_address_everywhere() -> None:
    elsewhere = read_yaml("compose/managed-redis.yaml")["services"]
    assert sorted(elsewhere) == sorted(OURS)
    for service in elsewhere.values():
        assert service["environment"]["SHELFBEAT_REDIS_URL"].startswith("${SHELFBEAT_REDIS_URL:?")


def test_a_fleet_reaches_redis_by_tls_alone_on_an_address_that_must_be_named() -> None:
    [port] = read_yaml("compose/fleet.yaml")["services"]["redis"]["ports"]
    assert re.fullmatch(r"\$\{SHELFBEAT_REDIS_BIND:\?.*\}:6380:6380", port)


def test_the_image_takes_its_base_as_an_argument_checks_hashes_and_is_not_root() -> None:
    text = (ROOT / "compose" / "Dockerfile").read_text()
    assert len(re.findall(r"^FROM \$\{BASE\}", text, re.MULTILINE)) == 2
    assert "--require-hashes -r ${LOCK}" in text
    assert "ARG LOCK=requirements.lock\n" in text
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE) == ["10001:10001"]


def test_only_named_files_go_into_the_image() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert not {"!.env", "!jobs.d", "!secrets", "!.git"} & set(rules)


def test_a_further_machine_joins_by_tls_and_takes_fetching_alone() -> None:
    values = dict.fromkeys(
        re.findall(r"^(\w+)=", (ROOT / "compose/vm/worker-vm.env.example").read_text(), re.MULTILINE), "x"
    )
    values |= {"SHELFBEAT_REDIS_HOST": "10.0.0.5", "SHELFBEAT_REDIS_FETCH_PASSWORD": PASSWORD}
    values["SHELFBEAT_REDIS_CA_BASE64"] = base64.b64encode(b"-----BEGIN CERTIFICATE-----").decode()
    template = string.Template((ROOT / "compose/vm/worker.yaml.tmpl").read_text())
    text = template.substitute(values)  # raises KeyError where the example lacks a variable
    assert text.startswith("#cloud-config\n")
    files = {file["path"]: file for file in YAML(typ="safe").load(text)["write_files"]}
    environment = files["/etc/shelfbeat/worker.env"]
    assert environment["permissions"] == "0600"
    assert f"rediss://fetch:{PASSWORD}@10.0.0.5:6380/0?ssl_cert_reqs=required" in environment["content"]
    unit = files["/etc/systemd/system/shelfbeat-worker.service"]["content"]
    for promise in (
        "Restart=always",
        "--user 10001:10001",
        "--read-only",
        "--cap-drop ALL",
        "--queues fetch",
        "--memory x ",
        "--health-cmd 'celery -A worker.app inspect ping",
    ):
        assert promise in unit
    assert PASSWORD not in unit


def test_redis_starts_durable_with_a_password_and_throws_nothing_away(tmp_path: Path) -> None:
    with started_redis(tmp_path, maxmemory="3mb") as port, client_of(port) as client:
        wanted = {
            "appendonly": "yes",
            "appendfsync": "everysec",
            "maxmemory-policy": "noeviction",
            "maxmemory": str(3 * 1024 * 1024),
        }
        assert client.config_get(*wanted) == wanted
        with Redis(port=port) as stranger, pytest.raises(RedisError, match="authenticated"):
            stranger.ping()


def test_a_full_redis_refuses_to_publish_and_keeps_what_is_queued(tmp_path: Path) -> None:
    with started_redis(tmp_path, maxmemory="3mb") as port, client_of(port) as client:
        client.rpush("fetch", "first")
        with pytest.raises(RedisError, match="maxmemory"):
            client.rpush("fetch", *["x" * 100_000] * 100)
        assert client.lrange("fetch", 0, -1) == ["first"]


@pytest.mark.parametrize("password", ["", "two words", 'quo"te', "a/b@c"])
def test_redis_does_not_start_with_a_password_that_would_break_its_address(
    tmp_path: Path, password: str
) -> None:
    started = subprocess.run(
        ["sh", str(ROOT / "compose/redis/start.sh")],
        env={"PATH": os.environ["PATH"], "REDIS_PASSWORD": password, "REDIS_RUNTIME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert started.returncode == 2
    assert "REDIS_PASSWORD" in started.stderr
    assert not (tmp_path / "redis.conf").exists()
