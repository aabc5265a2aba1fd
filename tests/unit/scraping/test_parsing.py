"""Which pages are read apart."""

import pytest

from scraping.bounded.parsing import HERE_BYTES, may_burn


@pytest.mark.parametrize(
    "body",
    [
        b"<p>" * (HERE_BYTES // 3 + 1),
        b"<div " + b"a " * 20_000 + b">",
        b"<html>" + b"x" * 40_000,
    ],
)
def test_a_page_that_could_hold_c_code_for_long_is_read_apart(body: bytes) -> None:
    assert may_burn(body)


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"<p>some text</p>" * 10_000, b"x" * 30_000])
def test_a_usual_page_is_read_here(body: bytes) -> None:
    assert not may_burn(body)
