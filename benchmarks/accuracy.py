"""`make accuracy`: extraction over the saved pages of ../shared/pages, beside what users would otherwise assemble.

Prints per field: pages judged, precision, recall and F1 of ours and of extruct (uniform) + price-parser, and
CPU-ms per page of both, in the same run. Needs ../shared/pages; says so and ends with 1 where it is absent.
"""

import gzip
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import extruct
from price_parser import Price

from scraping.extraction import extract
from scraping.page import Page

PAGES = Path(__file__).resolve().parents[2] / "shared" / "pages"
IN_STOCK = ("in_stock", "limited", "online_only")
FIELDS = ("price", "currency", "availability", "name", "sku", "brand", "list_price", "gtin", "mpn")
Answer = dict[str, str | Decimal | None]


@dataclass
class Score:
    """Hits, wrong values and missing values per field."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)
    not_products: int = 0

    def judge(self, name: str, said: str | Decimal | None, accepted: list[str]) -> None:
        """Count one answer; no accepted value means that the page has none."""
        if said is None:
            self.missed[name] += bool(accepted)
        elif any(same(name, said, one) for one in accepted):
            self.right[name] += 1
        else:
            self.wrong[name] += 1
            self.missed[name] += bool(accepted)

    def line(self, name: str) -> str:
        """Return precision, recall and F1 of a field as a table's cells."""
        right, wrong, missed = self.right[name], self.wrong[name], self.missed[name]
        precision = right / (right + wrong) if right + wrong else 0.0
        recall = right / (right + missed) if right + missed else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return f"{precision:9.3f} {recall:7.3f} {f1:7.3f}"


def same(name: str, said: str | Decimal, accepted: str) -> bool:
    """Whether an answer is an accepted value: amounts as numbers, texts by their letters and digits."""
    if name in {"price", "list_price"}:
        return said == Decimal(accepted)
    return letters(str(said)) == letters(accepted)


def letters(text: str) -> str:
    """Return the letters and digits of a text, lower case."""
    return "".join(char for char in text.casefold() if char.isalnum())


def accepted_values(truth: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield (field, accepted values) of what is judged on a page."""
    for name in FIELDS:
        if name == "availability" and name in truth:
            yield name, list(IN_STOCK) if truth[name] == "InStock" else ["out_of_stock", "discontinued"]
        elif name in truth:
            yield name, truth[name] if isinstance(truth[name], list) else [truth[name]]


def ours(url: str, body: bytes) -> tuple[Answer, bool]:
    """Return our answer and whether the page was taken for a product."""
    row = extract(Page(url=url, final_url=url, status=200, body=body, fetched_at=datetime.now(UTC)))
    answer: Answer = {name: getattr(row, name) for name in FIELDS if name not in {"gtin", "availability"}}
    answer["gtin"] = row.gtin[0].value if row.gtin else None
    answer["availability"] = None if row.availability == "unknown" else row.availability
    return answer, row.is_product


def baseline(url: str, body: bytes) -> tuple[Answer, bool]:
    """Return what extruct (uniform) and price-parser give: the first Product, its first offer."""
    data = extruct.extract(body.decode("utf-8", "replace"), base_url=url, uniform=True, errors="ignore")
    nodes = [node for syntax in ("json-ld", "microdata", "rdfa") for node in data.get(syntax, [])]
    product: dict[str, Any] = next((node for node in nodes if node.get("@type") == "Product"), {})
    offers = product.get("offers") or {}
    offer = (offers[0] if offers else {}) if isinstance(offers, list) else offers
    offer = offer if isinstance(offer, dict) else {}
    raw = offer.get("price") or offer.get("lowPrice")
    price = Price.fromstring(str(raw)).amount if raw is not None else None
    stock = str(offer.get("availability") or "").rpartition("/")[2].lower()
    brand = product.get("brand")
    answer: Answer = {
        "price": price,
        "currency": _text(offer.get("priceCurrency")),
        "availability": {"instock": "in_stock", "outofstock": "out_of_stock"}.get(stock),
        "name": _text(product.get("name")),
        "sku": _text(product.get("sku")),
        "brand": _text(brand.get("name") if isinstance(brand, dict) else brand),
        "list_price": None,
        "gtin": _text(product.get("gtin13") or product.get("gtin")),
        "mpn": _text(product.get("mpn")),
    }
    return answer, bool(product)


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def measure(
    score: Score, reader: Callable[[str, bytes], tuple[Answer, bool]], case: dict[str, Any], body: bytes
) -> None:
    """Read one page, count the answer and the CPU it took."""
    start = time.process_time()
    try:
        answer, product = reader(case["url"], body)
    except (ValueError, TypeError, AttributeError, KeyError, InvalidOperation, RecursionError):
        answer, product = {}, False  # the baseline breaks on some pages
    score.milliseconds.append((time.process_time() - start) * 1_000)
    score.not_products += product != case["truth"]["is_product"]
    for name, accepted in accepted_values(case["truth"]):
        score.judge(name, answer.get(name), accepted)


def report(ours_score: Score, base_score: Score) -> None:
    """Print the table."""
    print(f"{'field':13} {'judged':>6}   {'precision':>9} {'recall':>7} {'F1':>7}   | extruct + price-parser")
    for name in FIELDS:
        judged = ours_score.right[name] + ours_score.missed[name]
        print(f"{name:13} {judged:6}   {ours_score.line(name)}   | {base_score.line(name)}")
    for label, score in (("ours", ours_score), ("extruct", base_score)):
        times = sorted(score.milliseconds)
        p95 = times[int(len(times) * 0.95) - 1]
        print(f"{label}: {len(times)} pages, {score.not_products} of them misjudged as product or not; "
              f"CPU {statistics.median(times):.1f} ms median, {p95:.1f} ms p95")  # fmt: skip
    ratio = statistics.median(base_score.milliseconds) / statistics.median(ours_score.milliseconds)
    print(f"CPU median: 1/{ratio:.0f} of the baseline's")


def main() -> int:
    """Run both over every page. Returns the exit code."""
    if not (PAGES / "truth.jsonl").exists():
        print("accuracy needs ../shared/pages, and it is not here")
        return 1
    ours_score, base_score = Score(), Score()
    for line in (PAGES / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        body = gzip.decompress((PAGES / case["file"]).read_bytes())
        measure(ours_score, ours, case, body)
        measure(base_score, baseline, case, body)
    report(ours_score, base_score)
    return 0


if __name__ == "__main__":
    sys.exit(main())
