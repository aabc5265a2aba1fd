"""What a look at the bytes proves must be what the whole visible page says: no list price, no stock, no label."""

import json
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.fetch_pages import generate
from reports.row import Provenance
from scraping.extraction.document.document import Document
from scraping.extraction.document.parts import numbered_texts
from scraping.extraction.document.vocabulary import Traces, Vocabulary
from scraping.extraction.dom import source as dom
from scraping.extraction.dom.glance import Glance, look
from scraping.extraction.dom.source import read_dom
from scraping.extraction.dom.stock import may_state_stock, say_stock
from scraping.extraction.dom.surroundings import Surroundings
from scraping.extraction.reading import Context, Found, Reading
from scraping.page import Page

TRAPS = sorted((Path(__file__).parent / "traps").glob("*.html"))
HEADING = "Steel Kettle Deluxe"
PRICE = Decimal("39.95")
LIST_PRICE = frozenset({"list_price"})

AMOUNTS = st.sampled_from(
    [
        "39.95",
        "39,95",
        "59.90",
        "59,90",
        "199",
        "1.299,00",
        "12",
        "39.94",
        "5 990,00",
        "7",
        "39",
        "95",
        "٥٩",
        "&#53;9",
        "799.01",
    ]
)
MONEY = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "£", "was ", "RRP £", "from ", "EAN ", "- ", "save "]),
    AMOUNTS,
    st.sampled_from(
        ["", " &euro;", " €", " kg", "%", " per month", "<sup>90</sup>", " reviews", "<!-- --> €"]
    ),
)
FAULTLESS = (
        ("<span>", "</span>"), ("<del>", "</del>"), ("<s>", "</s>"), ("<div>", "</div>"), ("<b class=price>", "</b>"),
        ('<span class="price-old">', "</span>"), ('<div class="hidden">', "</div>"), ("<nav>", "</nav>"),
        ('<div class="related">', "</div>"), ('<div style="display:none">', "</div>"), ("", ""),
        ('<i data-x="a>b">', "</i>"), ('<b style="color: red">', "</b>"),
        ("<i style='text-decoration:line-through'>", "</i>"), ("<template>", "</template>"),
        ("<div><div><div><div>", "</div></div></div></div>"),
)  # fmt: skip
"""Elements that hold any others and are closed: what a part leaves out of them changes nothing behind it."""
FAULTY = (
    ("<p>", ""), ("<li>", ""), ("<td>", "</td>"), ("<script>", "</script>"), ("<!--", "-->"), ("a < b ", ""),
    ("</div>", "<div>"),
)  # fmt: skip


def bodies(tags: tuple[tuple[str, str], ...]) -> st.SearchStrategy[str]:
    """Return bodies of pages around the heading and the price, made of these elements."""
    pieces = st.recursive(
        MONEY | st.just("words of no meaning"),
        lambda inner: st.builds(
            lambda tag, parts: f"{tag[0]}{''.join(parts)}{tag[1]}",
            st.sampled_from(tags),
            st.lists(inner, min_size=1, max_size=4),
        ),
        max_leaves=8,
    )
    return st.builds(
        lambda before, between, price, after: f"{before}<h1>{HEADING}</h1>{''.join([*between, price, *after])}",
        st.sampled_from(
            ["", "<div>", "<nav><a>Home</a></nav><main><div>", "<p>Was £59.90</p>", "<script>'<h1>'</script>"]
        ),
        st.lists(pieces, max_size=2),
        st.sampled_from(
            [
                "<b>39.95 €</b>", '<span class="price">39,95 &euro;</span>', "<b>39<sup>95</sup></b>", "",
                '<div class="hidden"><b>39.95 €</b></div>', "<del>39.95 €</del>", "<i>£</i><i>39.95</i>",
            ]
        ),
        st.lists(pieces, max_size=6),
    )  # fmt: skip


STOCK = st.sampled_from(["In", "stock", "sold out", "kettle", "<b>add</b> to cart", "在庫あり", "auf Lager"])


