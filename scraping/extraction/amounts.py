"""Amounts that the page shows: each with its currency, its place, and what stands around it."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from reports.money import Separator, text_numbers
from scraping.extraction.currency import currencies_of, read_currency, symbol_pattern
from scraping.extraction.outline import BLOCKS, Outline
from scraping.extraction.words import fold, phrases, words

MAX_BLOCK: Final = 48
"""Characters of a text that is still an amount and its label, and no sentence."""
LONGEST_LOWEST: Final = 96
MAX_AMOUNTS: Final = 400
MAX_NUMBERS: Final = 10_000
"""Texts with digits that are looked at, at the most; a real page has hundreds."""
PRICE_NAME: Final = re.compile(
    r"price|preis|prix|precio|prezzo|preco|prijs|cena|pris\b|hinta|hind\b|fiyat|цена|tsena|\bpr\b|amount|prc|cost"
)
"""Names of an element that shows a price."""
_DIGIT: Final = re.compile(r"\d")
_CODE: Final = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
_TIGHT: Final = re.compile(
    r"(?:(?<=\d)|(?<=\s))(?::-|,-|p\.|р\.?)(?!\w)|(?<!\w)[RL](?=\.?\s?\d[\d.,\s]{2,}\Z)"  # noqa: RUF001
)
_IN_BRACKETS: Final = r"\(\d{1,6}\)"
_CODES: Final = r"(?-i:\b[A-Z]{4,}\d{1,4}\b(?![.,]\d))|#\d"
_SIZES: Final = r"(?<![\d.,])\d[\d.,]*\s*(?:%|\"|inch|(?:{units})\b)"
_TIMES: Final = r"\d{1,2}:\d{2}|\d{4}-\d{2}-\d{2}"
_MONTH: Final = r"\b30[\s-]{{0,2}}(?:{days})\w*"
_SHARE_AFTER: Final = re.compile(r"(?<=\d)[^\d(]*\d{1,2}(?:[.,]\d{1,2})?\s?%.*\Z")
"""What is said of a percentage behind an amount: "27,84 € Save 20%"; a saving in brackets is the amount itself."""
_DASHES: Final = re.compile(r"(?<=\d[.,:])[-\u2013\u2014](?=\d)")
"""What stands for no cents, right in front of another amount: "1.499,-1.299,-"."""
_CENTS_BEHIND: Final = re.compile(r"(?<![€\d.,])(?<!€\s)(\d[\d\s.]{0,9})€\s?(\d{2})(?![\d.,\s]*[\d€])")
"""Cents behind the sign: "599€99"."""
_GLUED: Final = re.compile(r"(?<=\d)(?=[^\W\d_]{4})")
"""Where a word stands right behind an amount, as no space was between their elements: "44.990Tarjeta"."""
_FEWEST_LEVELS: Final = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """One amount on the page."""

    amount: Decimal
    text: str
    """What stands in its block: "Was £14.99"."""
    label: str
    """What stands before the amount, in the block and beside it, folded."""
    around: str
    """The block and its label, folded."""
    element: int
    """The block's element in the outline."""
    position: int
    """Index of the text that holds it."""
    currencies: tuple[str, ...]
    struck: bool
    aside: bool
    hint: str
    """Names of the block and of what it stands in."""


def shown_amounts(outline: Outline, decimal: Separator | None) -> list[Shown]:
    """Return the amounts on the page, in order. A block with two amounts or a long text gives none."""
    found: list[Shown] = []
    blocks: set[int] = set()
    numbers = 0
    for position, item in enumerate(outline.texts):
        text = item.text
        if (len(text) > MAX_BLOCK and len(text.strip()) > _longest(text)) or not _DIGIT.search(text):
            continue
        numbers += 1
        if numbers > MAX_NUMBERS:
            break
        own = outline.elements[item.element]
        if own.tag == "option" or not _may_be_money(outline, position) or own.hidden:
            continue
        block = _block(outline, item.element, decimal)
        if block is None or block in blocks:
            continue
        blocks.add(block)
        shown = _shown(outline, block, position, decimal)
        if shown is not None:
            found.append(shown)
        if len(found) >= MAX_AMOUNTS:
            break
    return found


