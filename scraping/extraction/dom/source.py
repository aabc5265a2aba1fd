"""The visible page, read last: what no markup said, and what mostly only the page shows (the list price)."""

import re
from decimal import Decimal
from itertools import islice
from typing import Final

from reports.money import Separator
from scraping.extraction.document.document import MAX_TREE_BYTES, Document
from scraping.extraction.document.heading import heading_text
from scraping.extraction.document.outline import Outline
from scraping.extraction.document.parts import elements_with
from scraping.extraction.document.visible_text import visible_text
from scraping.extraction.dom.amounts import Shown, shown_amounts
from scraping.extraction.dom.brand import say_brand
from scraping.extraction.dom.codes import say_named_codes
from scraping.extraction.dom.glance import ENOUGH, Glance, look
from scraping.extraction.dom.ids import say_id
from scraping.extraction.dom.labels import LABEL, say_labelled
from scraping.extraction.dom.list_price import say_list_price
from scraping.extraction.dom.price import best_price, say_conditional, say_tax
from scraping.extraction.dom.stock import end_of_window, has_order_button, may_state_stock, say_stock
from scraping.extraction.dom.surroundings import Surroundings
from scraping.extraction.language.separators import decimal_separator
from scraping.extraction.reading import Context, Reading
from scraping.extraction.structured.facts import trim_crumbs

LONGEST_BADGE: Final = 30
_CRUMBS: Final = '[class*="breadcrumb" i] a,[id*="breadcrumb" i] a,[aria-label*="breadcrumb" i] a'
MOST_CRUMBS: Final = 12
LONGEST_HEADING: Final = 3_000
"""Characters of a heading's source, at the most."""
MOST_LABELS: Final = 2
"""Codes with one label on the page of one product, at the most: beside the name and among the facts."""
CARDS_OF_LISTING: Final = 4
LONGEST_CARD: Final = 300
"""Characters of a card in a listing, at the most."""
LOOKED_AT: Final = (14_000, 100_000, MAX_TREE_BYTES)
"""Bytes of the page behind the heading that are looked at, the fewest first."""
_STOCK: Final = frozenset({"availability", "stock_quantity"})
BESIDE_PRICE: Final = frozenset({"list_price"})
"""Fields that stand right beside the price, if at all."""
_IN_BOX: Final = (
    _STOCK
    | BESIDE_PRICE
    | {"name", "price", "currency", "vat_included", "conditional_prices", "page_discount_percent"}
)
_PERCENT: Final = re.compile(
    r"[-\u2212\u2013]\s?(\d{1,2})\s?%|(\d{1,2})\s?%\s(?:off|rabatt|korting|de réduction)"
)


def read_dom(document: Document, context: Context) -> Reading:
    """Return what the visible page says of the fields that are still open."""
    reading = Reading("dom")
    around = Surroundings(document)
    if context.wants("name", "price", "list_price", "currency", "availability", "stock_quantity"):
        _say_box(reading, document, around, context)
    if context.wants("brand", "sku", "mpn", "gtin", "product_id", "category"):
        _say_facts(reading, document, around, context)
    if (
        "price" not in reading.found
        and context.amount("price") is None
        and _is_ordered_by_code(reading, document)
    ):
        reading.page_type = "product"
    return reading


def _say_facts(reading: Reading, document: Document, around: Surroundings, context: Context) -> None:
    """Add brand, codes and category."""
    if context.wants("brand", "sku", "mpn", "gtin"):
        say_labelled(reading, document, context)
    if context.wants("sku", "mpn", "gtin"):
        say_named_codes(reading, around, context)
    if context.wants("brand") and "brand" not in reading.found:
        say_brand(reading, document, around)
    if context.wants("sku", "product_id"):
        say_id(reading, document)
    if context.wants("category"):
        _say_crumbs(reading, document)


