"""The price a page shows, where no markup says it; and the list price beside a known price."""

import re
from collections import Counter
from collections.abc import Set
from decimal import Decimal
from typing import Final

from reports.row import ConditionalPrice, ListPriceType
from scraping.extraction.amounts import PRICE_NAME, Shown, is_other, says_of_tax, tax_in
from scraping.extraction.conditions import conditional_kind
from scraping.extraction.outline import Outline
from scraping.extraction.reading import Context, Reading
from scraping.extraction.strips import is_title, start_of_others
from scraping.extraction.words import phrases, words

LEAST_EVIDENCE: Final = 4
"""Points below which an amount is some number on the page."""
FARTHEST: Final = 45
"""Texts between a price and its list price, at the most."""
REACH: Final = 300
"""Texts behind the first amount among which the page turns to other products, if it does."""
OF_OTHERS: Final = 2
"""Points against an amount behind a heading over other products."""
HIGHEST_FACTOR: Final = 20
_NOW_NAME: Final = re.compile(r"current|final|sale|special|now|actual|our|offer|selling|promo|main|big|new")
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
_CHOSEN_NAME: Final = re.compile(r"(?<![a-z])(?:active|selected|checked)(?![a-z])")
"""Names of the chosen one among a book's bindings, a bag's sizes, each with its price."""
_UNIT_NAME: Final = re.compile(
    r"unit[-_]price|per-?unit|base-?price|grundpreis|ppu|shipping|delivery|instal|financ|credit|saving|you-?save"
    r"|monthly|per-?month|payment|calculator|leasing|history"
)
_NET_NAME: Final = re.compile(
    r"(?:excl?(?:uding)?|without|ex|pre|sans|ohne|zonder)-?_?(?:tax|taxes|vat|btw|mwst|tva|iva)|netto|net-?price|price-?ht\b"
)
"""Names of a price without tax: the price only where no other stands beside it."""
_QUALIFIER: Final = re.compile(r"(?:with|has|no|without|is)-[\w-]*(?:price|prc|discount|sale)[\w-]*")
"""Names that tell of another price, not of this one: `with-list-price`."""
_PIECE: Final = re.compile(r"(?:/|\b(?:per|pro|je|par|por|za)\b)\s?(\w+)")
"""A price of one piece: most often the price, beside a price of a set it is not."""
_AMONG: Final = 6
"""Texts before the heading that may still belong to it."""
_BESIDE: Final = 4
"""Texts between two amounts that stand for one offer, at the most."""
_ONE_BOX: Final = 4
"""Levels up, within which two amounts have a common box, where they stand for one offer."""
_DASHED: Final = re.compile(r"\d[.,][-\u2013\u2014](?!\d)")
"""A number that only an amount is written as: "99.\u2013"."""
_RATES: Final = (3, 4, 5, 6, 8, 9, 10, 12, 18, 24, 36, 48)
"""Parts in which shops let people pay."""
_PERCENT: Final = re.compile(r"(?<![\d.,])(\d{1,2})(?:[.,]\d{1,2})?\s?%")
LONGEST_SAVING: Final = 40
LONGEST_NOTE: Final = 80
_TAX_NOTE: Final = 4
"""Texts behind a price, among which the note on tax stands."""
_DIGITS_BUT_SHARES: Final = re.compile(r"\d+(?![\d.,]*\s?%)")


def say_price(reading: Reading, outline: Outline, amounts: list[Shown]) -> Shown | None:
    """Add the price that stands out near the product's heading; return where it stands."""
    best = best_price(outline, amounts)
    if best is not None:
        reading.say("price", best.amount, path_of(outline, best), raw=best.text)
    return best


def best_price(outline: Outline, amounts: list[Shown]) -> Shown | None:
    """Return the amount that most speaks for being the price, or None where too little does."""
    start, end = _heading_span(outline)
    first = next((one for one in amounts if end is not None and _may_be_first(one, end)), None)
    if end is not None:
        amounts = _before_others(outline, amounts, end)
        first = first if first in amounts else None
    for alone in (False, True):
        ranked = [
            (evidence(one, start, end, amounts, alone=alone) + (1 if one is first else 0), -number, one)
            for number, one in enumerate(amounts)
        ]
        ranked.sort(key=lambda item: item[:2], reverse=True)
        if first is not None and ranked[0][2].position > first.position:
            others = _others_behind(outline, first.position)
            ranked = [
                (score - (OF_OTHERS if one.position >= others else 0), number, one)
                for score, number, one in ranked
            ]
            ranked.sort(key=lambda item: item[:2], reverse=True)
        if ranked and ranked[0][0] >= LEAST_EVIDENCE:
            others_shown = [one for score, _, one in ranked if score > 0]
            return _reduced(outline, ranked[0][2], others_shown, {one.amount for one in amounts})
    return None


