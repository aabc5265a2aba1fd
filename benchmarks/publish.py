"""What a publish costs: `python -m benchmarks.publish [--rows 100000] [--only xlsx,sheet]`.

100,000 rows of 20 columns to every kind of place: processor time, peak memory above the idle process, size, and
for the sheet the number of API calls against the loopback fake (in a process of its own, without waiting for
quota turns); beside our workbook the same one by XlsxWriter. Each kind runs in a fresh process.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.xlsx_peer import write_with_xlsxwriter
from exporters.files.writing import write_file
from exporters.google.client import GoogleClient
from exporters.google.pace import Limits
from exporters.history.schema import RunStamp
from exporters.history.store import History
from exporters.sheets.publish import publish_to_sheet
from exporters.table import Table
from jobs.definition import Column, SheetTarget
from reports.row import ChangeKind, Gtin, Row

FIELDS = (
    "url", "name", "brand", "sku", "gtin", "mpn", "price", "list_price", "discount_percent", "currency",
    "availability", "previous_price", "changes", "failure", "category", "seller", "rating", "review_count",
    "stock_quantity", "fetched_at",
)  # fmt: skip
COLUMNS = tuple(Column(field=field) for field in FIELDS)
KINDS = ("csv", "jsonl", "xlsx", "xlsxwriter", "parquet", "history", "sheet", "sheet-small")
SMALL_ROWS = 1_000
AT = datetime(2026, 11, 21, 5, tzinfo=UTC)
DOWN: tuple[ChangeKind, ...] = ("price_down",)


def rows(total: int) -> Iterator[Row]:
    """Yield rows like those of a real report."""
    for position in range(total):
        price = Decimal(position % 50_000 + 999) / 100
        yield Row(
            position=position,
            url=f"https://shop.example.com/products/kettle-stainless-steel-{position}?variant={position * 7}",
            page_type="product",
            fetched_at=AT,
            name=f"Kettle {position} stainless steel 1.7 l with temperature control",
            brand=f"Brand {position % 400}",
            sku=f"{position:08d}",
            mpn=f"MPN-{position % 9_999}",
            gtin=(Gtin("gtin13", "4006381333931"),),
            category=("Home", "Kitchen", "Kettles"),
            seller="ACME GmbH",
            price=price,
            list_price=price * 2,
            discount_percent=Decimal("50.0"),
            currency="EUR",
            availability="in_stock" if position % 9 else "out_of_stock",
            previous_price=price + 1,
            changes=DOWN if position % 5 == 0 else (),
            rating=Decimal("4.5"),
            review_count=position % 300,
            stock_quantity=position % 40,
        )


def measure(kind: str, total: int, folder: Path, root: str) -> dict[str, Any]:
    """Write one report and return what it took; to be called once per process."""
    total = min(total, SMALL_ROWS) if kind == "sheet-small" else total
    table = Table(COLUMNS, total, lambda: rows(total))
    if kind in {"csv", "xlsx", "parquet"}:  # what is loaded once per process is no cost of a report
        write_file(kind, Table(COLUMNS, 1, lambda: rows(1)), folder, "warm")
    history = History(folder / "history")
    if kind == "history":
        history.put(RunStamp("bench", "warm", AT.date(), AT), lambda: rows(1))
    if kind == "xlsxwriter":
        write_with_xlsxwriter(Table(COLUMNS, 1, lambda: rows(1)), folder / "warm.xlsx")
    idle, cpu, started = _peak_kib(), time.process_time(), time.perf_counter()
    calls: int | None = None
    size: int | None = None
    if kind.startswith("sheet"):
        google = GoogleClient(sheets_api_root=root, limits=Limits(0, 0, 0))
        publish_to_sheet(
            table, SheetTarget(spreadsheet=kind), job="bench", run_id="bench", sequence=1, google=google
        )
        calls = google.calls
    elif kind == "history":
        history.put(RunStamp("bench", "run", AT.date(), AT), table.rows)
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    elif kind == "xlsxwriter":
        write_with_xlsxwriter(table, folder / "report.xlsx")
        size = (folder / "report.xlsx").stat().st_size
    else:
        size = write_file(kind, table, folder, "report").stat().st_size
    return {
        "kind": kind,
        "rows": total,
        "cpu_s": round(time.process_time() - cpu, 2),
        "wall_s": round(time.perf_counter() - started, 2),
        "peak_mb": round((_peak_kib() - idle) / 1024, 1),
        "size_mb": round(size / 1e6, 1) if size else None,
        "calls": calls,
    }


def _peak_kib() -> int:
    """Return the highest resident size so far; Linux' getrusage would count the parent's before exec."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise LookupError("VmHWM")


def print_costs(total: int, kinds: Sequence[str] = KINDS) -> None:
    """Measure every kind in a process of its own and print one line for each."""
    fake = subprocess.Popen(
        [sys.executable, "-m", "tests.support.sheets_api", "--no-record"]
        + [f"--spreadsheet={kind}" for kind in KINDS if kind.startswith("sheet")],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert fake.stdout is not None
        root = fake.stdout.readline().strip()
        print(f"{'':12} {'rows':>8} {'CPU s':>7} {'wall s':>7} {'peak MB':>8} {'size MB':>8} {'calls':>6}")
        for kind in kinds:
            print(_line(_measured(kind, total, root)), flush=True)
    finally:
        fake.terminate()
        fake.wait()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--only", default=",".join(KINDS))
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--root", default="", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(measure(given.one, given.rows, Path(folder), given.root)))
    else:
        print_costs(given.rows, given.only.split(","))


def _measured(kind: str, total: int, root: str) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.publish",
        "--one",
        kind,
        "--rows",
        str(total),
        "--root",
        root,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _line(found: dict[str, Any]) -> str:
    told = {key: "" if value is None else value for key, value in found.items()}
    return (
        f"{told['kind']:12} {told['rows']:>8} {told['cpu_s']:>7} {told['wall_s']:>7} {told['peak_mb']:>8}"
        f" {told['size_mb']:>8} {told['calls']:>6}"
    )


if __name__ == "__main__":
    main()
