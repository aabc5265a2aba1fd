"""A page into a row: its kind first, then the sources, strongest first, while a wanted field is open.

bytes ── kind? ──> not_found · blocked · consent · js_required · listing     no offer
           │
           └─> rules → JSON-LD → microdata → OpenGraph → state → DOM            each while a field is open
                                      │
                                   resolve ──> Row
"""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import structlog

from jobs.definition import SiteRules
from reports.failure import http_failure
from reports.row import ROW_FIELDS, FeedClaim, PageType, Row, Source
from scraping.extraction.document.document import Document
from scraping.extraction.dom.source import BESIDE_PRICE, read_dom
from scraping.extraction.feed import with_feed
from scraping.extraction.page_kind import judge, kind_of_status
from scraping.extraction.reading import Context, Reading
from scraping.extraction.resolve import resolve
from scraping.extraction.rules import read_rules
from scraping.extraction.state.source import read_state
from scraping.extraction.structured.facts import say_breadcrumb
from scraping.extraction.structured.jsonld import jsonld_values
from scraping.extraction.structured.microdata import MICRODATA, RDFA, item_values
from scraping.extraction.structured.nodes import Graph
from scraping.extraction.structured.opengraph import read_opengraph
from scraping.extraction.structured.product import read_product
from scraping.page import Page

log = structlog.get_logger()

SourceReader = Callable[[Document, Context], Reading]

DERIVED: Final[dict[str, frozenset[str]]] = {
    "discount_amount": frozenset({"price", "list_price", "currency"}),
    "discount_percent": frozenset({"price", "list_price", "currency"}),
    "list_price": frozenset({"price", "list_price", "currency"}),
    "list_price_type": frozenset({"price", "list_price", "currency"}),
    "price": frozenset({"price", "currency"}),
    "currency_source": frozenset({"currency"}),
    "purchasable": frozenset({"availability"}),
    "availability_raw": frozenset({"availability"}),
    "price_min": frozenset({"price"}),
    "price_max": frozenset({"price"}),
    "rating_best": frozenset({"rating"}),
    "variants": frozenset({"price", "variants"}),
    "previous_price": frozenset({"price"}),
    "previous_availability": frozenset({"availability"}),
    "changes": frozenset({"price", "availability"}),
}
"""Fields that a wanted field is made of, where that is not the field itself."""
NOT_READ: Final = frozenset(
    {
        "position", "url", "final_url", "canonical_url", "fetched_at", "http_status", "elapsed_ms",
        "page_type", "failure", "failure_detail", "provenance", "warnings", "feed", "currency_source",
        "purchasable", "availability_raw", "price_min", "price_max", "rating_best", "previous_price",
        "previous_availability", "changes", "discount_amount", "discount_percent", "list_price_type",
        "lowest_price_30d", "real_discount_percent",
    }
)  # fmt: skip
"""Fields that no source is asked for: known of the visit, or made of others."""
READABLE: Final = frozenset(ROW_FIELDS) - NOT_READ


@dataclass(frozen=True)
class SourceStep:
    """One source, and the fields it may close."""

    source: Source
    read: SourceReader
    fields: frozenset[str] = READABLE


def _read_jsonld(document: Document, context: Context) -> Reading:
    crumbs = context.wants("category")
    graph = Graph(jsonld_values(document, crumbs=crumbs))
    reading = read_product(document, graph, "jsonld", context)
    if crumbs:
        say_breadcrumb(reading, graph)
    return reading


def _read_microdata(document: Document, context: Context) -> Reading:
    reading = Reading("microdata")
    for dialect in (MICRODATA, RDFA):
        items = item_values(document, dialect)
        if not items:
            continue
        graph = Graph(items)
        reading = read_product(document, graph, "microdata", context)
        if context.wants("category"):
            say_breadcrumb(reading, graph)
        if reading.found:
            break
    return reading


STATE_FIELDS: Final = frozenset(
    {
        "name",
        "brand",
        "sku",
        "mpn",
        "gtin",
        "product_id",
        "price",
        "list_price",
        "currency",
        "availability",
        "stock_quantity",
        "variants",
    }
)
SOURCES: Final[tuple[SourceStep, ...]] = (
    SourceStep("rule", read_rules),
    SourceStep("jsonld", _read_jsonld),
    SourceStep("microdata", _read_microdata),
    SourceStep("opengraph", read_opengraph),
    SourceStep("state", read_state, STATE_FIELDS),
    SourceStep("dom", read_dom),
)
"""Strongest first."""
CUT: Final = "part of the page not read: it is larger, deeper or fuller of attributes than is read"


