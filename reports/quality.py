"""Whether a run is good enough to publish: its summary against the definition's gates and the runs before.

What changes from day to day is compared with the median of the last runs, not with yesterday alone: one bad
day neither raises an alarm for ever nor becomes the new measure.
"""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final, Literal

import msgspec

from jobs.definition import Gates
from reports.summary import Summary
from reports.wording import counted

COMPARED_RUNS: Final = 7
"""Runs before this one that count."""

Gate = Literal["empty", "coverage", "field", "product_fall", "price_changes", "currency"]
Verdict = Literal["publish", "warn", "hold"]


class Finding(msgspec.Struct, frozen=True):
    """A gate that a run did not pass."""

    gate: Gate
    expected: str
    got: str
    sentence: str
    """For people: what is wrong, with both numbers."""


def judge(gates: Gates, summary: Summary, earlier: Sequence[Summary]) -> list[Finding]:
    """Return every gate that the run does not pass. `earlier` are the summaries before it, the newest last."""
    recent = earlier[-COMPARED_RUNS:]
    return [
        *_empty(summary, recent),
        *_coverage(gates, summary),
        *_fields(gates, summary),
        *_product_fall(gates, summary, recent),
        *_price_changes(gates, summary),
        *_currency(gates, summary, recent),
    ]


def verdict(gates: Gates, findings: Sequence[Finding]) -> Verdict:
    """Return what the definition says to do; a report of nothing never replaces one of something unasked."""
    if any(finding.gate == "empty" for finding in findings):
        return "hold"
    return gates.otherwise if findings else "publish"


def percent(share: float) -> str:
    """Return a share for people; only all is 100 %, and only nothing 0 %."""
    shown = min(round(share * 100, 1), 99.9) if share < 1 else 100.0
    return f"{max(shown, 0.1) if share > 0 else 0.0:g} %"


def _empty(summary: Summary, recent: Sequence[Summary]) -> Iterator[Finding]:
    usual = median(run.products for run in recent) if recent else 0
    if usual and not summary.products:
        none = f"none of {counted(summary.urls, 'URL')} gave a product"
        sentence = f"{none}; {usual:,.0f} did in the median of the last runs"
        yield Finding("empty", "some", "none", sentence)


def _usually(recent: Sequence[Summary]) -> str:
    return "the run before" if len(recent) == 1 else f"the median of the last {len(recent)} runs"


def _coverage(gates: Gates, summary: Summary) -> Iterator[Finding]:
    if summary.coverage < gates.min_coverage:
        expected, got = percent(gates.min_coverage), percent(summary.coverage)
        counts = f"{summary.products:,} of {counted(summary.urls, 'URL')}"
        yield Finding("coverage", expected, got, f"{counts} gave a product: {got}, at least {expected} asked")


def _fields(gates: Gates, summary: Summary) -> Iterator[Finding]:
    for name, least in gates.min_fields.items():
        share = summary.fields.get(name, 0.0)
        if share < least:
            expected, got = percent(least), percent(share)
            yield Finding("field", expected, got, f"{got} of products have {name}, at least {expected} asked")


def _product_fall(gates: Gates, summary: Summary, recent: Sequence[Summary]) -> Iterator[Finding]:
    if gates.max_product_fall is None or not recent:
        return
    usual = median(run.products for run in recent)
    fall = (usual - summary.products) / usual if usual else 0.0
    if fall > gates.max_product_fall:
        expected, got = percent(gates.max_product_fall), percent(fall)
        counts = f"{counted(summary.products, 'product')}, {usual:,.0f} in {_usually(recent)}"
        yield Finding("product_fall", expected, got, f"{counts}: {got} fewer, at most {expected} allowed")


def _price_changes(gates: Gates, summary: Summary) -> Iterator[Finding]:
    if gates.max_price_changes is None or not summary.compared_prices:
        return
    share = summary.price_changed / summary.compared_prices
    if share > gates.max_price_changes:
        expected, got = percent(gates.max_price_changes), percent(share)
        counts = f"{summary.price_changed:,} of {counted(summary.compared_prices, 'price')} changed"
        yield Finding("price_changes", expected, got, f"{counts}: {got}, at most {expected} allowed")


def _currency(gates: Gates, summary: Summary, recent: Sequence[Summary]) -> Iterator[Finding]:
    usual = {currency for run in recent for currency in run.currencies}
    if gates.allow_currency_change or not usual:
        return
    for currency, products in summary.currencies.items():
        if currency not in usual:
            expected = ", ".join(sorted(usual))
            priced = counted(products, "product is", "products are")
            sentence = f"{priced} priced in {currency}, so far only in {expected}"
            yield Finding("currency", expected, currency, sentence)
