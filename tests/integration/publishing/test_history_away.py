"""A run whose history cannot be had goes on without it, and its log says so."""

from datetime import timedelta
from pathlib import Path

from redis import Redis

from jobs.catalogue import load_definition
from reports.row import Row
from runs.ledger import Ledger
from runs.log import events
from tasks.context import Context
from tasks.settings import read_settings
from tasks.steps.history import held_against, keep_rows

TEXT = "job: acme\nurls:\n- list: [https://shop.example/1]\npublish: {files: [csv]}\n"


def test_a_damaged_history_neither_holds_rows_back_nor_fails_the_run(redis: Redis, tmp_path: Path) -> None:
    log = tmp_path / "history" / "_delta_log"
    log.mkdir(parents=True)
    (log / f"{0:020}.json").write_text("{no longer what it was")
    settings = read_settings({"SHELFBEAT_HISTORY": str(tmp_path / "history")})
    here = Context(settings=settings, redis=redis, ledger=Ledger(redis), secrets=())
    report = load_definition(TEXT, known_fields=frozenset())
    here.ledger.claim("run-1", "acme", definition=report.model_dump_json(), deadline=timedelta(hours=1))
    run = here.ledger.run("run-1")
    found = [Row(url="https://shop.example/1", page_type="product")]
    assert list(held_against(here, run, report, lambda: iter(found))()) == found
    keep_rows(here, run, report, lambda: iter(found))
    assert [line.event for line in events(redis, "run-1")].count("history_unavailable") == 2
