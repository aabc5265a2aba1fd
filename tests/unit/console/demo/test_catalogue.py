"""The demo shop's catalogue: the same on every start, and what it promises of its two days."""

from collections import Counter

import pytest
from stdnum import ean

from console.demo.catalogue import (
    FAULT_COUNTS,
    PAGES,
    PRODUCT_ANSWERS,
    STYLE_COUNTS,
    SWAPPED,
    UNAMBIGUOUS,
    Day,
    catalogue,
)

DAYS: tuple[Day, Day] = (1, 2)


@pytest.mark.parametrize("day", DAYS)
def test_a_day_has_300_pages_with_addresses_names_and_codes_of_their_own(day: Day) -> None:
    items = catalogue(day)
    assert len(items) == PAGES
    for values in (
        {item.path for item in items},
        {item.name for item in items},
        {item.sku for item in items},
        {item.gtin for item in items},
    ):
        assert len(values) == PAGES


def test_every_code_has_a_valid_check_digit_and_the_demonstration_prefix() -> None:
    for item in catalogue(1) + catalogue(2):
        assert ean.is_valid(item.gtin)
        assert item.gtin.startswith("952")


def test_the_first_day_has_each_style_and_each_fault_as_often_as_promised() -> None:
    sold = [item for item in catalogue(1) if item.answer in PRODUCT_ANSWERS]
    assert Counter(item.style for item in sold) == STYLE_COUNTS
    faults = Counter(item.answer for item in catalogue(1) if item.answer not in PRODUCT_ANSWERS)
    assert faults == FAULT_COUNTS


def test_pages_without_markup_are_in_markets_whose_price_text_names_the_currency() -> None:
    plain = [item for item in catalogue(1) if item.style in ("dom", "state")]
    assert {item.market.code for item in plain} == set(UNAMBIGUOUS)


def test_a_list_price_is_always_above_the_price() -> None:
    reduced = [item.offer for item in catalogue(1) if item.offer.list_price is not None]
    assert len(reduced) > 50
    assert all(offer.list_price is not None and offer.list_price > offer.price for offer in reduced)


def test_the_second_day_drops_the_first_pages_and_adds_as_many_at_the_end() -> None:
    first, second = ([item.path for item in catalogue(day)] for day in DAYS)
    assert first[SWAPPED:] == second[:-SWAPPED]
    assert not set(first) & set(second[-SWAPPED:])


def test_the_catalogue_is_the_same_in_every_process_and_release() -> None:
    item = catalogue(1)[10]
    assert (item.path, str(item.offer.price), item.gtin) == (
        "/uk/nordglut-headphones-dorn-20/N-10010",
        "180.90",
        "9524000370204",
    )
