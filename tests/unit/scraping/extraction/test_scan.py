"""Words found in bytes with SIMD are those that Python finds."""

from hypothesis import given
from hypothesis import strategies as st

from scraping.extraction.document.scan import Words

WORDS = (b"sku", b"ean", b"in", b"stock", b"item-no")


@given(
    st.lists(
        st.sampled_from([*WORDS, b"", b"skus", b"x", b"\xc3\xa9", b"\xff", b"\x00", b"ItEm"]), max_size=60
    )
)
def test_words_are_found_where_spaces_stand_on_both_sides_of_them(tokens: list[bytes]) -> None:
    assert Words(WORDS).among(b" ".join(tokens)) == frozenset(WORDS).intersection(tokens)


def test_no_word_stands_in_nothing() -> None:
    assert Words(WORDS).among(b"") == frozenset()
    assert Words(()).among(b"sku ean") == frozenset()
