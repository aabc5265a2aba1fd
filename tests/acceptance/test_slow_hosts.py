"""A host that is asked slowly: its batches give their worker slots back, and every page is fetched all the same."""

from pathlib import Path

from console.demo.catalogue import catalogue
from console.demo.expected import expected
from console.demo.shop import DemoShop
from tests.acceptance.conftest import Services, json_lines
from tests.acceptance.test_failures import define, trigger


def test_a_rate_below_what_a_batch_needs_costs_time_and_no_page(
    shop: DemoShop, services: Services, tmp_path: Path
) -> None:
    # Without the pages that answer 429: those slow the whole host down further, as they should.
    plain = [page for page in expected(1) if page.page_type == "product" and page.answer == "page"]
    urls = [shop.url(page.path) for page in plain][:220]
    (tmp_path / "jobs.d" / "urls.txt").write_text("\n".join(urls))
    define(
        services,
        "slow",
        "urls: [{file: urls.txt}]\nfetch: {batch_size: 110, rate: 15}\npublish: {files: [jsonl]}\n",
    )
    services.worker()
    view = services.wait_for_end(trigger(services, "slow"), timeout_s=90)
    assert view["state"] == "published", view["failures"]
    (place,) = view["published"]
    assert [row["url"] for row in json_lines(Path(place["path"]))] == urls
    assert "batch_waits" in services.log("worker")  # the slot was given back in between


def test_a_second_pass_asks_again_for_what_failed_for_a_passing_reason(
    shop: DemoShop, services: Services
) -> None:
    refused = [shop.url(item.path) for item in catalogue(1) if item.answer == "rate_limited"]
    urls = [*refused, *shop.urls()[:3]]
    define(
        services,
        "twice",
        f"urls: [{{list: {urls}}}]\ndeadline: 60s\nfetch: {{retries: 0, second_pass: true}}\n"
        "publish: {files: [jsonl]}\n",
    )
    services.worker()
    view = services.wait_for_end(trigger(services, "twice"), timeout_s=60)
    (place,) = view["published"]
    rows = json_lines(Path(place["path"]))
    assert [row["failure"] for row in rows if row["url"] in refused] == [None, None]
    assert "batch_waits" in services.log("worker")
