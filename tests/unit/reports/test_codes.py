"""Trade item numbers: wrong by one digit is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from reports.codes import read_gtin
from reports.row import Gtin


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("6935364088101", "gtin13", "6935364088101"),
        ("6935 3640 8810 1", "gtin13", "6935364088101"),
        ("EAN: 6935364088101", "gtin13", "6935364088101"),
        ("012345678905", "gtin12", "012345678905"),
        ("96385074", "gtin8", "96385074"),
        ("10012345678902", "gtin14", "10012345678902"),
        ("0-306-40615-2", "gtin13", "9780306406157"),
    ],
)
def test_a_valid_code_is_read_with_its_type(text: str, kind: str, value: str) -> None:
    gtin = read_gtin(text)
    assert gtin is not None
    assert (gtin.type, gtin.value) == (kind, value)


@pytest.mark.parametrize(
    "text",
    [
        "6935364088102",
        "2000000000008",
        "0212345678901",
        "",
        "0000000000000",
        "ABC",
        "123",
        "00000000",
        "9" * 500,
    ],
)
def test_a_wrong_in_store_or_empty_code_is_no_code(text: str) -> None:
    assert read_gtin(text) is None


def test_a_single_items_gtin_14_is_the_gtin_13_inside_it() -> None:
    assert read_gtin("06935364088101") == Gtin(type="gtin13", value="6935364088101")


@given(st.text(max_size=60))
def test_any_text_is_a_valid_code_or_none(text: str) -> None:
    gtin = read_gtin(text)
    assert gtin is None or ean.is_valid(gtin.value)


@given(
    st.sampled_from((8, 12, 13, 14)),
    st.integers(min_value=0, max_value=10**12 - 1),
    st.integers(min_value=1, max_value=9),
)
def test_one_wrong_digit_is_always_noticed(length: int, number: int, shift: int) -> None:
    start = f"55{number:012d}"[: length - 1]  # no restricted range, in a case of 14 digits neither
    right = start + ean.calc_check_digit(start)
    wrong = right[:-1] + str((int(right[-1]) + shift) % 10)
    assert read_gtin(right) == Gtin(type=f"gtin{length}", value=right)  # type: ignore[arg-type]
    assert read_gtin(wrong) is None
