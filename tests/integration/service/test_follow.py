"""Following a run: what is told of it while it goes on."""

import pytest
from redis import Redis

from console import follow as module
from reports.row import Row
from runs.ledger import Attempt, Unit
from runs.store import pack_rows
from tasks.context import context
from tests.integration.conftest import Run
from tests.support.batches import collected_run


def test_progress_tells_the_pages_of_batches_that_are_not_done(
    run: Run, redis: Redis, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "_LINE_S", 0.0)
    monkeypatch.setattr(module, "_COUNT_S", 0.0)
    ledger = collected_run(redis, "plain-1", urls=4)
    attempt = ledger.begin("plain-1", Unit("scrape", 0), "task")
    assert isinstance(attempt, Attempt)
    rows = [Row(position=at, url=f"https://shop.example/{at}") for at in range(3)]
    ledger.save_part(attempt, pack_rows(rows), pages=3)

    def end() -> None:
        ledger.end("plain-1", "cancelled", tell=False)

    module.follow(context(), "plain-1", end)
    assert capsys.readouterr().err.splitlines()[0] == "scrape: 3 of 4 URLs"
    ledger.reopen("plain-1", "scrape", context().job("plain-1").deadline)
    again = ledger.begin("plain-1", Unit("scrape", 0), "task")
    assert isinstance(again, Attempt)
    ledger.save_part(again, pack_rows(rows), pages=3)
    assert ledger.finish_batch(again, pack_rows(rows), pages=4, products=0)
    assert ledger.pages_under_way("plain-1") == 0