def document_of(body: bytes, url: str = "https://shop.example/p/steel-kettle-deluxe") -> Document:
    """Open a page of these bytes whose markup calls the product by its heading."""
    page = Page(url=url, final_url=url, status=200, body=body, fetched_at=datetime(2026, 11, 21, tzinfo=UTC))
    document = Document(page)
    document.names.append(HEADING)
    return document


def list_price(document: Document, price: Decimal) -> object:
    """Read the visible page for the one open field."""
    context = Context(
        wanted=LIST_PRICE, found={"price": Found(price, Provenance("jsonld", "script[0].offers.price"))}
    )
    found = read_dom(document, context).found.get("list_price")
    return found.value if found else None


def seen(document: Document, price: Decimal) -> Glance | None:
    """Look at a page as the reader does."""
    page = Surroundings(document).from_heading()
    return look(page, price, None, whole=True) if page is not None else None


def without_a_look(monkeypatch: pytest.MonkeyPatch, body: bytes, price: Decimal) -> object:
    """Read the list price from the tree of the whole page."""
    with monkeypatch.context() as patched:
        patched.setattr(dom, "_look", lambda *_args, **_more: (b"", None))
        return list_price(document_of(body), price)


@settings(max_examples=400, deadline=None)
@given(bodies(FAULTLESS + FAULTY))
def test_where_the_bytes_prove_that_there_is_no_list_price_the_whole_page_has_none(body: str) -> None:
    page = f"<html lang=en><title>{HEADING} | Shop</title><body>{body}</body></html>".encode()
    glance = seen(document_of(page), PRICE)
    if glance is not None and glance.alone:
        with pytest.MonkeyPatch.context() as monkeypatch:
            assert without_a_look(monkeypatch, page, PRICE) is None


@settings(max_examples=400, deadline=None)
@given(bodies(FAULTLESS))
@example(f"<h1>{HEADING}</h1><!--<del>39.95<!-- --> €59.90</del>--><b>39.95 €</b>")
@example(f"<h1>{HEADING}</h1>39.95<div hidden>39.95</script><del>59.90</del></div><b>39.95 €</b>")
@example(f"<h1>{HEADING}</h1><b>39.95 €</b><p>new</style><del>59.90 €</del>")
@example(f"<h1>{HEADING}</h1><DIV><b>39.95 €</b></div><div><DEL>59.90 €</DEL></DIV>")
def test_a_part_read_by_itself_gives_the_list_price_of_the_whole_page(body: str) -> None:
    # What the body closes is open, as on a page without faults, and no loose text in front of the heading stands in
    # one element with loose text behind it: the part tells them apart, the whole page does not.
    body = "<div>" * 9 + body.replace("<h1>", "<div><h1>")
    page = f"<html lang=en><title>{HEADING} | Shop</title><body>{body}</body></html>".encode()
    with pytest.MonkeyPatch.context() as monkeypatch:
        whole = without_a_look(monkeypatch, page, PRICE)
    assert list_price(document_of(page), PRICE) == whole