def _is_ordered_by_code(reading: Reading, document: Document) -> bool:
    """Whether a page without a price states stock, or has a button to order, and one product's code.

    It is sold out, or a script shows its price.
    """
    sku = reading.found.get("sku")
    if sku is None or "name" not in reading.found:
        return False
    if "availability" not in reading.found and not has_order_button(document):
        return False
    label = LABEL.match(sku.provenance.path)
    return (
        label is not None
        and sum(1 for line in document.prose.lines if line.startswith(label[1])) <= MOST_LABELS
    )


def _say_box(reading: Reading, document: Document, around: Surroundings, context: Context) -> None:
    """Add what stands around the heading; the rest of the page is read where the price does not stand there."""
    decimal = decimal_of(document)
    price = context.amount("price")
    sought = _sought(document, context)
    beside = sought <= BESIDE_PRICE
    if not sought:
        return
    page, seen = _look(around, price, decimal, whole=not beside or document.has_lean)
    if seen is not None and seen.alone and beside:
        reading.absent = BESIDE_PRICE
        return
    if seen is None:
        outline = document.near_outline
    else:
        outline = around.outline_of(seen.part(page, wide=not beside), wide=not beside)
    amounts = shown_amounts(outline, decimal)
    shown = _price_among(outline, amounts, price)
    if shown is None and (seen is not None or not outline.is_whole()):
        outline = document.outline
        amounts = shown_amounts(outline, decimal)
        shown = _price_among(outline, amounts, price)
    if beside:
        say_list_price(reading, outline, amounts, price)
        return
    if context.wants("name"):
        _say_name(reading, outline, document)
    if context.wants("price", "list_price", "currency", "availability"):
        _say_money(reading, outline, amounts, shown, context)
    place = shown.position if shown is not None else None
    if place is not None and context.wants("page_discount_percent"):
        _say_percent(reading, outline, place)
    if sought & _STOCK:
        say_stock(reading, outline, place)
        whole = seen is None and outline.is_whole(end_of_window(outline, place))
        if "availability" in sought - reading.found.keys() and not whole:
            say_stock(reading, document.outline, _moved(place, outline, document.outline))


def shows_no_list_price(document: Document, price: Decimal) -> bool:
    """Whether the page is proven to show a known price in plain sight and no higher number near it."""
    _, seen = _look(Surroundings(document), price, decimal_of(document), whole=document.has_lean)
    return seen is not None and seen.alone


def _sought(document: Document, context: Context) -> frozenset[str]:
    """Return the open fields that the box may hold: no word of stock on the page, no availability."""
    sought = context.wanted & _IN_BOX
    if sought & _STOCK and not may_state_stock(document.prose):
        sought -= _STOCK
    return sought


def _look(
    around: Surroundings, price: Decimal | None, decimal: Separator | None, *, whole: bool
) -> tuple[bytes, Glance | None]:
    """Return (lean page from the heading on, where the list price of a known price may stand in it).

    None where that cannot be told from the bytes. With `whole` it is looked for in all of the lean page at once.
    """
    if price is None:
        return b"", None
    for size in LOOKED_AT[-1:] if whole else LOOKED_AT:
        page = around.from_heading(size)
        if page is None:
            break
        seen = look(page, price, decimal, whole=size == MAX_TREE_BYTES)
        if seen is not None:
            return page, seen
        if len(page) > ENOUGH:
            break
    return b"", None


def _moved(place: int | None, near: Outline, whole: Outline) -> int | None:
    """Return where a text of the near outline stands in the whole one."""
    if place is None or near.heading is None or whole.heading is None:
        return None
    return place - near.elements[near.heading].end + whole.elements[whole.heading].end


def _say_percent(reading: Reading, outline: Outline, place: int) -> None:
    """Add the discount as the page prints it beside the price: "-32%"."""
    for text in outline.texts[max(0, place - 6) : place + 7]:
        match = _PERCENT.search(text.text) if len(text.text) <= LONGEST_BADGE else None
        if match is not None and not outline.elements[text.element].aside:
            reading.say("page_discount_percent", Decimal(match[1] or match[2]), f"“{text.text.strip()}”")
            return