def _may_be_money(outline: Outline, position: int) -> bool:
    """Whether a number has a currency beside it, or stands in something called a price. A look before the work."""
    texts = outline.texts
    for place in (position, position + 1, position - 1, position + 2):
        if 0 <= place < len(texts) and len(text := texts[place].text) <= MAX_BLOCK and currencies_in(text):
            return True
    element = texts[position].element
    return any(PRICE_NAME.search(outline.elements[one].hint) for one in outline.ancestors(element, 4)) or any(
        outline.elements[one].tag in {"s", "del", "strike"} for one in outline.ancestors(element, 2)
    )


def _block(outline: Outline, element: int, decimal: Separator | None) -> int | None:
    """Return the largest element around a text that holds this one amount and little else."""
    best: int | None = None
    for index in outline.ancestors(element, 6):
        if best is not None and outline.elements[index].holds_heading:
            break  # what the product is called says nothing of an amount: "Delivery van 1:43"
        text = outline.text(index, MAX_BLOCK * 2)
        if len(text) > MAX_BLOCK and len(text) > _longest(text):
            break
        if best is not None and outline.elements[index].struck != outline.elements[best].struck:
            break
        if len(money_numbers(text, decimal)) != 1:
            break
        best = index
    return best


def _longest(text: str) -> int:
    """Return how long a text with an amount may be: the lowest price of 30 days takes a sentence."""
    return LONGEST_LOWEST if "30" in text and phrases("lowest_label").found_in(fold(text)) else MAX_BLOCK


@lru_cache(maxsize=4096)
def money_numbers(text: str, decimal: Separator | None) -> tuple[Decimal, ...]:
    """Return the numbers in a text without those that are no money: 32%, 500 ml, 24 reviews."""
    if "€" in text:
        text = _CENTS_BEHIND.sub(r"\1,\2", text)
    if "-" in text or "\u2013" in text:
        text = _DASHES.sub(r"\g<0> ", text)
    return tuple(text_numbers(_not_money().sub(" ", text), decimal=decimal))


@lru_cache(maxsize=1)
def _not_money() -> re.Pattern[str]:
    """Return the pattern of numbers that are no money, with the units and the days of words.toml."""
    units, days = ("|".join(sorted(words(kind), key=len, reverse=True)) for kind in ("unit", "day_stem"))
    kinds = (_IN_BRACKETS, _CODES, _MONTH.format(days=days), _SIZES.replace("{units}", units), _TIMES)
    return re.compile("|".join(kinds), re.IGNORECASE)


def _shown(outline: Outline, block: int, position: int, decimal: Separator | None) -> Shown | None:
    text = outline.text(block)
    numbers = money_numbers(text, decimal)
    if len(numbers) != 1 or numbers[0] == 0:
        return None
    element = outline.elements[block]
    before = _before(outline, block)
    digit = _DIGIT.search(text)
    own_label = text[: digit.start()] if digit else ""
    after = _after(outline, block)
    currencies = currencies_in(text) or currencies_in(after[:6]) or currencies_in(before[-6:])
    return Shown(
        amount=numbers[0],
        text=text,
        label=fold(f"{before} {own_label}"),
        around=_GLUED.sub(
            " ", fold(f"{before} {_SHARE_AFTER.sub('', _told(outline, block, position))} {after}")
        ),
        element=block,
        position=position,
        currencies=currencies,
        struck=element.struck or _holds_struck(outline, block),
        aside=element.aside,
        hint=" ".join(outline.elements[index].hint for index in _named(outline, position, block)),
    )


def _told(outline: Outline, block: int, position: int) -> str:
    """Return a block's text up to the end of the line with the amount: further lines tell of other things.

    A unit in a line of its own still belongs to it: "12,95 €", "/ kg".
    """
    element = outline.elements[block]
    line = next(
        (
            one
            for one in outline.ancestors(outline.texts[position].element, 6)
            if outline.elements[one].tag in BLOCKS
        ),
        block,
    )
    end = min(element.end, outline.elements[line].end)
    rest = outline.span(end, element.end)
    text = outline.span(element.start, end)
    return f"{text} {rest}" if rest.startswith(_starts("unit_start")) else text


@lru_cache(maxsize=2)
def _starts(kind: str) -> tuple[str, ...]:
    return tuple(words(kind))


