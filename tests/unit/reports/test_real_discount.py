"""A discount against what the product cost in the month before."""

from decimal import Decimal

import pytest

from reports.real_discount import with_lowest
from reports.row import Row


def row(price: str | None) -> Row:
    return Row(url="https://shop.example/", page_type="product", price=Decimal(price) if price else None)


@pytest.mark.parametrize(
    ("price", "lowest", "percent"),
    [
        ("80.00", "100.00", "20.0"),
        ("100", "100", "0.0"),
        ("110.00", "100.00", "-10.0"),
        ("66.67", "100", "33.3"),
    ],
)
def test_the_percent_is_of_the_lowest_price(price: str, lowest: str, percent: str) -> None:
    found = with_lowest(row(price), Decimal(lowest))
    assert found.lowest_price_30d == Decimal(lowest)
    assert str(found.real_discount_percent) == percent


@pytest.mark.parametrize(("price", "lowest"), [(None, "10"), ("10", "0")])
def test_without_both_amounts_there_is_no_percent(price: str | None, lowest: str) -> None:
    assert with_lowest(row(price), Decimal(lowest)).real_discount_percent is None


def test_a_product_without_a_past_stays_as_it_is() -> None:
    assert with_lowest(row("10"), None) == row("10")
