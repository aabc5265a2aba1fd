"""A host that is asked slowly: its batches give their worker slots back, and every page is fetched all the same."""

from pathlib import Path

from console.demo.shop import DemoShop
from tests.acceptance.conftest import Services, json_lines
from tests.acceptance.test_failures import define, trigger


def test_a_rate_below_what_a_batch_needs_costs_time_and_no_page(shop: DemoShop, services: Services) -> None:
    define(
        services,
        "slow",
        f"urls: [{{sitemap: '{shop.url('/sitemap.xml')}'}}]\nfetch: {{batch_size: 150, rate: 20}}\n"
        "publish: {files: [jsonl]}\n",
    )
    services.worker()
    view = services.wait_for_end(trigger(services, "slow"), timeout_s=90)
    assert "timeout" not in view["failures"], view["failures"]
    (place,) = view["published"]
    assert [row["url"] for row in json_lines(Path(place["path"]))] == shop.urls()
    assert "batch_waits" in services.log("worker")  # the slot was given back in between
