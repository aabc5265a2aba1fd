"""What the service tells of itself."""

from datetime import date
from decimal import Decimal

from jobs.maintenance import PriceCard
from runs.record import STEPS, DeliveryRecord, Run, Step
from tasks.upkeep.figures import CustomerDay, Day, Open, differences, month_before
from tasks.upkeep.summaries import reconciliation_message, usage_message, usage_rows
from tests.support.run_record import BEGIN, RUN

PRICES = PriceCard(
    per_1000_pages=Decimal("0.50"), per_gigabyte=Decimal("0.10"), per_worker_hour=Decimal("0.04")
)


def day(name: str, **pages: int) -> Day:
    customers = {
        customer: CustomerDay(runs=1, published=1, pages=count, bytes=count * 100_000, worker_ms=count * 100)
        for customer, count in pages.items()
    }
    return Day(day=name, customers=customers)


def test_usage_is_summed_by_customer_and_costs_what_the_price_card_says() -> None:
    rows = usage_rows([day("2026-11-01", acme=10_000, zett=10), day("2026-11-02", acme=26_000)], PRICES)
    assert [row.customer for row in rows] == ["acme", "zett"]
    acme = rows[0]
    assert (acme.runs, acme.pages, acme.gigabytes, acme.worker_hours) == (
        2,
        36_000,
        Decimal("3.600"),
        Decimal("1.000"),
    )
    assert acme.cost == Decimal("18.40")  # 18.00 + 0.36 + 0.04
    message = usage_message(date(2026, 11, 1), date(2026, 11, 30), rows, PRICES, missing=28)
    assert message.subject == "Shelfbeat: usage of November 2026"
    assert "28 days have no figures" in message.text
    assert "acme: 18.40 EUR; 36,000 pages" in message.text


def test_the_month_before_january_is_december() -> None:
    assert month_before(BEGIN.replace(month=1)) == (date(2025, 12, 1), date(2025, 12, 31))


def ended(state: str) -> Run:
    steps = tuple(Step(name=name, state="done") for name in STEPS)
    return Run(
        **{name: getattr(RUN, name) for name in RUN.__struct_fields__} | {"state": state, "steps": steps}
    )


def test_a_published_run_whose_channel_never_got_it_is_open() -> None:
    records = {"result:0": DeliveryRecord(channel="Slack 1", state="sent", attempts=1)}
    found = list(differences(ended("published"), 2, records))
    assert [(one.channel, one.what) for one in found] == [("number 2 of notify", "nothing was sent to it")]


def test_lost_refused_and_repeated_deliveries_are_told_apart() -> None:
    records = {
        "result:0": DeliveryRecord(channel="A", state="unknown", attempts=2, repeated=True),
        "result:1": DeliveryRecord(channel="B", state="refused", attempts=1, answer="HTTP 410"),
        "result:2": DeliveryRecord(channel="C", state="sent", attempts=2, repeated=True),
        "result:3": DeliveryRecord(channel="D", state="sent", attempts=1),
    }
    found = list(differences(ended("published"), 4, records))
    assert [one.what for one in found] == [
        "result: the answer was lost, it may have arrived",
        "result: HTTP 410",
        "result: sent a second time after a lost answer",
    ]


def test_the_reconciliation_names_what_is_open_and_counts_each_channel() -> None:
    found = Day(
        day="2026-11-21",
        channels={"Slack 1": {"sent": 3, "refused": 1}},
        open=[Open(run="a-1", channel="Slack 1", what="result: HTTP 410")],
    )
    message = reconciliation_message(found)
    assert message.subject == "Shelfbeat: a delivery of 2026-11-21 open"
    assert "a-1: Slack 1: result: HTTP 410" in message.text
    assert "Slack 1: 1 refused, 3 sent" in message.text
