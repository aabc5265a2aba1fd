"""A template tried out before a run needs it: on a day with much to tell, and on a first one with nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

import msgspec

from jobs.definition import Report
from jobs.message import Part, TemplateFault
from reports.message import Message, Place, RunFacts, compose
from reports.own_message import TemplateFailed, filled
from reports.summary import Named, PriceChange, Summary, summarise

_DUE: Final = datetime(2026, 11, 23, 5, tzinfo=UTC)
_MADE_UP: Final = "A test: these figures are made up, and so are the products."
_BARE: Final = RunFacts(job="sample", run="sample-20261123T050000Z", state="published", due_at=_DUE)
_RICH: Final = RunFacts(
    job="sample",
    run="sample-20261123T050000Z",
    state="published_with_gaps",
    timezone="Europe/Berlin",
    due_at=_DUE,
    deadline_at=_DUE + timedelta(hours=1),
    started_at=_DUE,
    ended_at=_DUE + timedelta(minutes=12),
    customer="Sample & Sons",
    published=(
        Place(kind="sheet", link="https://docs.google.com/spreadsheets/d/sample", path="Reports / Sample"),
        Place(kind="xlsx", path="/srv/reports/sample.xlsx"),
    ),
    warnings=("Coverage is 90 %, at least 95 % are asked",),
    notices=("The report is in a file instead.",),
)
_NAMED: Final = (
    Named(0, "https://shop.example/kettle", "Kettle <1.7 l>", "out_of_stock"),
    Named(1, "https://shop.example/nameless", None, "http_404"),
)


def sample_message(report: Report) -> Message:
    """Return what a report's message looks like, in its own words, with figures that are made up and say so."""
    facts = msgspec.structs.replace(
        _RICH, job=report.job, customer=report.customer, timezone=report.timezone, notices=(_MADE_UP,)
    )
    message = compose(_RICH_SUMMARY, facts, templates=report.message)
    return msgspec.structs.replace(message, subject=f"TEST · {message.subject}")


def try_template(part: Part, source: str) -> TemplateFault | None:
    """Return what is wrong with a template, None where both days can be told."""
    return _fault(part, source, _RICH_DAY) or _on_first_day(_fault(part, source, _FIRST_DAY))


def _fault(part: Part, source: str, values: Mapping[str, object]) -> TemplateFault | None:
    try:
        filled(part, source, values)
    except TemplateFailed as failed:
        return failed.fault
    return None


def _on_first_day(fault: TemplateFault | None) -> TemplateFault | None:
    if fault is None:
        return None
    return fault._replace(what=f"{fault.what}; so on a job's first day: no run before it, nothing to tell")


def _days() -> tuple[Mapping[str, object], Mapping[str, object]]:
    nothing = summarise([])
    rich = {
        "kind": "delivered_with_gaps",
        "subject": "Sample & Sons · sample: delivered with gaps",
        "facts": _RICH,
        "summary": _RICH_SUMMARY,
        "first": False,
        "previous": nothing,
    }
    first = {
        "kind": "delivered",
        "subject": "sample: products from 0 of 0 URLs",
        "facts": _BARE,
        "summary": nothing,
        "first": True,
        "previous": None,
    }
    return rich, first


def _much() -> Summary:
    old, new = Decimal("20.00"), Decimal("25.00")
    return Summary(
        urls=10,
        products=9,
        coverage=0.9,
        failures={"http_404": 1},
        page_types={"product": 9},
        availabilities={"in_stock": 8, "out_of_stock": 1},
        currencies={"EUR": 9},
        fields={"price": 1.0},
        changes={"price_up": 2, "out_of_stock": 2, "back_in_stock": 2, "new": 2, "newly_failing": 2},
        compared_prices=9,
        gone=1,
        warned=1,
        price_changes=(
            PriceChange(0, "https://shop.example/kettle", "Kettle", old, new, "EUR", Decimal("25.0")),
            PriceChange(1, "https://shop.example/nameless", None, Decimal(0), new, None, None),
        ),
        out_of_stock=_NAMED,
        back_in_stock=_NAMED,
        new=_NAMED,
        newly_failing=_NAMED,
        gone_urls=("https://shop.example/gone",),
        feed={"agrees": 8, "price_differs": 1},
        feed_problems=_NAMED,
    )


_RICH_SUMMARY: Final = _much()
_RICH_DAY, _FIRST_DAY = _days()
