"""A ledger on fakeredis: its scripts run on a real Lua, without a server."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fakeredis import FakeRedis

from runs.ledger import Ledger, Unit


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    client = FakeRedis()
    yield Ledger(client)
    client.close()


@pytest.fixture
def run_id(ledger: Ledger) -> str:
    """A run that was claimed and has done nothing."""
    ledger.claim("run-1", "acme", definition="{}", deadline=timedelta(hours=1))
    return "run-1"


@pytest.fixture
def scraping(ledger: Ledger, run_id: str) -> str:
    """A run of three batches, its URLs collected."""
    _, attempt = ledger.begin(run_id, Unit("collect_urls"), "task-collect")
    assert attempt is not None
    assert ledger.finish_step(attempt, urls=5, batches=3)
    return run_id
