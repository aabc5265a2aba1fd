"""A further machine, as compose/vm/worker.yaml.tmpl starts it: a worker on the queue `fetch` alone."""

from pathlib import Path

import pytest

from console.demo.shop import DemoShop
from tests.acceptance.conftest import Services, json_of, shelfbeat

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`


def test_a_further_machine_fetches_and_leaves_every_other_step_to_the_first(
    services: Services, shop: DemoShop, tmp_path: Path
) -> None:
    urls = "".join(f"  - {url}\n" for url in shop.urls()[:60])
    (tmp_path / "jobs.d" / "acme.yaml").write_text(
        f"job: acme\nurls:\n- list:\n{urls}fetch: {{batch_size: 20}}\npublish: {{files: [csv]}}\n"
    )
    common = ("-A", "worker.app", "worker", "-c", "1", "--loglevel", "INFO")
    services.start("worker", *common, "--queues", "control", "-n", "worker@%h")
    services.env["SHELFBEAT_JOBS"] = "/nowhere"  # the definition travels with the run
    services.start("further", *common, "--queues", "fetch", "-n", "further@%h")
    services.env["SHELFBEAT_JOBS"] = str(tmp_path / "jobs.d")
    run = json_of(shelfbeat("jobs", "trigger", "acme", "--json", env=services.env))["run"]
    ended = services.wait_for_end(run)
    assert ended["state"] in ("published", "published_with_gaps")
    assert ended["urls"] == 60
    assert services.log("further").count("Task scrape_batch[") >= 3
    assert "scrape_batch[" not in services.log("worker")
    assert "write_to_sheet[" not in services.log("further")
