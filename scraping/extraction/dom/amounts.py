"""Amounts that the page shows: each with its currency, its place, and what stands around it."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec

from reports.money import Separator
from scraping.extraction.document.outline import BLOCKS, Element, Outline
from scraping.extraction.document.zones import STRUCK_TAGS
from scraping.extraction.language.money_words import (
    LONGEST_LOWEST,
    currencies_in,
    money_numbers,
    says_of_tax,
    says_other,
    starts_of,
)
from scraping.extraction.language.words import fold, phrases

MAX_BLOCK: Final = 48
"""Characters of a text that is still an amount and its label, and no sentence."""
MAX_AMOUNTS: Final = 400
MAX_NUMBERS: Final = 10_000
"""Texts with digits that are looked at, at the most; a real page has hundreds."""
PRICE_NAME: Final = re.compile(
    r"price|preis|prix|precio|prezzo|preco|prijs|cena|pris\b|hinta|hind\b|fiyat|цена|tsena|\bpr\b|amount|prc|cost"
)
"""Names of an element that shows a price."""
_DIGIT: Final = re.compile(r"\d")
_SHARE_AFTER: Final = re.compile(r"(?<=\d)[^\d(]*\d{1,2}(?:[.,]\d{1,2})?\s?%.*\Z")
"""What is said of a percentage behind an amount: "27,84 € Save 20%"; a saving in brackets is the amount itself."""
_GLUED: Final = re.compile(r"(?<=\d)(?=[^\W\d_]{4})")
"""Where a word stands right behind an amount, as no space was between their elements: "44.990Tarjeta"."""
_FEWEST_LEVELS: Final = 3
_MOST_LEVELS: Final = 6
LONGEST_LABEL: Final = 40


class Shown(msgspec.Struct, gc=False, eq=False):
    """One amount on the page. What stands around it is read when asked for."""

    outline: Outline
    amount: Decimal
    text: str
    """What stands in its block: "Was £14.99"."""
    element: int
    """The block's element in the outline."""
    position: int
    """Index of the text that holds it."""
    currencies: tuple[str, ...]
    struck: bool
    aside: bool
    _said: tuple[str, str] | None = None
    _hint: str | None = None

    @property
    def path(self) -> str:
        """A short way to the amount for a person: the element's tag and first names, and its text."""
        element = self.outline.elements[self.element]
        names = ".".join(element.hint.split()[:2])
        return f"{element.tag}{'.' + names if names else ''} “{self.text[:40]}”"

    @property
    def label(self) -> str:
        """What stands before the amount, in the block and beside it, folded."""
        return self._words()[0]

    @property
    def around(self) -> str:
        """The block and its label, folded."""
        return self._words()[1]

    @property
    def hint(self) -> str:
        """Names of the block and of what it stands in."""
        if self._hint is None:
            elements = self.outline.elements
            self._hint = " ".join(
                [elements[one].hint for one in _named(self.outline, self.position, self.element)]
            )
        return self._hint

    def _words(self) -> tuple[str, str]:
        if self._said is None:
            before, after = _before(self.outline, self.element), _after(self.outline, self.element)
            digit = _DIGIT.search(self.text)
            label = fold(f"{before} {self.text[: digit.start()] if digit else ''}")
            told = _told(self)
            if "%" in told:
                told = _SHARE_AFTER.sub("", told)
            self._said = (label, _GLUED.sub(" ", fold(f"{before} {told} {after}")))
        return self._said


def shown_amounts(outline: Outline, decimal: Separator | None) -> list[Shown]:
    """Return the amounts on the page, in order. A block with two amounts or a long text gives none."""
    found: list[Shown] = []
    blocks: set[int] = set()
    read: dict[int, str] = {}
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
        block = _block(outline, item.element, decimal, read) or _beside_struck(outline, position)
        if block is None or block.index in blocks:
            continue
        blocks.add(block.index)
        text = outline.span(block.start, block.end)
        shown = _shown(outline, block, text, position, decimal)
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
        outline.elements[one].tag in STRUCK_TAGS for one in outline.ancestors(element, 2)
    )