def _price_among(outline: Outline, amounts: list[Shown], price: Decimal | None) -> Shown | None:
    """Return where the price, known or to be found, stands in the outline."""
    if price is None:
        return best_price(outline, amounts)
    return next((one for one in amounts if one.amount == price and not one.aside and not one.struck), None)


def decimal_of(document: Document) -> Separator | None:
    """Return the decimal separator of the page's language, where it declares one."""
    return decimal_separator(document.language) if document.language else None


def _say_name(reading: Reading, outline: Outline, document: Document) -> None:
    if outline.heading is None:
        return
    heading = outline.elements[outline.heading]
    source = heading.node.html or ""
    inner = source[source.find(">") + 1 : source.rfind("<")] if len(source) < LONGEST_HEADING else ""
    text = heading_text(inner, document.is_titled) or outline.text(outline.heading, 300)
    if 1 < len(text) <= 300:
        reading.say("name", text, heading.tag)


def _say_money(
    reading: Reading, outline: Outline, amounts: list[Shown], shown: Shown | None, context: Context
) -> None:
    """Add price, currency and list price, where the price is `shown` as one of the amounts."""
    price = context.amount("price")
    if price is None and shown is not None:
        price = shown.amount
        reading.say("price", price, shown.path, raw=shown.text)
        if _one_of_many(outline, shown, amounts):
            reading.page_type = "listing"
    if shown is not None and context.text("currency") is None and shown.currencies:
        currency = _currency_of(shown, amounts)
        if currency is not None:
            reading.say("currency", currency, shown.path)
        reading.say("currency_symbol", shown.currencies, shown.path)
    if shown is not None and context.wants("vat_included"):
        say_tax(reading, shown)
    say_list_price(reading, outline, amounts, price)
    if context.wants("conditional_prices"):
        say_conditional(reading, amounts, price)


def _currency_of(shown: Shown, amounts: list[Shown]) -> str | None:
    """Return the currency of an amount: its own sign's, else the one that other amounts of the page settle it by.

    "1 290,-" beside "1 066 Kč" is in koruna.
    """
    if len(shown.currencies) == 1:
        return shown.currencies[0]
    others = {one.currencies[0] for one in amounts if len(one.currencies) == 1}
    settled = others.intersection(shown.currencies)
    return next(iter(settled)) if len(settled) == len(others) == 1 else None


def _one_of_many(outline: Outline, shown: Shown, amounts: list[Shown]) -> bool:
    """Whether a price stands in one of several like cards, each with a link to a product of its own."""
    alike = [one for one in amounts if one.hint == shown.hint and not one.aside and not one.struck]
    return (
        len(alike) >= CARDS_OF_LISTING
        and sum(1 for one in alike if _card_link(outline, one)) >= CARDS_OF_LISTING
    )


def _card_link(outline: Outline, shown: Shown) -> bool:
    """Whether the small box around an amount holds a link with a name."""
    if outline.elements[shown.element].tag == "a":
        return True
    for index in outline.ancestors(shown.element, 6)[1:]:
        if outline.elements[index].holds_heading or outline.length(index) > LONGEST_CARD:
            return False
        if any(
            link.attributes.get("href", "") not in {"", "#", None}
            for link in outline.elements[index].node.css("a[href]")[:3]
        ):
            return True
    return False


def _say_crumbs(reading: Reading, document: Document) -> None:
    """Add the category path of a visible breadcrumb."""
    parts = elements_with(document.lean, b"readcrumb", b"readCrumb", b"READCRUMB")
    trees = map(document.parsed, parts) if parts is not None else [document.tree]
    links = list(islice((link for tree in trees for link in tree.css(_CRUMBS)), MOST_CRUMBS))
    names = [visible_text(link) for link in links]
    reading.say("category", trim_crumbs([name for name in names if name], reading), "the breadcrumb's links")
