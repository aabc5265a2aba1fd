"""A batch whose worker died with it twice: it is scraped part after part, within the bounds of one batch."""

import asyncio
import importlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from reports.row import ProductUrl, Row
from runs import keys
from runs.ledger import Attempt, Unit
from runs.log import events
from runs.store import pack_rows
from scraping.batch import GiveWay
from tasks.app import app
from tasks.context import context
from tasks.steps.turns import Turn
from tests.integration.conftest import Run
from tests.support.batches import collected_run

# Celery warns of the task attribute `queue`, which each of our tasks names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.parametrize(("queues", "gives_way"), [("control,fetch", True), ("fetch", False)])
def test_a_batch_in_parts_gives_way_when_a_whole_one_would_to_what_its_worker_takes(
    run: Run, redis: Redis, monkeypatch: pytest.MonkeyPatch, queues: str, gives_way: bool
) -> None:
    monkeypatch.setattr(app.amqp.queues, "_consume_from", None)
    app.amqp.queues.select(queues.split(","))  # as `--queues` of a worker does
    batch: Any = importlib.import_module("tasks.steps.batch")
    asked: list[tuple[int, bool]] = []

    async def scrape(urls: Sequence[ProductUrl], *_: Any, give_way: GiveWay, **__: Any) -> list[Row]:
        asked.append((len(urls), await give_way()))
        await asyncio.sleep(0.3)
        return [Row(position=item.position, url=item.url, page_type="product") for item in urls]

    monkeypatch.setattr(batch, "scrape", scrape)
    monkeypatch.setattr(batch, "_OTHERS_S", 0.2)
    ledger = collected_run(redis, "plain-1", urls=4)
    redis.hset(keys.units("plain-1"), mapping={"tries:scrape:0": 2, "tried:scrape:0": "0-4"})
    redis.lpush("control", "of a smaller report")

    batch.scrape_batch.apply(args=("plain-1", 0), priority=5)
    assert asked == [(2, False), (2, gives_way)]
    assert ledger.missing_batches("plain-1") == []


def test_the_log_says_that_a_batch_was_begun_again_and_why(
    run: Run, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch: Any = importlib.import_module("tasks.steps.batch")

    async def scrape(urls: Sequence[ProductUrl], *_: Any, **__: Any) -> list[Row]:
        return [Row(position=item.position, url=item.url, page_type="product") for item in urls]

    monkeypatch.setattr(batch, "scrape", scrape)
    ledger = collected_run(redis, "plain-1", urls=1)
    ledger.begin("plain-1", Unit("scrape", 0), "task", lease=timedelta(milliseconds=-1))

    batch.scrape_batch.apply(args=("plain-1", 0))
    (said,) = [one.detail for one in events(redis, "plain-1") if one.event == "begun_again"]
    assert said == "batch 0 begun again: its worker died, was stopped, or hangs"


def test_a_run_done_again_asks_once_more_however_often_it_did_in_the_life_before(
    run: Run, redis: Redis
) -> None:
    ledger = collected_run(redis, "plain-1", urls=1, fetch="{second_pass: true}")
    failed = [Row(position=0, url="https://shop.example/0", failure="connect")]
    for _ in range(2):
        assert isinstance(ledger.begin("plain-1", Unit("scrape"), "task"), Attempt)
        attempt = ledger.begin("plain-1", Unit("scrape", 0), "task")
        assert isinstance(attempt, Attempt)
        turn = Turn(context(), attempt)
        assert turn.pause(failed) is not None
        assert turn.pause(failed) is not None, "the same turn, whose first answer was lost"
        assert Turn(context(), attempt).pause(failed) is None
        ledger.end("plain-1", "cancelled", tell=False)
        ledger.reopen("plain-1", "scrape", timedelta(hours=1))


def test_a_batch_that_is_overtaken_leaves_what_the_newer_attempt_has_so_far(
    run: Run, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch: Any = importlib.import_module("tasks.steps.batch")
    ledger = collected_run(redis, "plain-1", urls=2)
    had = [Row(position=0, url="https://shop.example/0", page_type="product")]

    async def scrape(urls: Sequence[ProductUrl], *_: Any, **__: Any) -> list[Row]:
        redis.hdel(keys.units("plain-1"), "lease:scrape:0")  # as after a freeze that outlasted it
        newer = ledger.begin("plain-1", Unit("scrape", 0), "another task")
        assert isinstance(newer, Attempt)
        assert ledger.save_part(newer, pack_rows(had), pages=1)
        return [Row(position=item.position, url=item.url, page_type="product") for item in urls]

    monkeypatch.setattr(batch, "scrape", scrape)
    ledger.begin("plain-1", Unit("scrape", 0), "task", lease=timedelta(milliseconds=-1))
    batch.scrape_batch.apply(args=("plain-1", 0))
    assert ledger.missing_batches("plain-1") == [0]
    assert context().store("plain-1").part(0) == had
