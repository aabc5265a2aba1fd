"""A report with a history: what the prices were, beside what they are."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from console.demo.expected import expected
from console.demo.shop import DemoShop
from exporters.history.schema import RunStamp
from exporters.history.store import History
from reports.row import Row
from tests.acceptance.conftest import Services, json_lines, json_of, shelfbeat

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`


def test_a_report_shows_the_discount_against_the_month_before_and_adds_itself(
    shop: DemoShop, services: Services, tmp_path: Path
) -> None:
    pages = [page for page in expected(1) if page.style == "jsonld" and page.answer == "page"]
    first, *_ = pages = [page for page in pages if page.price is not None and page.currency == "EUR"][:3]
    urls = [shop.url(page.path) for page in pages]
    yesterday = datetime.now(UTC) - timedelta(days=1)
    history = History(tmp_path / "history")
    history.put(
        RunStamp("small", "before", yesterday.date(), yesterday),
        lambda: iter([Row(url=urls[0], page_type="product", price=Decimal(1_000), currency="EUR")]),
    )
    services.env["SHELFBEAT_HISTORY"] = str(tmp_path / "history")
    listed = "".join(f"\n      - {url}" for url in urls)
    (tmp_path / "jobs.d" / "small.yaml").write_text(
        f"job: small\nurls:\n  - list:{listed}\npublish:\n  files: [jsonl]\n"
    )
    services.worker()
    run = json_of(shelfbeat("jobs", "trigger", "small", "--json", env=services.env))["run"]
    view = services.wait_for_end(run)
    rows = json_lines(Path(view["published"][0]["path"]))
    assert Decimal(rows[0]["price"]) == first.price
    assert rows[0]["lowest_price_30d"] == "1000"
    assert Decimal(rows[0]["real_discount_percent"]) == round((1000 - Decimal(rows[0]["price"])) / 10, 1)
    assert [row["lowest_price_30d"] for row in rows[1:]] == [None] * (len(rows) - 1)
    assert [item.run for item in history.timeline(urls[0])] == ["before", run]

    plot = tmp_path / "kettle.html"
    told = json_of(shelfbeat("history", urls[0], "--plot", str(plot), "--json", env=services.env))
    assert [(item["run"], item["job"]) for item in told] == [("before", "small"), (run, "small")]
    assert "<svg" in plot.read_text("utf-8")
    assert json_of(shelfbeat("upkeep", "--json", env=services.env))["rows_forgotten"] == 0
