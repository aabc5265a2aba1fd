"""What goes wrong around the command is a sentence and an exit code, whatever was asked; never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from runs.embedded import EmbeddedRedis
from tests.integration.conftest import Run
from tests.support.simulated import definition

BIN = Path(sys.executable).parent
EVERY = [
    ("jobs", "trigger", "plain"),
    ("jobs", "pause", "plain"),
    ("runs", "list"),
    ("variables", "set", "SHOP", "shop.example"),
    ("backfill", "plain", "--from", "2026-01-01", "--to", "2026-01-02"),
]


@pytest.fixture
def plain(jobs: Path) -> None:
    (jobs / "daily.yaml").unlink()
    (jobs / "plain.yaml").write_text(definition("plain", schedule='"0 6 * * *"'))


def shelfbeat(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(BIN / "shelfbeat"), *arguments],
        env={**os.environ, "COLUMNS": "200", **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("line", [line for line in EVERY if line[:2] != ("runs", "list")])
def test_a_full_redis_is_told(run: Run, redis: Redis, line: tuple[str, ...]) -> None:
    redis.config_set("maxmemory", 1)
    try:
        assert "Redis is full" in run(*line, code=3)
    finally:
        redis.config_set("maxmemory", 0)


@pytest.mark.parametrize("line", EVERY)
def test_a_redis_that_is_away_is_told(line: tuple[str, ...], jobs: Path) -> None:
    (jobs / "plain.yaml").write_text(definition("plain", schedule='"0 6 * * *"'))
    done = shelfbeat(*line, SHELFBEAT_REDIS_URL="redis://127.0.0.1:1/0", SHELFBEAT_JOBS=str(jobs))
    assert done.returncode == 3
    assert done.stderr.startswith("Redis cannot be reached: ")
    assert "Traceback" not in done.stderr


AWAY = {"SHELFBEAT_REDIS_URL": "redis://127.0.0.1:1/0"}


def test_without_redis_jobs_are_listed_as_far_as_they_are_known(jobs: Path) -> None:
    (jobs / "plain.yaml").write_text(definition("plain", schedule='"0 6 * * *"'))
    done = shelfbeat("jobs", "list", "--json", **AWAY, SHELFBEAT_JOBS=str(jobs))
    assert (done.returncode, json.loads(done.stdout)[0]["job"]) == (3, "plain"), done.stderr
    assert "daily.yaml: not known without Redis, it refers to Variables (NIGHTLY)" in done.stderr
    assert "which jobs are paused is not known" in done.stderr


def test_without_redis_the_mistakes_of_files_that_need_no_variable_are_told(jobs: Path) -> None:
    (jobs / "typo.yaml").write_text("job: typo\nurls: broken\n")
    done = shelfbeat("jobs", "check", **AWAY, SHELFBEAT_JOBS=str(jobs))
    assert done.returncode == 2
    assert "typo.yaml:2: urls: " in done.stdout
    assert "daily.yaml: not known without Redis" in done.stderr
    assert "Redis cannot be reached" in done.stderr


def test_without_redis_definitions_are_checked_with_the_variables_that_seed_it(
    jobs: Path, tmp_path: Path
) -> None:
    here = {**AWAY, "SHELFBEAT_JOBS": str(jobs)}
    assert "give them by --variables FILE" in shelfbeat("jobs", "check", **here).stderr
    file = tmp_path / "variables.yaml"
    file.write_text('NIGHTLY: "0 6 * * *"\n')
    done = shelfbeat("jobs", "check", **here, SHELFBEAT_VARIABLES=str(file))
    assert (done.returncode, done.stdout) == (0, "1 job, no mistakes\n")
    assert str(file) in done.stderr


def test_a_trigger_from_python_says_in_one_sentence_that_redis_is_away(jobs: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from tasks.start import trigger; trigger('plain')"],
        env={**os.environ, **AWAY, "SHELFBEAT_JOBS": str(jobs)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr.splitlines()[-1].startswith("tasks.reach.RedisAway: Redis cannot be reached: ")
    assert done.stderr.count("Traceback") == 1


@pytest.mark.parametrize(
    ("env", "said", "code"),
    [
        ({"SHELFBEAT_REDIS_URL": "localhost:6379"}, "SHELFBEAT_REDIS_URL: Redis URL must specify", 2),
        (
            {"SHELFBEAT_REDIS_URL": "sentinel://one/0"},
            "SHELFBEAT_REDIS_URL: a sentinel:// address ends in",
            2,
        ),
        ({"SHELFBEAT_HISTORY_DAYS": "ten"}, "SHELFBEAT_HISTORY_DAYS: a number of days", 2),
    ],
)
def test_a_wrong_setting_is_named(env: dict[str, str], said: str, code: int) -> None:
    done = shelfbeat("runs", "list", **env)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False), (
        done.stderr
    )


def test_a_wrong_password_is_told_and_not_repeated(run: Run, redis: Redis) -> None:
    port = redis.connection_pool.connection_kwargs["port"]
    done = shelfbeat("runs", "list", SHELFBEAT_REDIS_URL=f"redis://:s3cret@127.0.0.1:{port}/0")
    assert done.returncode == 3
    assert "refuses the user or password" in done.stderr
    assert "s3cret" not in done.stderr


def test_the_doctor_names_a_full_redis_and_looks_at_the_rest(
    redis: Redis, redis_server: EmbeddedRedis, jobs: Path
) -> None:
    redis.config_set("maxmemory", 1)
    try:
        done = shelfbeat(
            "doctor", "--json", SHELFBEAT_REDIS_URL=redis_server.url, SHELFBEAT_JOBS=str(jobs / "nowhere")
        )
    finally:
        redis.config_set("maxmemory", 0)
    assert done.returncode == 1, done.stderr
    found = {one["check"]: one for one in json.loads(done.stdout)}
    assert "full" in found["memory"]["found"]
    assert "set SHELFBEAT_JOBS" in found["definitions"]["fix"]
    assert found["Redis"]["health"] == "good"