def _before_others(outline: Outline, amounts: list[Shown], end: int) -> list[Shown]:
    """Return the amounts without those behind a heading over other products, where none stands in front of it.

    The product shows no price behind its heading, which ends at `end`; what follows are the others' prices.
    """
    first = next((one for one in amounts if one.position >= end and _is_anyones(one)), None)
    if first is None:
        return amounts
    others = start_of_others(outline, end, first.position)
    if others == first.position or not is_title(outline, others):
        return amounts
    return [one for one in amounts if one.position < others]


def _is_anyones(shown: Shown) -> bool:
    """Whether an amount may be a price, the product's or another's."""
    return bool(shown.currencies or PRICE_NAME.search(shown.hint)) and not (shown.aside or is_other(shown))


def _others_behind(outline: Outline, position: int) -> int:
    """Return where the page turns to other products behind a text."""
    return start_of_others(outline, position + 1, min(len(outline.texts), position + REACH))


def _may_be_first(shown: Shown, end: int) -> bool:
    """Whether an amount behind the heading is one that a price may be: the first of them mostly is."""
    return (
        shown.position >= end
        and bool(shown.currencies)
        and not (shown.aside or shown.struck or is_other(shown) or is_reference(shown))
    )


def _reduced(outline: Outline, best: Shown, others: list[Shown], all_shown: Set[Decimal]) -> Shown:
    """Return the lower of two amounts that stand side by side: the higher one is what it cost, unmarked.

    A part in which people may pay (a third, a twelfth) is no reduced price, nor is what is saved: with the price it
    makes up the former price, another of `all_shown`. And what is shown time and again
    beside a lower amount shown once is what is paid, the lower amount another offer's.
    """
    shown = Counter(one.amount for one in others)
    for one in others:
        if (
            abs(one.position - best.position) <= _BESIDE
            and one.currencies == best.currencies != ()
            and best.amount * 2 <= one.amount * 5
            and one.amount < best.amount
            and shown[one.amount] >= shown[best.amount]
            and not one.aside
            and _together(outline, one, [best], _ONE_BOX)
            and not any(abs(one.amount * parts - best.amount) <= parts for parts in _RATES)
            and one.amount + best.amount not in all_shown
        ):
            return one
    return best


def evidence(
    shown: Shown, start: int | None, end: int | None, amounts: list[Shown], *, alone: bool = False
) -> float:
    """Return how much speaks for an amount being the price; the heading's texts are [start:end].

    With `alone`, a "regular price" and one without tax may be it: no other amount was found to be the price.
    """
    if (
        shown.struck
        or is_other(shown, net=alone)
        or conditional_kind(shown)
        or (is_reference(shown) and not alone and not _is_outdone(shown, amounts))
    ):
        return -10
    score = 0.0
    if shown.currencies:
        score += 3
    if PRICE_NAME.search(shown.hint):
        score += 2.5
        if _NOW_NAME.search(shown.hint):
            score += 0.5
    if _CHOSEN_NAME.search(shown.hint):
        score += 1
    if _UNIT_NAME.search(shown.hint):
        score -= 5
    if not words("piece").isdisjoint(_PIECE.findall(shown.around)):
        score -= 1
    if _NET_NAME.search(shown.hint):
        score -= 2
    if shown.aside:
        score -= 6
    if start is not None and end is not None:
        score += _nearness(shown.position, start, end)
    if sum(1 for other in amounts if other.amount == shown.amount and not other.aside) > 1:
        score += 0.5
    return score


def _is_outdone(shown: Shown, amounts: list[Shown]) -> bool:
    """Whether an amount is only named as a former price, and a higher one right behind it is marked as one.

    A "retail price" is what a shop asks, where its suggested price stands struck through beside it.
    """
    if shown.struck or phrases("was_label").found_in(shown.text.casefold()) or not shown.currencies:
        return False
    return any(
        one.struck and one.amount > shown.amount and 0 < one.position - shown.position <= _BESIDE
        for one in amounts
    )


def _nearness(position: int, start: int, end: int) -> float:
    """Return what an amount's distance from the heading says: most inside it, much right behind it or before it."""
    if position >= end:
        return max(0.0, 2.5 - (position - end) / 25)
    if position >= start:
        return 2
    before = start - position
    return 1.6 - before / 10 if before <= _AMONG else max(-3.0, -0.5 - before / 10)


def _heading_span(outline: Outline) -> tuple[int | None, int | None]:
    if outline.heading is None:
        return None, None
    element = outline.elements[outline.heading]
    return element.start, element.end


