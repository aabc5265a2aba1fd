"""What a page is, before anything on it is believed: a blocked page or a soft 404 is not "out of stock".

Strong signs first: the status, product markup with an offer. Titles and headings decide only where no such markup
stands on the page, so that a shirt named "404 Not Found" remains a shirt.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Final
from urllib.parse import urlsplit

from reports.row import PageType
from scraping.extraction.document.document import Document
from scraping.extraction.document.scan import holds, places
from scraping.extraction.document.spans import clean
from scraping.extraction.language.currency import symbol_pattern
from scraping.extraction.language.words import Phrases, fold, phrases
from scraping.extraction.language.words import words as words_of
from scraping.extraction.reading import Reading

FEW_LINES: Final = 80
"""Texts of a page that may still be a gate."""
SHORT_PAGE: Final = 1_500
"""Characters of visible text below which a page may be a gate of some kind."""
EMPTY_PAGE: Final = 350
LONGEST_HEAD: Final = 150
"""Characters of a title or a heading that names what a page is, at the most."""
MANY_PRICES: Final = 6
"""Links or list entries with an amount of money, from which a page is a listing."""
MOST_CARDS: Final = 2_000
SHORT_CARD: Final = 8
LONG_CARD: Final = 250
"""Characters of a link or list entry that shows a product of a listing."""
_CARDS: Final = "a, li, article, [class*=product i], [class*=item i], [class*=card i]"
_NUMBER: Final = re.compile(r"\d")
_MONEY: Final = re.compile(r"\d+[.,\s]?\d*")
_FIRM: Final = frozenset({"rule", "jsonld", "microdata"})
_LOOSE: Final = frozenset({"opengraph", "state", "dom"})
"""Sources by whether their word that a page is a product stands against its titles."""
_WALL: Final = (
    b"captcha-delivery.com", b"px-captcha", b"_Incapsula_Resource", b"cf-challenge", b"cf_chl_opt",
    b"/_sec/cp_challenge", b"sec-if-cpt-container",
    b"geo.captcha", b"perfdrive.com", b"/.well-known/ddos-guard", b"_pxAppId", b"kasada",
    b"challenges.cloudflare.com/turnstile", b"awswaf", b"AwsWafIntegration",
    b"distil_r_captcha", b"validate.perfdrive", b"hcaptcha.com/1/api.js", b"recaptcha/api.js",
)  # fmt: skip
"""Traces of anti-bot services; ordinary pages carry some of them too, so they count on short pages only."""
_GATES: Final[tuple[tuple[PageType, str], ...]] = (("blocked", "blocked_title"), ("consent", "consent_title"))
_TITLES: Final = ("not_found_title", "results_title", *(table for _, table in _GATES))
_APP_ROOT: Final = re.compile(
    rb"<div\b[^>]*\bid\s*=\s*[\"']?(?:root|app|__next|__nuxt|main-app|react-root|application)[\"']?[^>]*>"
    rb"\s*(?:<[^>]{0,200}>\s*){0,4}</div",
    re.IGNORECASE,
)
_ARTICLE_KINDS: Final = frozenset({"article", "blog", "news", "profile", "book.review", "recipe"})
_ARTICLE_NODES: Final = (
    b"Article", b"BlogPosting", b"NewsArticle", b"Recipe", b"QAPage", b"HowTo", b"TechArticle", b"JobPosting",
)  # fmt: skip
_PRODUCT_NODES: Final = (b"Product", b"ProductGroup")
_TYPED: Final = re.compile(rb"[\"']@type[\"']\s{0,20}:\s{0,20}[\"']\Z")
_LONGEST_KEY: Final = 60
"""Bytes of a type's key in front of the type."""
_ORDER_FORM: Final = (b'name="add-to-cart"', b"single_add_to_cart_button")
"""Of a blog system's product pages, which call themselves articles."""
_LOCALE: Final = re.compile(r"/?[a-z]{2}(?:[-_][a-z]{2})?/?(?:[a-z]{2}/?)?\Z", re.IGNORECASE)
_INDEX: Final = re.compile(r"/(?:index|home|default)(?:\.\w+)?\Z", re.IGNORECASE)


def kind_of_status(status: int) -> PageType | None:
    """Return what an HTTP status alone says of the page; None for a status that says nothing."""
    if status in {404, 410}:
        return "not_found"
    if status in {401, 403, 429, 430, 451}:
        return "blocked"
    return "other" if status >= 400 else None


def judge(document: Document, readings: Sequence[Reading]) -> PageType:
    """Return what the page is, after its sources have been heard."""
    redirected = document.url != document.page.url
    if _sells(readings, firmly=True) and not (redirected and sent_elsewhere(document, home_only=True)):
        return "product"
    heads = [document.folded_title, *map(fold, document.headings[:2])]
    telling = [head for head in heads if len(head) <= LONGEST_HEAD and _telling().found_in(head)]
    named = _named_kind(document, telling)
    if named is not None:
        return named
    if redirected and sent_elsewhere(document):
        return "not_found"
    if any(phrases("results_title").begins(head) for head in heads[:2] if head in telling):
        return "listing" if _finds(readings) else _kind_of_shape(document)
    if any(reading.page_type == "listing" for reading in readings):
        return "listing"
    if _sells(readings, firmly=False) or _adds_up(document, readings):
        return "product"
    return _kind_of_shape(document)