def extract(
    page: Page,
    *,
    rules: SiteRules | None = None,
    wanted: frozenset[str] | None = None,
    position: int = 0,
    feed: FeedClaim | None = None,
) -> Row:
    """Return the row of a page. Never raises: a fault of ours gives a row with failure `parse`.

    `wanted` names the row fields that the report shows, None all of them: a page is read only as far as one
    of them is open. Amounts are Decimal in `currency`, times UTC.
    """
    visit: dict[str, Any] = {
        "position": position,
        "url": page.url,
        "final_url": page.final_url,
        "fetched_at": page.fetched_at,
        "http_status": page.status,
        "elapsed_ms": page.elapsed_ms,
        "feed": feed,
    }
    try:
        return Row(**visit, **_read(page, rules, wanted, feed))
    except Exception as error:  # noqa: BLE001 - a bad page is a row (DESIGN, law 4)
        log.warning("extract_failed", url=page.url, error=repr(error)[:300], where=_where(error))
        return Row(**visit, failure="parse", failure_detail=f"{type(error).__name__}: {error}"[:300])


def _read(
    page: Page, rules: SiteRules | None, wanted: frozenset[str] | None, feed: FeedClaim | None
) -> dict[str, Any]:
    kind = kind_of_status(page.status)
    if kind is not None:
        return {"page_type": kind, "failure": http_failure(page.status)}
    document = Document(page)
    readings = read_sources(document, rules, open_fields(wanted))
    kind = _judged(document, readings, rules)
    if kind == "product":
        fields = resolve(document, readings, rules, variants=wanted is None or "variants" in wanted)
        if feed is not None:
            fields = with_feed(fields, feed)
    else:
        fields = {"warnings": tuple([text for reading in readings for text in reading.warnings])}
    if document.cut:
        fields["warnings"] += (CUT,)
    fields["page_type"] = kind
    if wanted is None or "canonical_url" in wanted:
        fields["canonical_url"] = document.canonical_url
    return fields


def examine(page: Page, *, rules: SiteRules | None = None) -> list[Reading]:
    """Return what every source says of a page, strongest first, whether or not a stronger one has spoken."""
    document = Document(page)
    return [reading for step in SOURCES for reading in read_sources(document, rules, READABLE, [step])]


def _judged(document: Document, readings: list[Reading], rules: SiteRules | None) -> PageType:
    """Return what the page is; where no source was sure and the visible page was not read yet, it is read now."""
    sure = "product" in [reading.page_type for reading in readings]
    if not sure and "dom" not in [reading.source for reading in readings]:
        readings = [*readings, *read_sources(document, rules, READABLE, SOURCES[-1:])]
    return judge(document, readings)


def _where(error: Exception) -> str:
    """Return the innermost place of an exception: a whole traceback with a page's text in it is no log line."""
    frames = traceback.extract_tb(error.__traceback__, limit=-1)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


@lru_cache(maxsize=64)
def open_fields(wanted: frozenset[str] | None) -> frozenset[str]:
    """Return the fields that sources are asked for, when `wanted` are to be shown."""
    if wanted is None:
        return READABLE
    return frozenset().union(*(DERIVED.get(name, frozenset({name})) for name in wanted)) & READABLE


def read_sources(
    document: Document,
    rules: SiteRules | None,
    wanted: frozenset[str],
    sources: Sequence[SourceStep] | None = None,
) -> list[Reading]:
    """Return what the sources say, asked one after another while a wanted field is open."""
    readings: list[Reading] = []
    context = Context(rules=rules, wanted=wanted)
    if sources is None:
        sources = SOURCES if rules is not None else SOURCES[1:]
    left = list(sources)
    while left and context.wanted:
        step = left.pop(_next(left, context, readings))
        if context.wanted.isdisjoint(step.fields):
            continue
        reading = _ask(step, document, context)
        readings.append(reading)
        if reading.found or reading.absent:
            _take(reading, document, context)
    return readings


def _next(left: Sequence[SourceStep], context: Context, readings: Sequence[Reading]) -> int:
    """Return which source is asked next: the strongest, but where a product lacks its list price alone, the last.

    A list price is what the page shows beside the price: it tells soonest, and most often that there is none.
    """
    if context.wanted != BESIDE_PRICE or left[-1].source != "dom" or context.amount("price") is None:
        return 0
    return -1 if "product" in [reading.page_type for reading in readings] else 0


def _ask(step: SourceStep, document: Document, context: Context) -> Reading:
    """Return what a source says; of one that fails, or that the page has no time left for, that it was not read."""
    if document.budget.spent:
        return Reading(step.source, warnings=[f"{step.source} not read: the page took too long"])
    try:
        return step.read(document, context)
    except Exception as error:  # noqa: BLE001 - a fault in one reader loses that source only
        log.warning(
            "source_failed",
            source=step.source,
            url=document.page.url,
            error=repr(error)[:300],
            where=_where(error),
        )
        return Reading(step.source, warnings=[f"{step.source} not read: {type(error).__name__}"])


def _take(reading: Reading, document: Document, context: Context) -> None:
    """Let weaker sources know what a source has said, and ask them for the rest."""
    if "name" in reading.found:
        document.names.append(str(reading.found["name"].value))
    context.found = {**reading.found, **context.found}
    context.wanted = context.wanted.difference(
        [name for name, found in reading.found.items() if not found.weak], reading.absent
    )