@pytest.mark.parametrize("trap", TRAPS, ids=[trap.stem for trap in TRAPS])
def test_the_traps_list_prices_are_the_same_with_and_without_a_look(
    trap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = json.loads(trap.with_suffix(".json").read_text(encoding="utf-8"))["expect"]
    if expected.get("price") is not None:
        price, body = Decimal(expected["price"]), trap.read_bytes()
        assert list_price(document_of(body), price) == without_a_look(monkeypatch, body, price)


def test_a_page_with_one_price_is_known_to_have_no_list_price_without_a_tree() -> None:
    body = b"<title>Steel Kettle Deluxe</title><body><h1>Steel Kettle Deluxe</h1><b>39.95 EUR</b><p>12 reviews</p>"
    document = document_of(body)
    assert list_price(document, PRICE) is None
    assert "tree" not in vars(document)


@pytest.mark.parametrize(
    "tag", ['<div class="a"style="display:none">', "<div id='a'hidden>", "<Related-Products>", "<div/hidden>"]
)
def test_a_price_is_not_in_plain_sight_behind_a_tag_written_without_spaces(tag: str) -> None:
    page = f"<h1>{HEADING}</h1>{tag}39.95 EUR".encode()
    glance = look(page, PRICE, None, whole=True)
    assert glance is not None
    assert not glance.alone


def test_a_list_price_in_front_of_the_price_is_no_less_one() -> None:
    body = f"<title>{HEADING}</title><h1>{HEADING}</h1><div><p>RRP 59.90 EUR</p><b>39.95 EUR</b></div>"
    assert list_price(document_of(body.encode()), PRICE) == Decimal("59.90")


def test_a_list_price_in_digits_of_another_script_is_read_though_no_look_at_bytes_tells_it() -> None:
    between = f'<p class="{"wide " * 200}">words</p>'
    page = f"<h1>{HEADING}</h1><div><b>39.95 €</b>{between}<del>٥٩ €</del></div>{'<p>more</p>' * 2_000}"
    assert list_price(document_of(page.encode()), PRICE) == Decimal(59)


def test_a_struck_price_is_read_from_a_part_of_the_page() -> None:
    generated = next(page for page in generate(40) if b"<del" in page.html)
    document = document_of(generated.html)
    document.names.append(generated.name)
    assert list_price(document, generated.price) == generated.price * 2
    assert "tree" not in vars(document)


def test_a_printed_discount_is_read_where_price_and_list_price_are_known() -> None:
    document = document_of(
        f"<h1>{HEADING}</h1><div><b>39.95 EUR</b><s>59.95 EUR</s><i>-33%</i></div>".encode()
    )
    found = {
        "price": Found(PRICE, Provenance("jsonld", "script[0].offers.price")),
        "list_price": Found(
            Decimal("59.95"), Provenance("jsonld", "script[0].offers.priceSpecification.price")
        ),
    }
    context = Context(wanted=frozenset({"name", "page_discount_percent"}), found=found)
    assert read_dom(document, context).found["page_discount_percent"].value == 33


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["In", "stock", "sold out", "kettle", "<b>add</b> to cart", "在庫あり", "auf Lager"]),
        max_size=8,
    )
)
def test_where_no_word_of_stock_can_stand_the_page_states_none(words: list[str]) -> None:
    body = f"<h1>{HEADING}</h1><p>{'</p><p>'.join(words)}</p><button>{' '.join(words[:3])}</button>".encode()
    document = document_of(body)
    if not may_state_stock(document.prose):
        reading = Reading("dom")
        say_stock(reading, document.outline, None)
        assert "availability" not in reading.found


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Item No: 5", True), ("item-no", True), ("no item here", True), ("items noted", False),
        ("«Артикул»: да", True), ("在 庫", True), ("", False),
    ],
)  # fmt: skip
def test_phrases_may_stand_only_where_all_their_words_do(text: str, held: bool) -> None:
    assert Vocabulary([text.encode()]).may_hold(Traces(["item no", "артикул", "在庫"])) is held


@pytest.mark.parametrize(
    ("page", "texts"),
    [
        (b"<b>12 left</b> of 30<i>x</i>", [b"12 left", b" of 30"]),
        (b"<a href=1>no</a><i>5 > 3</i>7", [b"5 > 3", b"7"]),
        (b"<i>more > 3</i>", [b" 3"]),
        (b"<i>less < 5</i><s>9.\xe2\x82\xac</s>", [b" 5", b"9.\xe2\x82\xac"]),
        (b"<h1 id=4>", []),
    ],
)
def test_texts_with_a_number_are_told_from_tags_with_one(page: bytes, texts: list[bytes]) -> None:
    assert [page[start:end] for start, end in numbered_texts(page, len(page))] == texts


def test_a_page_of_signs_without_a_number_costs_one_pass() -> None:
    began = time.process_time()
    assert list(numbered_texts(b">" * 200_000, 200_000)) == []
    assert time.process_time() - began < 1


def test_a_phrase_of_words_that_no_vocabulary_keeps_is_refused() -> None:
    with pytest.raises(ValueError, match="zeppelin"):
        Traces(["zeppelin no"])
