"""The price a page shows, where no markup says it, and what it says beside it: for whom it is, and with what tax."""

import re
from collections import Counter
from collections.abc import Set
from decimal import Decimal
from typing import Final

from reports.row import ConditionalPrice
from scraping.extraction.document.outline import Outline
from scraping.extraction.dom.amounts import PRICE_NAME, Shown, is_other, tax_in, together
from scraping.extraction.dom.conditions import conditional_kind
from scraping.extraction.dom.list_price import BESIDE, is_reference
from scraping.extraction.dom.strips import is_title, start_of_others
from scraping.extraction.language.money_words import says_of_tax
from scraping.extraction.language.words import phrases, words
from scraping.extraction.reading import Reading

LEAST_EVIDENCE: Final = 4
"""Points below which an amount is some number on the page."""
REACH: Final = 300
"""Texts behind the first amount among which the page turns to other products, if it does."""
OF_OTHERS: Final = 2
"""Points against an amount behind a heading over other products."""
_NOW_NAME: Final = re.compile(r"current|final|sale|special|now|actual|our|offer|selling|promo|main|big|new")
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
_PIECE: Final = re.compile(r"(?:/|\b(?:per|pro|je|par|por|za)\b)\s?(\w+)")
"""A price of one piece: most often the price, beside a price of a set it is not."""
_AMONG: Final = 6
"""Texts before the heading that may still belong to it."""
_ONE_BOX: Final = 4
"""Levels up, within which two amounts have a common box, where they stand for one offer."""
_RATES: Final = (3, 4, 5, 6, 8, 9, 10, 12, 18, 24, 36, 48)
"""Parts in which shops let people pay."""
LONGEST_NOTE: Final = 80
_TAX_NOTE: Final = 4
"""Texts behind a price, among which the note on tax stands."""
_DIGITS_BUT_SHARES: Final = re.compile(r"\d+(?![\d.,]*\s?%)")


def best_price(outline: Outline, amounts: list[Shown]) -> Shown | None:
    """Return the amount that most speaks for being the price, or None where too little does."""
    end = outline.heading_span[1]
    first = None
    if end is not None:
        first = next((one for one in amounts if _may_be_first(one, end)), None)
        amounts = _before_others(outline, amounts, end)
        first = first if first in amounts else None
    for alone in (False, True):
        ranked = _ranked(outline, amounts, first, alone=alone)
        if ranked and ranked[0][0] >= LEAST_EVIDENCE:
            others = [one for score, one in ranked if score > 0]
            return _reduced(ranked[0][1], others, {one.amount for one in amounts})
    return None


def _ranked(
    outline: Outline, amounts: list[Shown], first: Shown | None, *, alone: bool
) -> list[tuple[float, Shown]]:
    """Return (evidence, amount), most evidence first.

    Where it is not the `first` amount behind the heading that has most, what stands under a heading over other
    products has less.
    """
    seen = Counter(one.amount for one in amounts if not one.aside)
    ranked = [
        (evidence(one, amounts, seen, alone=alone) + (1 if one is first else 0), one) for one in amounts
    ]
    ranked.sort(key=_score, reverse=True)
    if first is not None and ranked[0][1].position > first.position:
        others = _others_behind(outline, first.position)
        ranked = [(score - (OF_OTHERS if one.position >= others else 0), one) for score, one in ranked]
        ranked.sort(key=lambda item: (-item[0], item[1].position))
    return ranked


def _score(ranked: tuple[float, Shown]) -> float:
    return ranked[0]


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


def _reduced(best: Shown, others: list[Shown], all_shown: Set[Decimal]) -> Shown:
    """Return the lower of two amounts that stand side by side: the higher one is what it cost, unmarked.

    A part in which people may pay (a third, a twelfth) is no reduced price, nor is what is saved: with the price it
    makes up the former price, another of `all_shown`. And what is shown time and again
    beside a lower amount shown once is what is paid, the lower amount another offer's.
    """
    shown = Counter(one.amount for one in others)
    for one in others:
        if (
            abs(one.position - best.position) <= BESIDE
            and one.currencies == best.currencies != ()
            and best.amount * 2 <= one.amount * 5
            and one.amount < best.amount
            and shown[one.amount] >= shown[best.amount]
            and not one.aside
            and together(one, [best], _ONE_BOX)
            and not any(abs(one.amount * parts - best.amount) <= parts for parts in _RATES)
            and one.amount + best.amount not in all_shown
        ):
            return one
    return best


def evidence(shown: Shown, amounts: list[Shown], seen: Counter[Decimal], *, alone: bool) -> float:
    """Return how much speaks for an amount being the price; `seen` is how often each of them stands on the page.

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
    start, end = shown.outline.heading_span
    if start is not None and end is not None:
        score += _nearness(shown.position, start, end)
    if seen[shown.amount] > 1:
        score += 0.5
    return score


def _is_outdone(shown: Shown, amounts: list[Shown]) -> bool:
    """Whether an amount is only named as a former price, and a higher one right behind it is marked as one.

    A "retail price" is what a shop asks, where its suggested price stands struck through beside it.
    """
    if shown.struck or phrases("was_label").found_in(shown.text.casefold()) or not shown.currencies:
        return False
    return any(
        one.struck and one.amount > shown.amount and 0 < one.position - shown.position <= BESIDE
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


def say_tax(reading: Reading, shown: Shown) -> None:
    """Add whether tax is in the price, as the page says beside it."""
    said = tax_in(shown)
    outline = shown.outline
    end = outline.elements[shown.element].end
    for position in range(end, min(end + _TAX_NOTE, len(outline.texts))):
        text = outline.texts[position].text
        if said is None and len(text) <= LONGEST_NOTE and not _DIGITS_BUT_SHARES.search(text):
            said = says_of_tax(text)
    reading.say("vat_included", said, shown.path)
