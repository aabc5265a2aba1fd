"""The doctor beside a Redis that answers at first and goes while it looks."""

import socket
from pathlib import Path

import pytest
from redis import Redis

from console.doctor import command
from jobs.secrets import Environment
from runs.embedded import EmbeddedRedis
from runs.ledger import Ledger
from tasks.app import app
from tasks.context import Context
from tasks.settings import settings
from tests.integration.conftest import Run


def test_a_redis_that_goes_meanwhile_is_a_finding_and_the_rest_is_looked_at(
    run: Run, jobs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (jobs / "daily.yaml").write_text((jobs / "daily.yaml").read_text().replace("${NIGHTLY}", "0 6 * * *"))
    server = EmbeddedRedis(tmp_path / "own")
    server.start()
    try:
        with Redis.from_url(server.url) as client:  # one that does not wait for a Redis that is away
            here = Context(settings(), client, Ledger(client), (Environment(),))
            monkeypatch.setattr(command, "context", lambda: here)
            looking = command.examine()
            before = [next(looking)]
            while before[-1].check != "definitions":
                before.append(next(looking))
            server.stop()
            after = list(looking)
    finally:
        server.stop()
    assert before[-1].health == "good"
    assert [found.check for found in after] == ["last runs", "secrets", "operators", "outside monitor"]
    assert (after[0].health, after[0].fix) == ("problem", "Mend Redis first.")


def test_a_redis_that_goes_before_workers_are_asked_is_a_finding(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setitem(app.conf, "broker_url", f"redis://127.0.0.1:{free.getsockname()[1]}/0")
        monkeypatch.setattr(app, "_pool", None)
        found = list(command.examine())
    (gone,) = [one for one in found if one.check == "Redis" and one.health == "problem"]
    assert "does not answer" in gone.found
    assert found[-1].check == "outside monitor"
