"""The texts of a page are read from its bytes as a person reads them, but for what its menus hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from scraping.extraction.document.prose import LEAST_MENU, Prose, parts_without_menus
from scraping.extraction.document.vocabulary import Traces

MENU = b"<nav>" + b"<a href=/c>Tea</a>" * (LEAST_MENU // 15) + b"</nav>"
TEXTS = st.sampled_from(
    ["SKU: 12", "a < b", "5 <6", "&amp; more", "Größe", " ", "\n", "two\nlines", "> 3", "item no", "&#10;sku"]
)
TAGS = st.sampled_from(
    ["<p>", "</p>", '<i title="a > b">', "<br/>", "<li\nclass=x>", "<a-b>", "<!doctype x>"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS | TAGS, max_size=12))
def test_every_text_of_the_tree_stands_in_the_lines(pieces: list[str]) -> None:
    page = f"<body>{''.join(pieces)}</body>"
    tree = LexborHTMLParser(page.encode())
    shown = tree.body.text(deep=True, separator=" ") if tree.body is not None else ""
    read = "".join("".join(Prose(page.encode()).lines).split())
    assert all(word.strip("<") in read for word in shown.split())


def test_lines_are_texts_without_what_is_blank() -> None:
    page = b"<body><p> SKU:&nbsp;12 </p>\n<p>&nbsp;</p><b>one\n\n two</b></body>"
    assert Prose(page).lines == ["SKU:\u00a012", "one", "two"]


def without_menus(page: bytes) -> bytes:
    """Return what is left of a page."""
    return b"".join(page[start:end] for start, end in parts_without_menus(page))


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        (b"<p>Kettle</p>" + MENU + b"<p>39.95</p>", b"<p>Kettle</p></nav><p>39.95</p>"),
        (MENU.replace(b"<a", b"<nav></nav><a", 1), b"</nav>"),
        (MENU + MENU, b"</nav></nav>"),
        (b"<nav><a>Home</a> SKU 12</nav>", b"<nav><a>Home</a> SKU 12</nav>"),
    ],
)
def test_a_menu_is_left_out_and_a_trail_of_categories_is_not(page: bytes, kept: bytes) -> None:
    assert without_menus(page) == kept


@pytest.mark.parametrize(
    "page", [MENU.removesuffix(b"</nav>"), b"</nav>" + MENU[5:], MENU.replace(b"<a", b"<h1>Kettle</h1><a", 1)]
)
def test_a_menu_without_an_end_or_a_beginning_or_with_a_heading_stays(page: bytes) -> None:
    assert without_menus(page) == page


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Item No: 5", ["Item No: 5"]), ("no clean items", []), ("&#73;tem &nbsp;no", ["Item \u00a0no"]),
        ("x" * 90 + " item no", ["x" * 90 + " item no"]), ("x" * 100 + " item no", []),
        ("item" + " " * 200 + "no", ["item" + " " * 200 + "no"]), ("item</p><p>no item", ["item", "no item"]),
        ("在 庫", ["在 庫"]),
    ],
)  # fmt: skip
def test_lines_with_a_phrase_are_short_and_hold_its_longest_word(text: str, found: list[str]) -> None:
    prose = Prose(f"<body><p>{text}</p></body>".encode())
    assert [line for _, line in prose.lines_with(Traces(["item no", "在庫"]))] == found


def test_the_number_of_a_line_is_its_place_among_all_lines() -> None:
    prose = Prose(b"<p>one</p><p>the ean</p><p></p><p>two</p><p>ean</p>ean: 5 ean")
    assert [number for number, _ in prose.lines_with(Traces(["ean"]))] == [1, 3, 4]


@pytest.mark.parametrize(("limit", "fewer"), [(2, False), (3, False), (4, True)])
def test_blank_texts_count_as_no_lines(limit: int, fewer: bool) -> None:
    assert Prose(b"<p>one</p> <p>&nbsp;</p>\n<p>two\nthree</p>").has_fewer_lines(limit) is fewer
