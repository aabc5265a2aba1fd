"""A ledger on fakeredis: its scripts run on a real Lua, without a server."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fakeredis import FakeRedis

from runs.ledger import LEASE, Attempt, Ledger, Refusal, Unit

DUE = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def claim(ledger: Ledger, run_id: str, due_at: datetime | None = DUE) -> tuple[bool, str]:
    return ledger.claim(run_id, "acme", definition="{}", deadline=timedelta(hours=1), due_at=due_at)


def began(
    ledger: Ledger,
    run_id: str,
    unit: Unit,
    task_id: str,
    *,
    turn: int = 0,
    redelivered: bool = False,
    lease: timedelta = LEASE,
) -> Attempt:
    """Begin a unit that is free."""
    answer = ledger.begin(run_id, unit, task_id, turn=turn, redelivered=redelivered, lease=lease)
    assert isinstance(answer, Attempt), answer
    return answer


def refused(
    ledger: Ledger, run_id: str, unit: Unit, task_id: str, *, turn: int = 0, redelivered: bool = False
) -> str:
    """Ask for a unit that is not to be had; return why."""
    answer = ledger.begin(run_id, unit, task_id, turn=turn, redelivered=redelivered)
    assert isinstance(answer, Refusal), answer
    return answer.verdict


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
    attempt = began(ledger, run_id, Unit("collect_urls"), "task-collect")
    assert ledger.finish_step(attempt, urls=5, batches=3)
    return run_id
