"""Amounts as most are written are read as by the patterns for all texts."""

from itertools import product

import pytest

from reports.money import Separator, text_numbers
from scraping.extraction.money_words import currencies_in, money_numbers

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
