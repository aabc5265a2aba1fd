"""What the service tells of itself: usage by customer, and deliveries that are open. Pure."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import msgspec

from jobs.maintenance import PriceCard
from reports.message import Message
from reports.wording import counted
from tasks.people.notices import plain_message
from tasks.upkeep.figures import CustomerDay, Day

_NAMED: Final = 50
_CENT: Final = Decimal("0.01")


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """What was done for one customer, and what it cost."""

    customer: str
    runs: int
    published: int
    failed: int
    pages: int
    gigabytes: Decimal
    worker_hours: Decimal
    cost: Decimal
    """In the price card's currency, to the cent."""


def usage_rows(days: Sequence[Day], prices: PriceCard) -> list[UsageRow]:
    """Return a row a customer, the dearest first, then by pages."""
    total: dict[str, CustomerDay] = {}
    for day in days:
        for customer, figures in day.customers.items():
            total.setdefault(customer, CustomerDay()).add(figures)
    rows = [_usage_row(customer, figures, prices) for customer, figures in total.items()]
    return sorted(rows, key=lambda row: (-row.cost, -row.pages, row.customer))


def _usage_row(customer: str, used: CustomerDay, prices: PriceCard) -> UsageRow:
    gigabytes, hours = Decimal(used.bytes) / 10**9, Decimal(used.worker_ms) / 3_600_000
    cost = (
        prices.per_1000_pages * used.pages / 1_000
        + prices.per_gigabyte * gigabytes
        + prices.per_worker_hour * hours
    )
    return UsageRow(
        customer=customer,
        runs=used.runs,
        published=used.published,
        failed=used.failed,
        pages=used.pages,
        gigabytes=gigabytes.quantize(Decimal("0.001"), ROUND_HALF_UP),
        worker_hours=hours.quantize(Decimal("0.001"), ROUND_HALF_UP),
        cost=cost.quantize(_CENT, ROUND_HALF_UP),
    )


def usage_message(
    first: date, last: date, rows: Sequence[UsageRow], prices: PriceCard, *, missing: int
) -> Message:
    """Return the summary of a month; `missing` days have no figures."""
    total = sum((row.cost for row in rows), Decimal(0))
    pages = sum(row.pages for row in rows)
    size = f"{counted(pages, 'page')} for {counted(len(rows), 'customer')}"
    lines = [f"{first} to {last}: {size}, {total:,.2f} {prices.currency}."]
    if missing:
        without = counted(missing, "day has", "days have")
        lines.append(f"{without} no figures: nothing ran then, or nothing counted it.")
    lines.append("")
    lines += [
        f"{row.customer}: {row.cost:,.2f} {prices.currency}; {counted(row.pages, 'page')}, {row.gigabytes:,} GB, "
        f"{row.worker_hours:,} worker-hours; {row.published} of {counted(row.runs, 'run')} published, "
        f"{row.failed} failed"
        for row in rows
    ]
    return plain_message(f"Shelfbeat: usage of {first:%B %Y}", lines, "delivered")


def reconciliation_message(day: Day) -> Message:
    """Return what is open of a day's deliveries, and the figures of each channel."""
    count = len(day.open)
    lines = [f"{one.run}: {one.channel}: {one.what}" for one in day.open[:_NAMED]]
    if count > _NAMED:
        lines.append(f"… and {count - _NAMED} more")
    lines += ["", "By channel:"]
    for channel, counts in sorted(day.channels.items()):
        lines.append(
            f"{channel}: " + ", ".join(f"{number} {state}" for state, number in sorted(counts.items()))
        )
    lines += ["", "Send one again: shelfbeat runs rerun RUN --from write_message"]
    things = "a delivery" if count == 1 else f"{count} deliveries"
    return plain_message(f"Shelfbeat: {things} of {day.day} open", lines, "delivered_with_gaps")
