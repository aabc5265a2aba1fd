"""`shelfbeat extract`, from the outside: saved pages in, rows out, rules tried and explained."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import json_of, shelfbeat

URL = "https://www.shop.example/p/kettle-12345"
RULES = "sites:\n  shop.example:\n    fields:\n      price: {css: '.now', decimal: ','}\n"


def page_of(name: str, price: str) -> str:
    """Return a product page: its price in JSON-LD, another one in what people see."""
    node = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": name,
        "sku": "K-1",
        "offers": {"@type": "Offer", "price": price, "priceCurrency": "EUR", "availability": "InStock"},
    }
    return (
        f'<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{name}</title></head><body>'
        f'<script type="application/ld+json">{json.dumps(node)}</script>'
        f'<h1>{name}</h1><p class="now">1.039,95 €</p><button>In den Warenkorb</button></body></html>'
    )


@pytest.fixture
def kettle(tmp_path: Path) -> Path:
    """A saved page."""
    file = tmp_path / "kettle.html"
    file.write_text(page_of("Kettle", "39.95"), encoding="utf-8")
    return file


def lines_of(*entries: dict[str, Any]) -> str:
    """Return entries as lines of JSON."""
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def test_one_saved_page_is_printed_as_a_row(kettle: Path, environment: dict[str, str]) -> None:
    done = shelfbeat("extract", str(kettle), "--url", URL, env=environment)
    row = json_of(done)
    assert done.returncode == 0, done.stderr
    assert (row["url"], row["page_type"], row["name"], row["sku"]) == (URL, "product", "Kettle", "K-1")
    assert (row["price"], row["currency"], row["availability"]) == ("39.95", "EUR", "in_stock")
    assert row["provenance"]["price"]["source"] == "jsonld"


def test_many_pages_come_out_in_order_with_their_ids(
    kettle: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    packed = tmp_path / "packed.html.gz"
    packed.write_bytes(gzip.compress(page_of("Teapot", "19.95").encode()))
    broken = tmp_path / "broken.html.gz"
    broken.write_bytes(gzip.compress(b"x" * 5_000)[:40] + b"\xff\xff\xff")
    done = shelfbeat(
        *("extract", "--jsonl"),
        env=environment,
        stdin=lines_of(
            {"id": "b", "file": str(packed), "url": URL},
            {"id": 7, "file": str(tmp_path / "absent.html"), "url": URL},
            {"id": "a", "file": str(kettle), "url": URL},
            {"id": "c", "file": str(broken), "url": URL},
        )
        + "\n",
    )
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in rows] == ["b", 7, "a", "c"]
    assert [row["name"] for row in rows] == ["Teapot", None, "Kettle", None]
    assert rows[1]["failure"] == "internal"
    assert "absent.html" in rows[1]["failure_detail"]


def test_rules_win_and_every_source_is_shown(
    kettle: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    arguments = ("extract", str(kettle), "--url", URL, "--rules", str(rules))
    view = json_of(shelfbeat(*arguments, "--json", env=environment))
    assert view["row"]["price"] == "1039.95"
    prices = {one["source"]: one for one in view["sources"] if one["field"] == "price"}
    assert {source: one["won"] for source, one in prices.items()} == {
        "rule": True,
        "jsonld": False,
        "dom": False,
    }
    assert prices["jsonld"]["value"] == "39.95"
    assert prices["jsonld"]["why"] == "rule is stronger, or surer of it"
    told = shelfbeat(*arguments, env=environment)
    assert told.returncode == 0, told.stderr
    assert "rule is stronger" in told.stdout
    assert "warning: price: rule says 1039.95, jsonld says 39.95" in told.stdout


def test_what_every_source_said_is_shown_without_rules_too(kettle: Path, environment: dict[str, str]) -> None:
    told = shelfbeat("extract", str(kettle), "--url", URL, "--explain", env=environment)
    assert told.returncode == 0, told.stderr
    assert "jsonld is stronger" in told.stdout
    assert "no source says: brand, mpn, gtin" in told.stdout


def test_rules_apply_to_lines_too(kettle: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    entries = lines_of(
        {"id": 1, "file": str(kettle), "url": URL},
        {"id": 2, "file": str(kettle), "url": "https://other.example/p/kettle"},
    )
    done = shelfbeat("extract", "--jsonl", "--rules", str(rules), env=environment, stdin=entries)
    assert [json.loads(line)["price"] for line in done.stdout.splitlines()] == ["1039.95", "39.95"]


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        ([], "", "Give FILE and --url"),
        (["{page}"], "", "Give FILE and --url"),
        (["{page}", "--url", URL, "--jsonl"], "", "Give FILE and --url"),
        (["/nowhere.html", "--url", URL], "", "/nowhere.html"),
        (["--jsonl"], "{}\n", "standard input, line 1"),
        (["{page}", "--url", URL, "--rules", "/nowhere.yaml"], "", "/nowhere.yaml"),
        (["{page}", "--url", URL, "--rules", "{misspelt}"], "", "cssx"),
    ],
)
def test_wrong_usage_is_explained_and_ends_with_2(
    arguments: list[str], stdin: str, said: str, kettle: Path, environment: dict[str, str]
) -> None:
    misspelt = kettle.with_name("misspelt.yaml")
    misspelt.write_text("sites:\n  shop.example:\n    fields:\n      price: {cssx: '.now'}\n")
    given = [one.format(page=kettle, misspelt=misspelt) for one in arguments]
    done = shelfbeat("extract", *given, env=environment, stdin=stdin)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr.replace("\n", " ")