def _block(outline: Outline, element: int, decimal: Separator | None, read: dict[int, str]) -> Element | None:
    """Return the largest element around a text that holds this one amount and little else.

    `read` are the texts of elements that were looked at: amounts side by side stand in the same ones.
    """
    best: Element | None = None
    one: Element | None = outline.elements[element]
    for _ in range(_MOST_LEVELS):
        if one is None or (best is not None and one.holds_heading):
            break  # what the product is called says nothing of an amount: "Delivery van 1:43"
        text = read.get(one.index)
        if text is None:
            text = read[one.index] = outline.text(one.index, MAX_BLOCK * 2)
        if len(text) > MAX_BLOCK and len(text) > _longest(text):
            break
        if len(money_numbers(text, decimal)) != 1 or (best is not None and one.struck != best.struck):
            break
        best, one = one, one.outer
    return best


def _beside_struck(outline: Outline, position: int) -> Element | None:
    """Return a text's element without what is struck through in it, where that is all else: `<del>59 €</del> 39 €`."""
    own = outline.elements[outline.texts[position].element]
    others = [place for place in range(own.start, own.end) if place != position]
    if (
        others
        and not own.struck
        and all(outline.elements[outline.texts[place].element].struck for place in others)
    ):
        return msgspec.structs.replace(own, start=position, end=position + 1)
    return None


def _longest(text: str) -> int:
    """Return how long a text with an amount may be: the lowest price of 30 days takes a sentence."""
    return LONGEST_LOWEST if "30" in text and phrases("lowest_label").found_in(fold(text)) else MAX_BLOCK


def _shown(
    outline: Outline, block: Element, text: str, position: int, decimal: Separator | None
) -> Shown | None:
    numbers = money_numbers(text, decimal)
    if len(numbers) != 1 or numbers[0] == 0:
        return None
    index = block.index
    currencies = (
        currencies_in(text)
        or currencies_in(_after(outline, index)[:6])
        or currencies_in(_before(outline, index)[-6:])
    )
    struck = block.struck or (block.end - block.start > 1 and _holds_struck(outline, block))
    return Shown(outline, numbers[0], text, index, position, currencies, struck, block.aside)


def _told(shown: Shown) -> str:
    """Return a block's text up to the end of the line with the amount: further lines tell of other things.

    A unit in a line of its own still belongs to it: "12,95 €", "/ kg".
    """
    outline, elements = shown.outline, shown.outline.elements
    block = elements[shown.element]
    if block.end - block.start == 1:
        return shown.text
    around = outline.ancestors(outline.texts[shown.position].element, 6)
    end = next((elements[one].end for one in around if elements[one].tag in BLOCKS), block.end)
    if end >= block.end:
        return shown.text
    text, rest = outline.span(block.start, end), outline.span(end, block.end)
    return f"{text} {rest}" if rest.startswith(starts_of("unit_start")) else text


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
    label = text.text.strip()
    if len(label) > LONGEST_LABEL or _DIGIT.search(label):
        return ""
    near = outline.ancestors(block, 4)
    beside = not set(near[1:]).isdisjoint(outline.ancestors(text.element, 3))
    return label if beside and not _belongs_before(outline, start - 1, near) else ""


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


def _holds_struck(outline: Outline, block: Element) -> bool:
    """Whether the block's number itself is struck through, inside the block."""
    return any(
        outline.elements[text.element].struck
        for text in outline.texts[block.start : block.end]
        if _DIGIT.search(text.text)
    )


def is_other(shown: Shown, *, net: bool = False) -> bool:
    """Whether what stands around says that the amount is not the product's price: shipping, a rate, a saving.

    Nor is an amount without tax, unless `net` amounts are all that the page shows.
    """
    return says_other(shown.around) or (not net and tax_in(shown) is False)


def tax_in(shown: Shown) -> bool | None:
    """Return whether tax is in an amount, as its block says, else what stands beside it; None where neither does."""
    own = says_of_tax(shown.text)
    return own if own is not None else says_of_tax(shown.around)


def together(one: Shown, others: Iterable[Shown], levels: int) -> bool:
    """Whether an amount stands in one box with another of the same outline: a common ancestor few levels up."""
    above = frozenset(one.outline.ancestors(one.element, levels))
    return any(not above.isdisjoint(other.outline.ancestors(other.element, levels)) for other in others)
