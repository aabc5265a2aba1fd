"""A run whose URLs are collected: one batch of it waits to be scraped."""

from redis import Redis

from jobs.catalogue import load_definition
from reports.row import ProductUrl
from runs.ledger import Attempt, Ledger, Unit
from runs.store import RunStore
from tests.support.simulated import definition


def collected_run(redis: Redis, run_id: str, urls: int, **keys: str) -> Ledger:
    """Claim a run and collect so many URLs of it into batch 0; return its ledger. `keys` are more of its definition."""
    ledger, job = Ledger(redis), load_definition(definition("plain", **keys), known_fields=frozenset())
    ledger.claim(run_id, "plain", definition=job.model_dump_json(), deadline=job.deadline)
    collected = ledger.begin(run_id, Unit("collect_urls"), "task")
    assert isinstance(collected, Attempt)
    items = [ProductUrl(position, f"https://shop.example/{position}") for position in range(urls)]
    RunStore(redis, run_id).put_urls(collected.fence, [(0, items)])
    ledger.finish_step(collected, b"null", urls=urls, batches=1, url_edition=collected.fence)
    return ledger
