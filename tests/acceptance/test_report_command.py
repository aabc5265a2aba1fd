"""`shelfbeat report`, from the outside: real command line, real worker processes, every row compared."""

import os
import signal
import subprocess
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from console.demo.expected import ExpectedPage, expected
from console.demo.shop import DemoShop
from tests.acceptance.conftest import BIN, json_lines, json_of, shelfbeat


def wrong_fields(row: dict[str, Any], page: ExpectedPage) -> list[str]:
    """Return what a row says that is not true of its page."""

    def amount(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    checks = {
        "failure": row["failure"] == page.failure,
        "page_type": page.page_type is None or row["page_type"] == page.page_type,
    }
    if page.page_type == "product" and page.failure is None:
        checks |= {
            "name": row["name"] == page.name,
            "price": amount(row["price"]) == page.price,
            "currency": row["currency"] == page.currency,
            "availability": row["availability"] == page.availability,
            "sku": row["sku"] == page.sku,
            "brand": row["brand"] == page.brand,
            "gtin": [code["value"] for code in row["gtin"]] == ([page.gtin] if page.gtin else []),
            "list_price": amount(row["list_price"]) == page.list_price,
        }
    else:
        checks["no offer"] = row["price"] is None and row["availability"] == "unknown"
    return [f"{page.path}: {name}: {row.get(name)}" for name, right in checks.items() if not right]


def test_every_row_of_the_demo_shop_is_true(
    shop: DemoShop, environment: dict[str, str], tmp_path: Path
) -> None:
    urls = tmp_path / "urls.csv"
    urls.write_text("note,address\n" + "".join(f"x,{url}\n" for url in shop.urls()))
    out = tmp_path / "out"
    done = shelfbeat(
        *("report", "--urls", str(urls), "--column", "address", "--batch-size", "40"),
        *("--out", str(out), "--json"),
        env=environment,
    )
    view = json_of(done)
    assert done.returncode == 0, done.stderr
    assert view["state"] == "published_with_gaps"  # the shop has a page that answers 500
    assert view["urls"] == 300
    assert sum(view["failures"].values()) + view["products"] == 300
    assert [step["state"] for step in view["steps"]] == ["done"] * 7
    rows = json_lines(out / "rows.jsonl")
    assert [row["url"] for row in rows] == shop.urls()
    wrong = [fault for row, page in zip(rows, expected(1), strict=True) for fault in wrong_fields(row, page)]
    assert wrong == []
    with closing(openpyxl.load_workbook(out / "report.xlsx", read_only=True)) as book:
        assert sum(1 for _ in book.worksheets[0].iter_rows()) == 301
    assert {place["kind"] for place in view["published"]} == {"xlsx", "csv", "jsonl"}


def test_urls_from_standard_input_and_arguments_are_one_list(
    shop: DemoShop, environment: dict[str, str], tmp_path: Path
) -> None:
    first, second, third = shop.urls()[:3]
    done = shelfbeat(
        *("report", first, "--urls", "-", "--out", str(tmp_path), "--formats", "csv", "--json"),
        env=environment,
        stdin=f"{second}\n{first}\nnot a url\n{third}\n",
    )
    view = json_of(done)
    assert (view["urls"], view["repeats"]) == (4, 1)
    assert [line["detail"] for line in view["events"] if line["event"] == "repeats_left_out"] == [
        "1 of 5 URLs repeat others and were left out"
    ]
    rows = json_lines(tmp_path / "rows.jsonl")
    assert [row["url"] for row in rows] == [first, second, "not a url", third]
    assert rows[2]["failure"] == "bad_url"
    assert (tmp_path / "report.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert not (tmp_path / "report.xlsx").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["report", "--out", "x"], "no URLs"),
        (["report", "--urls", "/nowhere.txt", "--out", "x"], "there is no file /nowhere.txt"),
        (["report", "http://127.0.0.1/", "--out", "x", "--formats", "pdf"], "not pdf"),
        (
            ["report", "--urls", "two.csv", "--column", "Link", "--out", "x"],
            "--column: no column 'Link'; it has 'id', 'address'",
        ),
        (
            ["report", "--urls", "two.csv", "--out", "x"],
            "--column: name the column that holds the URLs; it has 'id', 'address'",
        ),
        (["report", "http://127.0.0.1/"], "--out"),
        (["runs", "rerun", "r", "--from", "nothing"], "one of collect_urls"),
        (["jobs", "trigger", "nothing"], "no job 'nothing'"),
    ],
)
def test_wrong_usage_is_explained_and_ends_with_2(
    arguments: list[str], said: str, environment: dict[str, str], tmp_path: Path, redis_server: Any
) -> None:
    (tmp_path / "jobs.d").mkdir()
    (tmp_path / "two.csv").write_text("id,address\n1,https://shop.example/a\n")
    arguments = [str(tmp_path / one) if one == "two.csv" else one for one in arguments]
    done = shelfbeat(*arguments, env={**environment, "SHELFBEAT_REDIS_URL": redis_server.url})
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr.replace("\n", " ")


def test_an_unreachable_redis_ends_with_3_at_once(environment: dict[str, str]) -> None:
    began = time.monotonic()
    done = shelfbeat("runs", "list", env={**environment, "SHELFBEAT_REDIS_URL": "redis://127.0.0.1:1/0"})
    assert done.returncode == 3
    assert "Redis cannot be reached" in done.stderr
    assert time.monotonic() - began < 10


def test_a_source_without_urls_fails_the_run_with_1_and_says_which(
    environment: dict[str, str], tmp_path: Path
) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("\n")
    done = shelfbeat("report", "--urls", str(empty), "--out", str(tmp_path), "--json", env=environment)
    assert done.returncode == 1
    view = json_of(done)
    assert view["state"] == "failed"
    assert "empty.txt" in view["reason"]
    assert view["steps"][0]["state"] == "failed"


def test_a_run_that_read_no_url_says_why_instead_of_how_many(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "empty.txt").write_text("\n")
    done = shelfbeat("report", "--urls", str(tmp_path / "empty.txt"), "--out", str(tmp_path), env=environment)
    assert done.returncode == 1
    assert f"failed: the first list of URLs (file {tmp_path}/empty.txt): it holds no URL" in done.stdout
    assert "0 URLs" not in done.stdout


def processes_with(text: str) -> list[int]:
    """Return the ids of processes that carry a text in their environment or command."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                carried = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if text.encode() in carried:
                found.append(int(entry.name))
    return found


def test_ctrl_c_ends_every_process(shop: DemoShop, environment: dict[str, str], tmp_path: Path) -> None:
    mark = {**environment, "SHELFBEAT_CONTACT": f"mark-{tmp_path.name}"}
    command = [str(BIN / "shelfbeat"), "report", shop.url("/"), "--out", str(tmp_path)]
    with subprocess.Popen(command, env=mark, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        ends = time.monotonic() + 20
        while len(processes_with(mark["SHELFBEAT_CONTACT"])) < 4 and time.monotonic() < ends:
            time.sleep(0.05)
        assert len(processes_with(mark["SHELFBEAT_CONTACT"])) >= 4
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert processes_with(mark["SHELFBEAT_CONTACT"]) == []
