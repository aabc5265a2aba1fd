"""Damaged JSON-LD and random bytes: the reader mends or lets go, and never raises."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.definition import SiteRules
from reports.row import Row
from scraping.extraction import extract
from scraping.extraction.document.lenient_json import read_json_values
from scraping.extraction.extract import CUT
from scraping.page import Page

PAGES = sorted(Path(__file__).parent.glob("*/*.html"))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(max_size=8), JSON_VALUES, max_size=5)


def row_of(body: bytes) -> Row:
    """Extract a page of these bytes."""
    return extract(
        Page(
            url="https://shop.example/p/steel-kettle",
            final_url="https://shop.example/p/steel-kettle",
            status=200,
            body=body,
            fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
        )
    )


@given(JSON_VALUES)
def test_sound_json_reads_as_itself(value: object) -> None:
    assert read_json_values(json.dumps(value)) == [value]


@given(OBJECTS)
def test_trailing_commas_and_comments_change_nothing(value: dict[str, object]) -> None:
    text = json.dumps(value)
    damaged = "/* a */ " + text[:-1] + (", // b\n}" if value else "}")
    assert read_json_values(damaged) == [value]


@given(OBJECTS, OBJECTS)
def test_two_objects_in_one_script_are_both_read(one: dict[str, object], other: dict[str, object]) -> None:
    assert read_json_values(f"{json.dumps(one)}\n{json.dumps(other)}") == [one, other]


@given(OBJECTS, st.integers(min_value=0, max_value=200))
def test_a_cut_script_never_raises(value: dict[str, object], length: int) -> None:
    assert isinstance(read_json_values(json.dumps(value)[:length]), list)


def test_javascript_literals_are_read() -> None:
    assert read_json_values("{a: 'it\\'s', b: !0, c: undefined, 'd': [1,,2,],}") == [
        {"a": "it's", "b": True, "c": None, "d": [1, 2]}
    ]


def javascript(value: object, space: str) -> str:
    """Return a value as scripts write it: bare keys, single quotes, `!0` for true, space before each token."""
    if isinstance(value, dict):
        return (
            space
            + "{"
            + ",".join(f"{space}{key}:{javascript(one, space)}" for key, one in value.items())
            + "}"
        )
    if isinstance(value, list):
        return space + "[" + ",".join(javascript(one, space) for one in value) + "]"
    if isinstance(value, str):
        return space + "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if isinstance(value, bool):
        return space + ("!0" if value else "!1")
    return space + ("undefined" if value is None else str(value))


SHOWN = st.characters(exclude_categories=("Cs", "Cc"))
NAMED_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(2, 2**53) | st.text(SHOWN, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.from_regex(r"[a-z_$][\w$]{0,8}", fullmatch=True), inner)
    ),
    max_leaves=12,
)


@given(
    st.lists(NAMED_VALUES, min_size=1, max_size=4), st.sampled_from(["", " ", "\n\t ", "/* x */", "// x\n"])
)
def test_what_scripts_write_reads_as_what_it_stands_for(value: list[object], space: str) -> None:
    assert read_json_values(javascript(value, space) + "  ;\n") == [value]


def test_endless_nesting_is_let_go() -> None:
    assert read_json_values('{"a":' * 10_000) == []


@pytest.mark.parametrize("name", ["script", "style", "svg"])
def test_an_element_closed_in_other_letters_than_it_is_opened_in_ends_there(name: str) -> None:
    box = "<h1>Steel kettle</h1><b>39.95 EUR</b> <s>49.95 EUR</s><button>Add to cart</button>"
    for opened, closed in ((name, name.upper()), (name.upper(), name)):
        body = f"<title>Steel kettle</title><{opened}>x</{closed}>{box}<{opened}>x</{opened}>"
        row = row_of(body.encode())
        assert (row.price, row.list_price) == (Decimal("39.95"), Decimal("49.95"))


@pytest.mark.parametrize("drawing", ["<svg class=icon />", "<SVG/>", "<svg>"])
def test_a_drawing_closed_in_its_own_tag_or_never_takes_no_price_away(drawing: str) -> None:
    markup = (
        '{"@type": "Product", "name": "Steel kettle", "offers": {"price": "39.95", "priceCurrency": "EUR"}}'
    )
    box = "<h1>Steel kettle</h1><b>39.95 EUR</b> <s>49.95 EUR</s><button>Add to cart</button>"
    body = f"<script type='application/ld+json'>{markup}</script>{drawing}{box}<svg></svg><style></style><p>End</p>"
    assert row_of(body.encode()).list_price == Decimal("49.95")


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=4_000))
def test_random_bytes_are_no_product(body: bytes) -> None:
    row = row_of(body)
    assert row.failure is None
    assert row.page_type != "product"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(PAGES), st.data())
def test_a_mutated_page_never_breaks_a_reader(trap: Path, data: st.DataObject) -> None:
    body = bytearray(trap.read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(body)))
        cut = data.draw(st.integers(0, 40))
        body[place : place + cut] = data.draw(st.binary(max_size=20))
    row = row_of(bytes(body))
    assert row.failure is None
    assert not any("not read" in warning for warning in row.warnings)
    assert row.price is None or row.price > Decimal(0)


@pytest.mark.parametrize(
    "filling",
    [b"<div>" * 9_000, b"<i>x</i>" * 40_000, b"<div " + b"a=1 " * 4_000 + b">", b"x " * 3_100_000],
    ids=["deep", "many tags", "many attributes", "large"],
)
def test_a_page_that_is_not_read_whole_says_so(filling: bytes) -> None:
    row = row_of(b"<title>Kettle</title><h1>Kettle</h1><b class=price>&euro;20.00</b>" + filling)
    assert CUT in row.warnings


def test_a_page_cut_by_the_xpath_parser_says_so() -> None:
    rules = SiteRules.model_validate({"fields": {"name": {"xpath": "//h2"}}})
    body = b"<h1>Kettle</h1>" + b"<div>" * 300 + b"<h2>Steel kettle</h2>" + b"</div>" * 300
    page = Page(
        url="https://shop.example/p/1",
        final_url="https://shop.example/p/1",
        status=200,
        body=body,
        fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    assert CUT in extract(page, rules=rules).warnings
    assert CUT not in extract(page).warnings


def test_a_page_that_is_read_whole_says_nothing_of_the_kind() -> None:
    assert CUT not in row_of(b"<h1>Kettle</h1><b class=price>&euro;20.00</b>" + b"<p>x</p>" * 2_000).warnings
