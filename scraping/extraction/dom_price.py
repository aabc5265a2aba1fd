"""The price a page shows, where no markup says it; and the list price beside a known price."""

import re
from decimal import Decimal
from typing import Final

from reports.row import ConditionalPrice, ListPriceType
from scraping.extraction.amounts import PRICE_NAME, Shown, is_other
from scraping.extraction.outline import Outline
from scraping.extraction.reading import Context, Reading
from scraping.extraction.words import phrases

LEAST_EVIDENCE: Final = 4
"""Points below which an amount is some number on the page."""
FARTHEST: Final = 45
"""Texts between a price and its list price, at the most."""
HIGHEST_FACTOR: Final = 20
_NOW_NAME: Final = re.compile(r"current|final|sale|special|now|actual|our|offer|selling|promo|main|big|new")
_OLD_WORD: Final = (
    "old|was|rrp|msrp|uvp|list|regular|retail|compare|compareat|original|before|previous|strike|striked|crossed|cross"
    "|prior|full|reference|normal|standard|usual|rek|vejl|statt|antes|initial|beforediscount"
)
_PRICE_WORD: Final = "price|preis|prix|precio|prezzo|preco|prijs|cena|pris|hinta|hind|fiyat"
OLD_NAME: Final = re.compile(
    rf"(?:{_OLD_WORD})[-_]{{0,2}}(?:{_PRICE_WORD})|(?:{_PRICE_WORD})s?[-_]{{0,2}}(?:{_OLD_WORD})(?![a-z])"
    r"|(?<![a-z])(?:old|was|rrp|msrp|uvp|strike|crossed|compare-at|compareat|original|before-?discount|linethrough)(?![a-z])|strikethrough|wasprice|oldprice"
)
"""Names of an element that shows what the product cost."""
_UNIT_NAME: Final = re.compile(
    r"unit-?_?price|per-?unit|base-?price|grundpreis|ppu|shipping|delivery|instal|finance|credit|saving|you-?save|tax\b"
)


def say_price(reading: Reading, outline: Outline, amounts: list[Shown]) -> Shown | None:
    """Add the price that stands out near the product's heading; return where it stands."""
    best = best_price(outline, amounts)
    if best is not None:
        reading.say("price", best.amount, path_of(outline, best), raw=best.text)
    return best


def best_price(outline: Outline, amounts: list[Shown]) -> Shown | None:
    """Return the amount that most speaks for being the price, or None where too little does."""
    anchor = _anchor(outline)
    ranked = sorted(
        ((evidence(one, anchor, amounts), -number, one) for number, one in enumerate(amounts)),
        key=lambda item: item[:2],
        reverse=True,
    )
    if not ranked or ranked[0][0] < LEAST_EVIDENCE:
        return None
    return ranked[0][2]


def evidence(shown: Shown, anchor: int | None, amounts: list[Shown]) -> float:
    """Return how much speaks for an amount being the price."""
    if (
        shown.struck
        or is_other(shown)
        or conditional_kind(shown)
        or OLD_NAME.search(shown.hint)
        or is_reference(shown)
    ):
        return -10
    score = 0.0
    if shown.currencies:
        score += 3
    if PRICE_NAME.search(shown.hint):
        score += 2.5
        if _NOW_NAME.search(shown.hint):
            score += 0.5
    if _UNIT_NAME.search(shown.hint):
        score -= 5
    if shown.aside:
        score -= 6
    if anchor is not None:
        distance = shown.position - anchor
        score += max(0.0, 2.5 - distance / 25) if distance >= 0 else max(-3.0, -0.5 + distance / 10)
    if sum(1 for other in amounts if other.amount == shown.amount and not other.aside) > 1:
        score += 0.5
    return score


def _anchor(outline: Outline) -> int | None:
    return outline.elements[outline.heading].end if outline.heading is not None else None


def say_list_price(reading: Reading, outline: Outline, amounts: list[Shown], context: Context) -> None:
    """Add the higher reference price that stands beside the known price."""
    price = context.amount("price") or _amount(reading, "price")
    if price is None:
        return
    anchor = _anchor(outline)
    places = [one for one in amounts if one.amount == price and not one.struck and not one.aside]
    if not places:
        return
    if anchor is not None:
        after = [one for one in places if one.position >= anchor - 10]
        places = after or places
    best: tuple[int, Shown] | None = None
    for one in amounts:
        if not price < one.amount <= price * HIGHEST_FACTOR or one.aside or not is_reference(one):
            continue
        if not (one.currencies or one.struck or PRICE_NAME.search(one.hint)):
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


def _amount(reading: Reading, name: str) -> Decimal | None:
    found = reading.found.get(name)
    return found.value if found is not None and isinstance(found.value, Decimal) else None


def is_reference(shown: Shown) -> bool:
    """Whether an amount is shown as what the product cost or would cost elsewhere."""
    if phrases("lowest_label").found_in(shown.around):
        return True
    if is_other(shown) and not shown.struck:
        return False
    return (
        shown.struck or bool(phrases("was_label").found_in(shown.label)) or bool(OLD_NAME.search(shown.hint))
    )


def _together(outline: Outline, one: Shown, places: list[Shown]) -> bool:
    """Whether two amounts stand in one box: a common ancestor few levels up."""
    above = set(outline.ancestors(one.element, 7))
    return any(above & set(outline.ancestors(place.element, 7)) for place in places)


def _list_type(shown: Shown) -> ListPriceType:
    if phrases("lowest_label").found_in(shown.around):
        return "lowest_30d"
    if phrases("msrp_label").found_in(shown.label):
        return "msrp"
    return "strikethrough" if shown.struck else "unknown"


def conditional_kind(shown: Shown) -> str | None:
    """Return for whom an amount is, where not for everyone."""
    for kind in ("coupon", "subscription", "member"):
        if phrases(f"{kind}_label").found_in(shown.around):
            return kind
    return None


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


def path_of(outline: Outline, shown: Shown) -> str:
    """Return a short way to the amount for a person: the element's tag and first names, and its text."""
    element = outline.elements[shown.element]
    names = ".".join(element.hint.split()[:2])
    return f"{element.tag}{'.' + names if names else ''} “{shown.text[:40]}”"
