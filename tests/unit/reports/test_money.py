"""Amounts: machine values as they are, visible text by its separators."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.money import (
    LARGEST,
    digits_of,
    discount_percent,
    machine_amount,
    most_digits,
    text_amount,
    text_numbers,
    usual_places,
)


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("450.00", "450.00"),
        ("3.350", "3.350"),
        (2879.2, "2879.2"),
        (19.989999771118164, "19.99"),
        (7, "7"),
        (".99", "0.99"),
        ("1,299.00", "1299.00"),
        ("1.299,00 EUR", "1299.00"),
        ("€ 1 299", "1299"),
        ("12,5", "12.5"),
        ("0", "0"),
    ],
)
def test_a_machine_value_is_read_as_written(value: object, amount: str) -> None:
    assert machine_amount(value) == Decimal(amount)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        {},
        [],
        "",
        "NaN",
        "-5",
        -5,
        "1e100000",
        1e300,
        float("nan"),
        "9" * 10_000,
        "InStock",
        "5 - 9",
    ],
)
def test_what_is_no_amount_is_none(value: object) -> None:
    assert machine_amount(value) is None


def test_a_currency_without_cents_has_no_decimals() -> None:
    assert machine_amount("3.340", "CLP") == 3340
    assert machine_amount("3.340", "KWD") == Decimal("3.340")


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.299,00 €", "1299.00"),
        ("1,299.00", "1299.00"),
        ("23.450", "23450"),
        ("1 234 567,89", "1234567.89"),
        ("1'299.-", "1299"),
        ("44 890 тг", "44890"),
        ("1.234.567", "1234567"),
        ("R$ 1.759,99", "1759.99"),
        ("Rs 6,35,000", "635000"),
    ],
)
def test_visible_text_is_read_by_its_separators(text: str, amount: str) -> None:
    assert text_amount(text) == Decimal(amount)


def test_a_currency_of_three_decimals_keeps_them_where_the_locale_says_so() -> None:
    assert text_amount("KD 3.350", decimal=".", currency="KWD") == Decimal("3.350")


def test_two_amounts_are_not_one() -> None:
    assert text_amount("£5.29 - £9.56") is None
    assert text_numbers("£5.29 - £9.56") == [Decimal("5.29"), Decimal("9.56")]


def test_a_discount_is_given_to_one_decimal() -> None:
    assert discount_percent(Decimal("344"), Decimal("450")) == Decimal("23.6")


def test_currencies_have_the_decimals_of_cldr() -> None:
    assert [digits_of(code) for code in ("EUR", "JPY", "KWD")] == [2, 0, 3]


def test_a_column_is_shown_in_the_decimals_of_the_currency_that_has_most() -> None:
    assert [most_digits(codes) for codes in (["JPY"], ["JPY", "EUR"], ["EUR", "KWD"], [])] == [0, 2, 3, 2]


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("5059.0", "EUR", "5059.00"),
        ("281230.00", "JPY", "281230"),
        ("-3.5", "USD", "-3.50"),
        ("1.23450", "EUR", "1.2345"),
        ("12.5", "JPY", "12.5"),
        ("3.35", "KWD", "3.350"),
        ("7", None, "7.00"),
        ("0", "JPY", "0"),
        ("1E+3", "JPY", "1000"),
    ],
)
def test_an_amount_has_its_currencys_decimals_and_never_loses_one(
    amount: str, currency: str | None, written: str
) -> None:
    assert f"{usual_places(Decimal(amount), currency):f}" == written


@given(st.text(max_size=100))
def test_any_text_is_an_amount_in_range_or_none(text: str) -> None:
    amount = machine_amount(text)
    assert amount is None or 0 <= amount < LARGEST


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_a_plain_number_reads_back_as_itself(amount: Decimal) -> None:
    assert machine_amount(str(amount)) == amount


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=99))
def test_german_and_english_spellings_mean_the_same(whole: int, cents: int) -> None:
    english = f"{whole:,}.{cents:02d}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert text_amount(english) == text_amount(german) == Decimal(f"{whole}.{cents:02d}")