def _named(outline: Outline, position: int, block: int) -> list[int]:
    """Return the elements whose names speak of an amount: from its text up to its block and what that stands in."""
    inner = outline.ancestors(outline.texts[position].element, 6)
    inside = inner[: inner.index(block)] if block in inner else []
    return inside + outline.ancestors(block, _FEWEST_LEVELS)


def _before(outline: Outline, block: int) -> str:
    """Return the label beside a block: the text before it under the same parent, where that is short."""
    start = outline.elements[block].start
    if start == 0:
        return ""
    heading = outline.elements[outline.heading] if outline.heading is not None else None
    if heading is not None and heading.start <= start - 1 < heading.end:
        return ""
    text = outline.texts[start - 1]
    near = outline.ancestors(block, 4)
    if not set(outline.ancestors(text.element, 3)) & set(near[1:]) or _belongs_before(
        outline, start - 1, near
    ):
        return ""
    folded = text.text.strip()
    return folded if len(folded) <= 40 and not _DIGIT.search(folded) else ""


def _belongs_before(outline: Outline, position: int, near: list[int]) -> bool:
    """Whether a text stands in one box with the amount in front of it, apart from what stands in `near`."""
    before = outline.texts[position - 1]
    if position == 0 or not (_DIGIT.search(before.text) and currencies_in(before.text)):
        return False
    box = set(outline.ancestors(outline.texts[position].element, 3)).difference(near)
    return not box.isdisjoint(outline.ancestors(before.element, 3))


def _after(outline: Outline, block: int) -> str:
    """Return the text right after a block in the same parent, where it is short: "/ kg", "per month"."""
    element = outline.elements[block]
    if element.end >= len(outline.texts):
        return ""
    text = outline.texts[element.end]
    other = outline.elements[text.element]
    beside = text.element == element.parent or (other.parent == element.parent and other.tag not in BLOCKS)
    return text.text.strip() if beside and len(text.text) <= 30 and not _DIGIT.search(text.text) else ""


def _holds_struck(outline: Outline, block: int) -> bool:
    """Whether the block's number itself is struck through, inside the block."""
    element = outline.elements[block]
    return any(
        outline.elements[outline.texts[position].element].struck
        for position in range(element.start, element.end)
        if _DIGIT.search(outline.texts[position].text)
    )


@lru_cache(maxsize=4096)
def currencies_in(text: str) -> tuple[str, ...]:
    """Return what currencies a text with an amount may mean: by symbol, else by code."""
    match = symbol_pattern().search(text)
    candidates = currencies_of(match.group()) if match else ()
    for code in _CODE.findall(text) if len(candidates) != 1 else ():
        currency = read_currency(code)
        if currency and (not candidates or currency in candidates):  # "$75.00 CAD"
            return (currency,)
    if candidates:
        return candidates
    tight = _TIGHT.search(text)
    return currencies_of(tight.group()) if tight else ()


def is_other(shown: Shown, *, net: bool = False) -> bool:
    """Whether what stands around says that the amount is not the product's price: shipping, a rate, a saving.

    Nor is an amount without tax, unless `net` amounts are all that the page shows.
    """
    return _of_another(shown.around) or (not net and tax_in(shown) is False)


def tax_in(shown: Shown) -> bool | None:
    """Return whether tax is in an amount, as its block says, else what stands beside it; None where neither does."""
    own = says_of_tax(shown.text)
    return own if own is not None else says_of_tax(shown.around)


_SHARE: Final = re.compile(r"\d{1,2}(?:[.,]\d{1,2})?\s?%")


@lru_cache(maxsize=4096)
def says_of_tax(text: str) -> bool | None:
    """Return whether a text says that tax is in the amount; None where it says neither or both."""
    folded = fold(_SHARE.sub(" ", text))
    included = phrases("vat_included").found_in(folded)
    excluded = any(
        not folded.startswith(_starts("freight"), place + len(phrase))
        for place, phrase in phrases("vat_excluded").all_in(folded)
    )
    return included if included != excluded else None


@lru_cache(maxsize=4096)
def _of_another(around: str) -> bool:
    digit = _DIGIT.search(around)
    first = digit.start() if digit else 0
    harmless = [
        (place, place + len(phrase))
        for place, phrase in phrases("beside_price").all_in(around)
        if place > first
    ]
    return any(
        not any(start <= place < end for start, end in harmless)
        for place, _ in phrases("not_the_price").all_in(around)
    )
