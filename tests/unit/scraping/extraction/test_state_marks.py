"""Which embedded JSON is parsed: what holds nothing of the product is passed over."""

import pytest

from scraping.extraction.state.marks import Marks

KETTLE = Marks({"Steel Kettle 1.7 l"}, {"kt-1700"}, {"kettle", "80412"}, priced=True)


@pytest.mark.parametrize(
    "script",
    [
        b'{"name": "STEEL kettle", "price": 5}',
        b'{"id": 80412, "price": 5}',
        b'{"sku": "KT-1700"}',
        b'{"code": "kettle"}',
        b'{"final_price": 5, "old_price": 9}',
        b'{"variants": [{"price": 500}]}',
    ],
)
def test_json_that_may_be_the_products_is_parsed(script: bytes) -> None:
    assert KETTLE.may_stand_in(script)


def test_json_of_other_things_is_passed_over() -> None:
    assert not KETTLE.may_stand_in(b'{"name": "Toaster", "price": 39.95, "note": "a kettle stands by"}')


def test_a_name_without_letters_of_ascii_leaves_all_json_to_be_parsed() -> None:
    assert Marks({"Чайник стальной"}, (), (), priced=False).may_stand_in(b'{"price": 1}')


def test_a_name_that_is_compared_by_other_letters_leaves_all_json_to_be_parsed() -> None:
    assert Marks({"Straßenrad"}, (), (), priced=False).may_stand_in(b'{"price": 1}')