@lru_cache(maxsize=1)
def _telling() -> Phrases:
    """Return the phrases of titles and headings that say what a page is: most have none of them."""
    return Phrases(chain.from_iterable(map(words_of, _TITLES)))


def _sells(readings: Sequence[Reading], *, firmly: bool) -> bool:
    """Whether a source takes the page for a product; `firmly` asks for markup that says so."""
    sources = _FIRM if firmly else _LOOSE
    return "product" in [reading.page_type for reading in readings if reading.source in sources]


def _adds_up(document: Document, readings: Sequence[Reading]) -> bool:
    """Whether the visible page shows a price, and some source what can be ordered: stock, a buy button, a code.

    An article that names a price and says that something is sold out is none, unless it has a code to order by.
    """
    priced = any(
        "price" in reading.found for reading in readings if reading.source in {"dom", "state", "rule"}
    )
    if not priced or any(
        reading.found["sku"].weak is False for reading in readings if "sku" in reading.found
    ):
        return priced
    return any(_orderable(reading) for reading in readings) and not _is_article(document)


def _orderable(reading: Reading) -> bool:
    if "sku" in reading.found:
        return True
    return "availability" in reading.found and (reading.source != "dom" or reading.takes_orders)


def _is_article(document: Document) -> bool:
    """Whether the page's own markup calls it an article, a recipe or a question, and so no product."""
    kind = next(iter(document.metas.get("og:type", [])), "").strip().lower()
    body = document.body
    if kind in _ARTICLE_KINDS:
        return not any(form in body for form in _ORDER_FORM)
    return _has_node(body, _ARTICLE_NODES) and not _has_node(body, _PRODUCT_NODES)


def _has_node(body: bytes, types: Sequence[bytes]) -> bool:
    """Whether a node of one of the types stands in the page's JSON."""
    return any(
        _TYPED.search(body, max(0, place - _LONGEST_KEY), place)
        for name in types
        for quote in (b'"', b"'")
        for place in places(body, name + quote)
    )


def _named_kind(document: Document, heads: Sequence[str]) -> PageType | None:
    """Return what the title and the headings, folded, call the page."""
    if (
        document.prose.has_fewer_lines(FEW_LINES)
        and holds(document.body, *_WALL)
        and document.shows_less(SHORT_PAGE)
    ):
        return "blocked"
    for head in heads:
        if phrases("not_found_title").found_in(head):
            return "not_found"
        for kind, table in _GATES:
            if phrases(table).found_in(head) and document.shows_less(SHORT_PAGE):
                return kind
    return None


def _finds(readings: Sequence[Reading]) -> bool:
    """Whether a page shows a price at all."""
    return any("price" in reading.found for reading in readings)


def sent_elsewhere(document: Document, *, home_only: bool = False) -> bool:
    """Whether a redirect led away from the product: to the home page or to a folder above it."""
    asked, reached = _path(document.page.url), _path(document.url)
    if asked == reached or len(asked) < 2 or _LOCALE.match(asked):
        return False
    if reached in {"", "/"} or _LOCALE.match(reached) or _INDEX.match(reached):
        return True
    return not home_only and asked.startswith(reached.rstrip("/") + "/")


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _kind_of_shape(document: Document) -> PageType:
    """Return what a page without a product looks like: an empty shell, a gate, a list, something else."""
    kind = _kind_of_gate(document) if document.shows_less(SHORT_PAGE) else None
    if kind is not None:
        return kind
    return "listing" if _shows_prices(document) else "other"


def _shows_prices(document: Document) -> bool:
    """Whether many links or list entries of the page hold an amount of money, as in a listing."""
    numbers = list(islice(filter(_NUMBER.search, document.prose.lines), MANY_PRICES))
    if len(numbers) < MANY_PRICES:
        return False
    cards = document.tree.css(_CARDS)[:MOST_CARDS]
    texts = {card.text(deep=True, separator=" ", strip=True)[:LONG_CARD] for card in cards}
    priced = (
        text for text in texts
        if SHORT_CARD < len(text) < LONG_CARD and _MONEY.search(text) and symbol_pattern().search(text)
    )  # fmt: skip
    return len(list(islice(priced, MANY_PRICES))) == MANY_PRICES


def _kind_of_gate(document: Document) -> PageType | None:
    """Return what a page with little to see stands in front of; None where it is only short."""
    empty = document.shows_less(EMPTY_PAGE)
    words = fold(document.outline.span(0, 120, 4_000))[:4_000]
    if empty and (_asks_for_script(document, words) or _APP_ROOT.search(document.body)):
        return "js_required"
    if sum(1 for _ in phrases("consent_text").all_in(words)) >= 2:
        return "consent"
    if phrases("blocked_title").found_in(words[:600]):
        return "blocked"
    return "not_found" if empty and phrases("not_found_title").found_in(words) else None


def _asks_for_script(document: Document, words: str) -> bool:
    if phrases("js_text").found_in(words):
        return True
    hints = [node.text(deep=True) or node.html or "" for node in document.tree.css("noscript")[:5]]
    return any(phrases("js_text").found_in(fold(clean(text))[:1_000]) for text in hints)
