"""When something goes wrong, the run ends, people are told which step and why, and it can go on from there."""

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from console.demo.shop import DemoShop
from tests.acceptance.conftest import BIN, Services, json_lines, json_of, shelfbeat
from tests.support.receivers import MailServer


def define(services: Services, name: str, body: str) -> None:
    (Path(services.env["SHELFBEAT_JOBS"]) / f"{name}.yaml").write_text(f"job: {name}\n{body}")


def trigger(services: Services, name: str) -> str:
    view: dict[str, Any] = json_of(shelfbeat("jobs", "trigger", name, "--json", env=services.env))
    return str(view["run"])


def test_a_failed_run_says_where_and_goes_on_once_it_is_mended(
    shop: DemoShop, services: Services, tmp_path: Path
) -> None:
    listed = tmp_path / "jobs.d" / "urls.txt"
    with MailServer() as mail:
        define(
            services,
            "broken",
            f"urls: [{{file: urls.txt}}]\npublish: {{files: [jsonl]}}\nnotify: ['{mail.address()}']\n",
        )
        services.worker()
        run_id = trigger(services, "broken")
        failed = services.wait_for_end(run_id)
        assert (failed["state"], failed["steps"][0]["state"]) == ("failed", "failed")
        assert "urls.txt" in failed["reason"]
        ends = time.monotonic() + 20
        while not mail.taken and time.monotonic() < ends:
            time.sleep(0.1)
        (letter,) = mail.taken
        assert "FAILED at collect_urls" in letter.letter["Subject"]
        body = letter.letter.get_body(("plain",))
        assert body is not None
        assert "urls.txt" in body.get_content()
        assert "shelfbeat jobs trigger broken" in body.get_content()

        listed.write_text("\n".join(shop.urls()[:3]))
        done = shelfbeat("runs", "rerun", run_id, "--from", "collect_urls", env=services.env)
        assert done.returncode == 0, done.stderr
        again = services.wait_for_end(run_id)
        assert again["state"] == "published"
        assert again["urls"] == 3


def test_only_a_step_whose_way_is_done_can_be_done_again(shop: DemoShop, services: Services) -> None:
    define(services, "short", f"urls: [{{list: ['{shop.urls()[0]}']}}]\npublish: {{files: [csv]}}\n")
    services.worker()
    run_id = trigger(services, "short")
    before = services.wait_for_end(run_id)
    assert before["state"] == "published"
    first = {step["name"]: step["started_at"] for step in before["steps"]}
    done = shelfbeat("runs", "rerun", run_id, "--from", "write_to_sheet", env=services.env)
    assert done.returncode == 0
    view = services.wait_for_end(run_id)
    assert view["state"] == "published"
    began = {step["name"]: step["started_at"] for step in view["steps"]}
    assert began["collect_urls"] <= view["done_again_at"] <= began["write_to_sheet"]
    assert began["write_to_sheet"] != first["write_to_sheet"]


def test_a_wrong_definition_is_told_and_the_other_jobs_run(shop: DemoShop, services: Services) -> None:
    define(services, "good", f"urls: [{{list: ['{shop.urls()[0]}']}}]\npublish: {{files: [csv]}}\n")
    define(services, "bad", "urls: []\npublsh: {files: [docx]}\n")
    checked = shelfbeat("jobs", "check", "--json", env=services.env)
    assert checked.returncode == 2
    answer = json_of(checked)
    assert answer["jobs"] == ["good"]
    assert {mistake["key"] for mistake in answer["mistakes"]} >= {"publsh", "urls", "publish"}
    assert all(mistake["line"] >= 1 and mistake["allowed"] for mistake in answer["mistakes"])
    services.worker()
    assert services.wait_for_end(trigger(services, "good"))["state"] == "published"
    refused = shelfbeat("jobs", "trigger", "bad", env=services.env)
    assert refused.returncode == 2
    assert "publsh" in refused.stderr


@pytest.mark.parametrize("victim", ["child", "worker"])
def test_a_worker_killed_in_the_middle_of_a_run_loses_nothing(
    shop: DemoShop, services: Services, victim: str
) -> None:
    define(
        services,
        "long",
        f"urls: [{{sitemap: '{shop.url('/sitemap.xml')}'}}]\nfetch: {{batch_size: 25, rate: 80}}\n"
        "publish: {files: [jsonl]}\n",
    )
    worker = services.worker()
    services.beat()
    run_id = trigger(services, "long")
    services.wait_for_pages(run_id, 25)
    children = subprocess.run(
        ["pgrep", "-P", str(worker.pid)], capture_output=True, text=True, check=True
    ).stdout.split()
    if victim == "child":
        os.kill(int(children[-1]), signal.SIGKILL)
    else:
        worker.kill()
        worker.wait()
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        services.worker("second")
    view = services.wait_for_end(run_id, timeout_s=150)
    assert view["state"] == "published_with_gaps", view
    assert view["urls"] == 300
    (path,) = [place["path"] for place in view["published"]]
    rows = json_lines(Path(path))
    assert [row["url"] for row in rows] == shop.urls()
    assert "internal" not in view["failures"]


def test_up_runs_everything_until_it_is_told_to_stop(
    shop: DemoShop, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "jobs.d").mkdir()
    env = {**environment, "SHELFBEAT_FLOWER_PASSWORD": "pw", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [str(BIN / "shelfbeat"), "up", "--processes", "1"], env=env, stdout=subprocess.PIPE, text=True
    ) as up:
        assert up.stdout is not None
        said = ""
        for line in up.stdout:
            said += line
            if "Ctrl-C" in line:
                break
        assert "http://shelfbeat:pw@127.0.0.1:" in said
        listed = subprocess.run([str(BIN / "shelfbeat"), "runs", "list"], env=env, timeout=60, check=False)
        assert listed.returncode == 0  # it found the Redis of `up`
        up.send_signal(signal.SIGINT)
        up.communicate(timeout=60)
    assert up.returncode == 0
