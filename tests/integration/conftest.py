"""The command in this process and a service with its people, on a Redis and a folder of the test's own; a site."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from redis import Redis
from typer.testing import CliRunner

from console.app import command
from runs.embedded import EmbeddedRedis
from scraping.fetcher import Fetcher, FetcherSettings
from scraping.http.addresses import parse_allowed
from scraping.pacing.pace import Pace
from tasks import context as context_module
from tasks.settings import settings
from tests.support.receivers import Hook
from tests.support.simulated import World, definition, make_world
from tests.support.site_hostile import HostileSite, hostile_site

Run = Callable[..., Any]


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    folder = tmp_path / "jobs.d"
    folder.mkdir()
    text = definition("daily", schedule='"${NIGHTLY}"', timezone="Europe/Berlin")
    (folder / "daily.yaml").write_text(text)
    return folder


@pytest.fixture
def run(
    redis: Redis, redis_server: EmbeddedRedis, jobs: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Run a command as `shelfbeat` would; return its JSON, or what it said where it ends with another code than 0."""
    monkeypatch.setenv("SHELFBEAT_REDIS_URL", redis_server.url)
    monkeypatch.setenv("SHELFBEAT_JOBS", str(jobs))
    settings.cache_clear()
    context_module._context.cache_clear()
    # As the console script has it: events of the rooms below are no part of the answer.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))

    def _run(*arguments: str, code: int = 0, stdin: str | None = None, raw: bool = False) -> Any:
        line = [*arguments, *([] if raw else ["--json"])]
        done = CliRunner().invoke(command(arguments[0]), line, input=stdin)
        assert done.exit_code == code, f"{arguments}: {done.exit_code}\n{done.output}\n{done.exception!r}"
        return json.loads(done.stdout) if code == 0 and not raw else " ".join(done.output.split())

    yield _run
    structlog.reset_defaults()
    settings.cache_clear()
    context_module._context.cache_clear()


@pytest.fixture
def team() -> Iterator[Hook]:
    """The channel of a job's own people."""
    with Hook(200) as hook:
        yield hook


@pytest.fixture
def ops() -> Iterator[Hook]:
    """The operators' channel."""
    with Hook(200) as hook:
        yield hook


@pytest.fixture
def world(redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ops: Hook) -> World:
    """A service with a clock of its own, of whose failures `ops` hears."""
    made = make_world(tmp_path, redis, monkeypatch)
    made.ledger.at = datetime.now(UTC)
    made.here = replace(made.here, settings=replace(made.here.settings, operators=(ops.address(),)))
    return made


@pytest.fixture
async def site() -> AsyncIterator[HostileSite]:
    """A site on loopback that does what a test tells it to."""
    async with hostile_site() as served:
        yield served


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    """A fetcher that may visit loopback, with a pace of its own process."""
    made = Fetcher(FetcherSettings(allow_private=parse_allowed("127.0.0.0/8,::1/128")), Pace(None))
    yield made
    await made.close()
