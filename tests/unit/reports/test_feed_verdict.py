"""A feed's claims against the page: what Google would disapprove, and what nobody can say."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from reports.feed_verdict import DISAPPROVED, feed_verdict
from reports.message import RunFacts, compose
from reports.row import Availability, FeedClaim, Row
from reports.summary import summarise


def row(
    price: str | None = "19.99",
    availability: Availability = "in_stock",
    *,
    currency: str | None = "EUR",
    feed: FeedClaim | None = None,
    **more: object,
) -> Row:
    known = {
        "url": "https://shop.example/kettle",
        "page_type": "product",
        "price": Decimal(price) if price else None,
        "currency": currency,
        "availability": availability,
        "feed": feed or FeedClaim(price="19.99 EUR", availability="in stock"),
    }
    return Row(**{**known, **more})  # type: ignore[arg-type]


def verdict(found: Row) -> str | None:
    result = feed_verdict(found)
    return result.verdict if result else None


def test_a_url_that_no_feed_named_has_no_verdict() -> None:
    assert feed_verdict(Row(url="https://shop.example/")) is None
    assert feed_verdict(row(feed=FeedClaim(id="7"))) is None


@pytest.mark.parametrize("price", ["19.99 EUR", "EUR 19.99", "19.99", "19,99 EUR", "19.990 EUR"])
def test_one_price_written_in_many_ways_agrees(price: str) -> None:
    assert verdict(row(feed=FeedClaim(price=price, availability="in_stock"))) == "agrees"


@pytest.mark.parametrize("word", ["in_stock", "in stock", "In Stock", "InStock"])
def test_one_availability_written_in_many_ways_agrees(word: str) -> None:
    assert verdict(row(feed=FeedClaim(price="19.99 EUR", availability=word))) == "agrees"


def test_another_price_is_told_with_both() -> None:
    found = feed_verdict(row("24.99"))
    assert found is not None
    assert (found.verdict, found.detail) == ("price_differs", "19.99 EUR in the feed, 24.99 EUR on the page")
    assert found.disapproved


def test_the_sale_price_is_the_one_to_pay() -> None:
    claim = FeedClaim(price="29.99 EUR", sale_price="19.99 EUR", availability="in stock")
    assert verdict(row("19.99", feed=claim)) == "agrees"
    assert verdict(row("29.99", feed=claim)) == "sale_not_on_page"
    assert verdict(row("25.00", feed=claim)) == "price_differs"


@pytest.mark.parametrize(
    ("day", "price", "expected"),
    [
        (20, "29.99", "agrees"),
        (20, "19.99", "price_differs"),
        (22, "19.99", "agrees"),
        (22, "29.99", "sale_not_on_page"),
        (26, "29.99", "agrees"),
    ],
)
def test_a_sale_price_is_expected_in_its_time_only(day: int, price: str, expected: str) -> None:
    claim = FeedClaim(
        price="29.99 EUR",
        sale_price="19.99 EUR",
        sale_price_effective_date="2026-11-21T00:00+0100/2026-11-24T23:59:59+0100",
        availability="in stock",
    )
    at = datetime(2026, 11, day, 6, tzinfo=UTC)
    assert verdict(row(price, feed=claim, fetched_at=at)) == expected


def test_another_currency_is_no_price_difference() -> None:
    assert verdict(row("21.50", currency="USD")) == "currency_differs"


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("limited", "agrees"),
        ("online_only", "agrees"),
        ("out_of_stock", "advertised_unavailable"),
        ("discontinued", "advertised_unavailable"),
        ("in_store_only", "advertised_unavailable"),
        ("preorder", "availability_differs"),
        ("unknown", "unknown"),
    ],
)
def test_what_the_page_says_of_a_product_advertised_as_in_stock(page: Availability, expected: str) -> None:
    assert verdict(row(availability=page)) == expected


def test_a_product_on_sale_that_the_feed_calls_sold_out_differs_too() -> None:
    assert (
        verdict(row(feed=FeedClaim(price="19.99 EUR", availability="out of stock"))) == "availability_differs"
    )


def test_something_unavailable_weighs_more_than_a_price() -> None:
    assert verdict(row("24.99", "out_of_stock")) == "advertised_unavailable"


@pytest.mark.parametrize("more", [{"failure": "http_404", "page_type": None}, {"page_type": "not_found"}])
def test_a_page_that_is_gone_is_missing(more: dict[str, Any]) -> None:
    assert verdict(row(None, "unknown", **more)) == "page_missing"


@pytest.mark.parametrize("more", [{"failure": "timeout", "page_type": None}, {"page_type": "blocked"}])
def test_a_page_that_could_not_be_read_is_no_mismatch(more: dict[str, Any]) -> None:
    assert verdict(row(None, "unknown", **more)) == "unknown"


@pytest.mark.parametrize("price", ["", "call us", "-1 EUR"])
def test_a_price_that_nobody_can_read_is_unknown(price: str) -> None:
    assert verdict(row(feed=FeedClaim(price=price, availability="in_stock"))) == "unknown"


def test_agreeing_and_unknown_are_not_disapproved() -> None:
    assert not DISAPPROVED & {"agrees", "unknown"}


def test_a_summary_counts_verdicts_and_names_what_leads_nowhere_first() -> None:
    rows = [row(), row("24.99"), row(availability="out_of_stock"), Row(url="https://shop.example/other")]
    found = summarise(msgspec.structs.replace(item, position=place) for place, item in enumerate(rows))
    assert found.feed == {"agrees": 1, "price_differs": 1, "advertised_unavailable": 1}
    assert found.disapproved == 2
    assert [(item.position, item.note) for item in found.feed_problems] == [
        (2, "in stock in the feed, out of stock on the page"),
        (1, "19.99 EUR in the feed, 24.99 EUR on the page"),
    ]


def test_the_message_names_what_google_would_disapprove() -> None:
    facts = RunFacts(job="acme-daily", run="r1", state="published", due_at=datetime(2026, 11, 21, tzinfo=UTC))
    message = compose(summarise([row("24.99", name="Kettle")]), facts)
    assert message.subject == "acme-daily: products from 1 of 1 URL, 1 that Google would disapprove"
    for form in (message.text, message.html):
        assert "Google would disapprove" in form
        assert "19.99 EUR in the feed, 24.99 EUR on the page" in form
