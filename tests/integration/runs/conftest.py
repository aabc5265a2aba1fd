"""A run that fetched all its pages and was held, as several tests begin with it."""

import pytest
from redis import Redis

from jobs.catalogue import load_definition
from reports.row import ProductUrl, Row
from runs.ledger import Attempt, Ledger, Unit
from runs.store import RunStore, pack_rows
from tasks import rerun
from tests.integration.conftest import Run
from tests.support.simulated import definition

URL = "https://shop.example/"
ROWS = (
    Row(position=0, url=f"{URL}0", page_type="product", name="Kettle"),
    Row(position=1, url=f"{URL}1", failure="timeout", failure_detail="no connection in 10 s"),
    Row(position=2, url=f"{URL}2", page_type="blocked"),
    Row(position=3, url=f"{URL}3", page_type="consent"),
    Row(position=4, url=f"{URL}4", failure="http_404", page_type="not_found"),
    Row(position=5, url=f"{URL}5", failure="bad_url", failure_detail="the URL names no host"),
)


def begun(ledger: Ledger, run_id: str, unit: Unit) -> Attempt:
    attempt = ledger.begin(run_id, unit, f"task-{unit.name}", redelivered=False)
    assert isinstance(attempt, Attempt)
    return attempt


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is put into a queue."""
    monkeypatch.setattr(rerun, "enqueue", lambda *_: None)


@pytest.fixture
def ended(run: Run, redis: Redis, no_worker: None) -> str:
    """A run that fetched all its pages and was held."""
    ledger, run_id = Ledger(redis), "plain-1"
    job = load_definition(definition("plain"), known_fields=frozenset())
    ledger.claim(run_id, "plain", definition=job.model_dump_json(), deadline=job.deadline, fields={})
    collected = begun(ledger, run_id, Unit("collect_urls"))
    urls = [ProductUrl(row.position, row.url) for row in ROWS]
    RunStore(redis, run_id).put_urls(collected.fence, [(0, urls)])
    ledger.finish_step(collected, b"null", urls=len(urls), batches=1, url_edition=collected.fence)
    scraping = begun(ledger, run_id, Unit("scrape"))
    batch = begun(ledger, run_id, Unit("scrape", 0))
    ledger.finish_batch(batch, pack_rows(ROWS), pages=len(ROWS), products=1)
    ledger.finish_step(scraping)
    ledger.finish_step(begun(ledger, run_id, Unit("reduce_rows")))
    ledger.end(run_id, "held", reason="coverage", tell=False)
    return run_id
