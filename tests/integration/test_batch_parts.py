"""A batch whose worker died with it twice: it is scraped part after part, within the bounds of one batch."""

import asyncio
import importlib
from collections.abc import Sequence
from typing import Any

import pytest
from redis import Redis

from jobs.catalogue import load_definition
from reports.row import ProductUrl, Row
from runs import keys
from runs.ledger import Attempt, Ledger, Unit
from runs.store import RunStore
from scraping.batch import GiveWay
from tests.integration.conftest import Run
from tests.support.simulated import definition

# Celery warns of the task attribute `queue`, which each of our tasks names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_a_batch_in_parts_gives_way_when_a_whole_one_would(
    run: Run, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch: Any = importlib.import_module("tasks.batch")
    asked: list[tuple[int, bool]] = []

    async def scrape(urls: Sequence[ProductUrl], *_: Any, give_way: GiveWay, **__: Any) -> list[Row]:
        asked.append((len(urls), await give_way()))
        await asyncio.sleep(0.3)
        return [Row(position=item.position, url=item.url, page_type="product") for item in urls]

    monkeypatch.setattr(batch, "scrape", scrape)
    monkeypatch.setattr(batch, "_OTHERS_S", 0.2)
    ledger, job = Ledger(redis), load_definition(definition("plain"), known_fields=frozenset())
    ledger.claim("plain-1", "plain", definition=job.model_dump_json(), deadline=job.deadline)
    collected = ledger.begin("plain-1", Unit("collect_urls"), "task")
    assert isinstance(collected, Attempt)
    urls = [ProductUrl(position, f"https://shop.example/{position}") for position in range(4)]
    RunStore(redis, "plain-1").put_urls(collected.fence, [(0, urls)])
    ledger.finish_step(collected, b"null", urls=4, batches=1, url_edition=collected.fence)
    redis.hset(keys.units("plain-1"), mapping={"tries:scrape:0": 2, "tried:scrape:0": "0-4"})
    redis.lpush("control", "of a smaller report")

    batch.scrape_batch.apply(args=("plain-1", 0), priority=5)
    assert asked == [(2, False), (2, True)]
    assert ledger.missing_batches("plain-1") == []
