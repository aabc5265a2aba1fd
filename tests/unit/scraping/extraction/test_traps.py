"""What naive readers get wrong, one small page each, beside the record that is right.

A trap is traps/<what it is>.html and traps/<what it is>.json: the visit and the expected fields. `warns` are the
warnings, `variants` their number, `gtin` the values, `source` where a field must come from.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from reports.row import Row
from scraping.extraction import extract
from scraping.page import Page

TRAPS = sorted((Path(__file__).parent / "traps").glob("*.html"))


def read(trap: Path, case: dict[str, Any]) -> Row:
    """Extract a trap's page as the case visits it."""
    return extract(
        Page(
            url=case["url"],
            final_url=case.get("final_url", case["url"]),
            status=case.get("status", 200),
            body=trap.read_bytes(),
            content_type="text/html; charset=utf-8",
            fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
        )
    )


def seen(row: Row, field: str, want: Any) -> Any:
    """Return a row's field in the form that the expectation is written in."""
    if field == "variants":
        return len(row.variants)
    if field == "gtin":
        return [gtin.value for gtin in row.gtin]
    if field == "warns":
        return [warning for warning in row.warnings if not want or warning in want]
    if field == "source":
        return {name: row.provenance[name].source for name in want}
    if field == "conditional_prices":
        return [{"kind": one.kind, "price": str(one.price)} for one in row.conditional_prices]
    value = getattr(row, field)
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("trap", TRAPS, ids=[trap.stem for trap in TRAPS])
def test_the_page_is_read_as_a_person_reads_it(trap: Path) -> None:
    case = json.loads(trap.with_suffix(".json").read_text(encoding="utf-8"))
    row = read(trap, case)
    for field, want in case["expect"].items():
        got = seen(row, field, want)
        if isinstance(got, Decimal) and isinstance(want, str):
            want = Decimal(want)  # noqa: PLW2901 - JSON has no Decimal
        assert got == want, f"{field}: {got!r}, not {want!r}; warnings {row.warnings}"


def test_there_is_a_trap_for_every_page() -> None:
    assert len(TRAPS) > 50