def say_list_price(reading: Reading, outline: Outline, amounts: list[Shown], context: Context) -> None:
    """Add the higher reference price that stands beside the known price."""
    price = context.amount("price") or _amount(reading, "price")
    if price is None:
        return
    anchor = _heading_span(outline)[1]
    places = [one for one in amounts if one.amount == price and not one.struck and not one.aside]
    if not places:
        return
    first = 0
    if anchor is not None:
        after = [one for one in places if one.position >= anchor - 10]
        places = after or places
        if any(one.position >= anchor for one in places):
            first = anchor  # behind the heading, as the price: what is in front of it is another product's
    best: tuple[int, Shown] | None = None
    for one in amounts:
        if one.position < first or not price < one.amount <= price * HIGHEST_FACTOR or one.aside:
            continue
        if not is_reference(one) and not _saving_shown(outline, places[0], one):
            continue
        if not (one.currencies or one.struck or PRICE_NAME.search(one.hint) or _DASHED.search(one.text)):
            continue
        distance = min(abs(one.position - place.position) for place in places[:3])
        if (
            distance <= FARTHEST
            and _together(outline, one, places[:3])
            and (best is None or distance < best[0])
        ):
            best = (distance, one)
    if best is not None:
        shown = best[1]
        reading.say("list_price", shown.amount, path_of(outline, shown), raw=shown.text)
        reading.say("list_price_type", _list_type(shown), path_of(outline, shown))


def _saving_shown(outline: Outline, place: Shown, higher: Shown) -> bool:
    """Whether the page prints, beside two amounts, the percentage by which one is lower than the other.

    Where no name and no line through it marks the former price, the arithmetic does.
    """
    if abs(place.position - higher.position) > _BESIDE or is_other(higher) or not higher.currencies:
        return False
    exact = (higher.amount - place.amount) * 100 / higher.amount
    first = min(place.position, higher.position)
    for text in outline.texts[max(0, first - _BESIDE) : max(place.position, higher.position) + _BESIDE + 1]:
        match = _PERCENT.search(text.text) if len(text.text) <= LONGEST_SAVING else None
        if match is not None and abs(Decimal(match[1]) - exact) <= 1:
            return True
    return False


def _amount(reading: Reading, name: str) -> Decimal | None:
    found = reading.found.get(name)
    return found.value if found is not None and isinstance(found.value, Decimal) else None


def is_reference(shown: Shown) -> bool:
    """Whether an amount is shown as what the product cost or would cost elsewhere."""
    if phrases("lowest_label").found_in(shown.around):
        return True
    if is_other(shown) and not shown.struck:
        return False
    if shown.struck or OLD_NAME.search(_QUALIFIER.sub(" ", shown.hint)):
        return True
    return bool(phrases("was_label").found_in(shown.label)) and not _SURE_NOW_NAME.search(shown.hint)


def _together(outline: Outline, one: Shown, places: list[Shown], levels: int = 7) -> bool:
    """Whether two amounts stand in one box: a common ancestor few levels up."""
    above = set(outline.ancestors(one.element, levels))
    return any(above & set(outline.ancestors(place.element, levels)) for place in places)


def _list_type(shown: Shown) -> ListPriceType:
    if phrases("lowest_label").found_in(shown.around):
        return "lowest_30d"
    if phrases("msrp_label").found_in(shown.label):
        return "msrp"
    return "strikethrough" if shown.struck else "unknown"


def say_conditional(reading: Reading, amounts: list[Shown], price: Decimal | None) -> None:
    """Add prices for members, with a coupon or in a subscription, where they stand below the price."""
    found: list[ConditionalPrice] = []
    for one in amounts:
        kind = conditional_kind(one)
        if (
            kind is None
            or one.aside
            or one.struck
            or not one.currencies
            or (price is not None and one.amount >= price)
        ):
            continue
        conditional = ConditionalPrice(kind=kind, price=one.amount)  # type: ignore[arg-type]
        if conditional not in found:
            found.append(conditional)
    reading.say("conditional_prices", tuple(found[:10]), "beside the price")


def say_tax(reading: Reading, outline: Outline, shown: Shown) -> None:
    """Add whether tax is in the price, as the page says beside it."""
    said = tax_in(shown)
    end = outline.elements[shown.element].end
    for position in range(end, min(end + _TAX_NOTE, len(outline.texts))):
        text = outline.texts[position].text
        if said is None and len(text) <= LONGEST_NOTE and not _DIGITS_BUT_SHARES.search(text):
            said = says_of_tax(text)
    reading.say("vat_included", said, path_of(outline, shown))


def path_of(outline: Outline, shown: Shown) -> str:
    """Return a short way to the amount for a person: the element's tag and first names, and its text."""
    element = outline.elements[shown.element]
    names = ".".join(element.hint.split()[:2])
    return f"{element.tag}{'.' + names if names else ''} “{shown.text[:40]}”"
