"""Two mornings of one report: beat starts the first, a Python shell the second; sheet, files, mail, comparison."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from console.demo.expected import expected, expected_changes, expected_gone
from console.demo.rules import SITE_RULES
from console.demo.shop import DemoShop
from tests.acceptance.conftest import Services, json_lines, json_of, shelfbeat
from tests.acceptance.test_report_command import wrong_fields
from tests.support.receivers import Hook, MailServer
from tests.support.sheets_api import FakeSheets


@pytest.fixture
def google() -> Iterator[FakeSheets]:
    with FakeSheets() as fake:
        fake.add("1AbC")
        yield fake


def due_a_minute_ago() -> str:
    """Return a cron expression in UTC whose last due time has just passed."""
    past = datetime.now(UTC) - timedelta(minutes=1)
    return f"{past.minute} {past.hour} * * *"


def write_definition(folder: Path, shop: DemoShop, notify: list[str], schedule: str) -> None:
    fields = "\n".join(f"      {name}: {{css: '{rule.css}'}}" for name, rule in SITE_RULES.fields.items())
    path = folder / "shop-daily.yaml"
    path.write_text(
        f"""\
job: shop-daily
customer: Demo GmbH
schedule: "{schedule}"
timezone: UTC
deadline: 30m
urls:
  - sitemap: {shop.url("/sitemap.xml")}
fetch: {{batch_size: 40}}
sites:
  127.0.0.1:
    fields:
{fields}
publish:
  files: [jsonl, csv]
  sheet: {{spreadsheet: 1AbC, tab: Report}}
notify: {notify}
"""
    )
    # A definition that is older than its due time: a run missed by less than its deadline still starts.
    before = time.time() - 600
    os.utime(path, (before, before))


def test_two_mornings_of_a_report(
    shop: DemoShop, services: Services, google: FakeSheets, tmp_path: Path
) -> None:
    with MailServer() as mail, Hook(200) as hook:
        services.env |= {
            "SHELFBEAT_SHEETS_API_ROOT": google.root,
            "SHELFBEAT_DRIVE_API_ROOT": google.root,
            "ACME_HOOK": hook.address(),
        }
        address = mail.address("team@acme.example")
        write_definition(tmp_path / "jobs.d", shop, [address, "secret:ACME_HOOK"], due_a_minute_ago())
        services.worker()
        services.beat()
        services.beat("second-beat")

        run_id = services.wait_for_run("shop-daily")
        first = services.wait_for_end(run_id)
        assert first["state"] == "published_with_gaps", first
        assert first["trigger"] == "schedule"
        check_rows(first, shop, 1)
        check_sheet(google, first)
        assert [one["state"] for one in first["deliveries"]] == ["sent", "sent"]
        assert len(mail.taken) == 1
        assert len(hook.bodies) == 1
        assert google.root not in str(first["deliveries"])
        assert hook.address() not in str(first)

        shop.day = 2
        done = subprocess.run(
            [sys.executable, "-c", "from tasks.start import trigger; print(trigger('shop-daily'))"],
            env=services.env,
            capture_output=True,
            text=True,
            check=True,
        )
        second = services.wait_for_end(done.stdout.strip().splitlines()[-1])
        assert second["trigger"] == "manual"
        assert second["compared_with"] == run_id
        rows = check_rows(second, shop, 2)
        check_changes(rows)
        check_sheet(google, second)
        assert len(mail.taken) == 2
        runs = json_of(shelfbeat("runs", "list", "shop-daily", "--json", env=services.env))
        assert len(runs) == 2  # two beats, one due time, one run


def check_rows(view: dict[str, Any], shop: DemoShop, day: Any) -> list[dict[str, Any]]:
    """Every row of rows.jsonl is there, in order, and true."""
    (path,) = [place["path"] for place in view["published"] if place["kind"] == "jsonl"]
    rows = json_lines(Path(path))
    truth = expected(day)
    assert [row["url"] for row in rows] == [shop.url(page.path) for page in truth]
    wrong = [fault for row, page in zip(rows, truth, strict=True) for fault in wrong_fields(row, page)]
    assert wrong == []
    return rows


def check_changes(rows: list[dict[str, Any]]) -> None:
    """The second day's comparison says exactly what changed."""
    truth = expected_changes()
    found = {"/" + row["url"].split("/", 3)[3]: tuple(row["changes"]) for row in rows if row["changes"]}
    assert found == truth
    kinds = Counter(kind for changes in truth.values() for kind in changes)
    assert {"price_up", "price_down", "out_of_stock", "back_in_stock", "new", "newly_failing"} <= set(kinds)
    assert expected_gone()


def check_sheet(google: FakeSheets, view: dict[str, Any]) -> None:
    """A reader saw an empty tab or a whole report, never anything between; the report's prices are numbers."""
    shown = google.shown("1AbC")
    assert len(shown) == 301
    price = shown[0].index("Price")
    assert sum(isinstance(line[price], int | float | Decimal) for line in shown[1:]) == view["products"]
    sizes = {len(commit.tabs.get("Report", [])) for commit in google.commits}
    assert sizes <= {0, 301}
    (sheet,) = [place for place in view["published"] if place["kind"] == "sheet"]
    assert sheet["link"]
    assert sheet["path"]
