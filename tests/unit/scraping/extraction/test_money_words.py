"""Amounts as most are written are read as by the patterns for all texts."""

from decimal import Decimal
from itertools import product

import pytest

from reports.money import Separator, text_numbers
from scraping.extraction.language.money_words import currencies_in, money_numbers

NUMBERS = (
    "0",
    "7",
    "0.05",
    "59,90",
    "59.90",
    "1234.50",
    "001",
    "123456",
    "999999,99",
    "1.234",
    "12.3456",
    "1234567",
)
SIGNS = ("", "€", "$", "£", "EUR", "USD", "GBP", "CHF", "PLN", "CZK")


@pytest.mark.parametrize("space", ["", " ", "\u00a0"])
@pytest.mark.parametrize("decimal", [None, ".", ","])
def test_a_plain_amount_is_read_as_in_any_other_text(space: str, decimal: Separator | None) -> None:
    for before, number, after in product(SIGNS, NUMBERS, SIGNS):
        text = f"{before}{space}{number}{space}{after}"
        assert money_numbers(text, decimal) == tuple(text_numbers(text, decimal=decimal)), text
        assert currencies_in(text) == currencies_in(f"now: {text} !"), text


@pytest.mark.parametrize(
    "text", ["(24)", "#7", "32%", '27"', "12:30", "2026-11-28", "30 Tage", "500 ml", "SKU 5", "ABCD12"]
)
def test_a_number_that_is_no_money_is_none_beside_an_amount(text: str) -> None:
    numbers = money_numbers(f"39.95 EUR, {text} and 59.95 EUR", ".")
    assert (numbers[0], numbers[-1]) == (Decimal("39.95"), Decimal("59.95"))
    assert len(numbers) == 2 + (text == "SKU 5")
