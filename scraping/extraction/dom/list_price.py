"""The list price beside a known price: what the product cost before, or is recommended to cost."""

import re
from decimal import Decimal
from typing import Final

from reports.row import ListPriceType
from scraping.extraction.document.outline import Outline
from scraping.extraction.dom.amounts import PRICE_NAME, Shown, is_other, together
from scraping.extraction.language.words import phrases
from scraping.extraction.reading import Reading

FARTHEST: Final = 45
"""Texts between a price and its list price, at the most."""
HIGHEST_FACTOR: Final = 20
BESIDE: Final = 4
"""Texts between two amounts that stand for one offer, at the most."""
_AMONG: Final = 10
"""Texts in front of the heading's end, in which a price may still be the product's."""
_ONE_BOX: Final = 7
"""Levels up, within which a price and its list price have a common box."""
_OLD_WORD: Final = (
    "old|was|rrp|msrp|uvp|list|regular|retail|compare|compareat|original|before|previous|strike|striked|crossed|cross"
    "|orig|origin|org|anterior|barre|tachado|listino|vecchio|stara|stary|eski|ancien|oude|advies|gammel|precedente"
    "|prior|former|full|reference|normal|standard|usual|rek|vejl|statt|antes|initial|beforediscount"
)
_PRICE_WORD: Final = "price|prc|preis|prix|precio|prezzo|preco|prijs|cena|pris|hinta|hind|fiyat"
OLD_NAME: Final = re.compile(
    rf"(?:{_OLD_WORD})[-_]{{0,2}}(?:{_PRICE_WORD})|(?:{_PRICE_WORD})s?[-_]{{0,2}}(?:{_OLD_WORD})(?![a-z])"
    r"|(?<![a-z])(?:old|was|rrp|msrp|uvp|strike|crossed|compare-at|compareat|original|before-?discount|linethrough)(?![a-z])|secondary-price|instead_?of|strikethrough|wasprice|oldprice"
)
"""Names of an element that shows what the product cost."""
_SURE_NOW_NAME: Final = re.compile(
    r"(?:primary|sale|sales|special|current|final|selling|new|actual|now)[-_]{0,2}price|price[-_]{0,2}(?:sale|sales|special|current|final|new|actual|now)(?![a-z])"
)
"""Names that no word beside the amount can turn into a former price."""
_QUALIFIER: Final = re.compile(r"(?:with|has|no|without|is)-[\w-]*(?:price|prc|discount|sale)[\w-]*")
"""Names that tell of another price, not of this one: `with-list-price`."""
_DASHED: Final = re.compile(r"\d[.,][-\u2013\u2014](?!\d)")
"""A number that only an amount is written as: "99.\u2013"."""
_PERCENT: Final = re.compile(r"(?<![\d.,])(\d{1,2})(?:[.,]\d{1,2})?\s?%")
LONGEST_SAVING: Final = 40


def say_list_price(reading: Reading, outline: Outline, amounts: list[Shown], price: Decimal | None) -> None:
    """Add the higher reference price that stands beside the known price."""
    places = [one for one in amounts if one.amount == price and not one.struck and not one.aside]
    if price is None or not places:
        return
    first = 0
    anchor = outline.heading_span[1]
    if anchor is not None:
        places = [one for one in places if one.position >= anchor - _AMONG] or places
        if places[-1].position >= anchor:
            first = anchor  # behind the heading, as the price: what is in front of it is another product's
    best: tuple[int, Shown] | None = None
    for one in amounts:
        if one.position < first or not price < one.amount <= price * HIGHEST_FACTOR or one.aside:
            continue
        distance = min([abs(one.position - place.position) for place in places[:3]])
        if (
            distance <= (FARTHEST if best is None else best[0] - 1)
            and (is_reference(one) or _saving_shown(places[0], one))
            and (one.currencies or one.struck or PRICE_NAME.search(one.hint) or _DASHED.search(one.text))
            and together(one, places[:3], _ONE_BOX)
        ):
            best = (distance, one)
    if best is not None:
        shown = best[1]
        path = shown.path
        reading.say("list_price", shown.amount, path, raw=shown.text)
        reading.say("list_price_type", _list_type(shown), path)


def _saving_shown(place: Shown, higher: Shown) -> bool:
    """Whether the page prints, beside two amounts, the percentage by which one is lower than the other.

    Where no name and no line through it marks the former price, the arithmetic does.
    """
    if abs(place.position - higher.position) > BESIDE or is_other(higher) or not higher.currencies:
        return False
    exact = (higher.amount - place.amount) * 100 / higher.amount
    first = min(place.position, higher.position)
    last = max(place.position, higher.position)
    for text in place.outline.texts[max(0, first - BESIDE) : last + BESIDE + 1]:
        match = _PERCENT.search(text.text) if len(text.text) <= LONGEST_SAVING else None
        if match is not None and abs(Decimal(match[1]) - exact) <= 1:
            return True
    return False


def is_reference(shown: Shown) -> bool:
    """Whether an amount is shown as what the product cost or would cost elsewhere."""
    if shown.struck or phrases("lowest_label").found_in(shown.around):
        return True
    if is_other(shown):
        return False
    if OLD_NAME.search(_QUALIFIER.sub(" ", shown.hint)):
        return True
    return bool(phrases("was_label").found_in(shown.label)) and not _SURE_NOW_NAME.search(shown.hint)


def _list_type(shown: Shown) -> ListPriceType:
    if phrases("lowest_label").found_in(shown.around):
        return "lowest_30d"
    if shown.label and phrases("msrp_label").found_in(shown.label):
        return "msrp"
    return "strikethrough" if shown.struck else "unknown"
