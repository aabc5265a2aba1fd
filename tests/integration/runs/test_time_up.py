"""URLs that the run's own pace leaves no time for: told before pages are asked, and never as the shop's fault."""

import importlib
import time
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from jobs.catalogue import load_definition
from runs.ledger import Ledger
from runs.log import events
from runs.store import RunStore
from tests.integration.conftest import Run

# Celery warns of the task attribute `queue`, which each of our tasks names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
URLS = ", ".join(f"https://shop.example/{number}" for number in range(30))
SLOW = f"job: slow\nurls: [{{list: [{URLS}]}}]\nfetch: {{rate: 0.5}}\npublish: {{files: [csv]}}\n"


def test_what_has_no_time_is_told_at_the_start_and_not_asked(run: Run, redis: Redis) -> None:
    collect: Any = importlib.import_module("tasks.steps.collect")
    batch: Any = importlib.import_module("tasks.steps.batch")
    ledger, job = Ledger(redis), load_definition(SLOW, known_fields=frozenset())
    ledger.claim("slow-1", "slow", definition=job.model_dump_json(), deadline=timedelta(seconds=4))
    collect.collect_urls.apply(args=("slow-1",))
    (told,) = [event.detail for event in events(redis, "slow-1") if event.event == "time_too_short"]
    assert ledger.run("slow-1").too_slow == told
    assert told.startswith("30 URLs of shop.example, one every 2 s, take 60 s; fetching has 2 s")

    time.sleep(2)
    batch.scrape_batch.apply(args=("slow-1", 0))
    rows = RunStore(redis, "slow-1").rows(0)
    assert {row.failure for row in rows} == {"not_asked"}
    assert {row.failure_detail for row in rows} == {"the run's deadline came before this page's turn"}
