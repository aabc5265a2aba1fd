"""Availability as the page shows it near the buy box: words of stock, the buy button."""

import re
from functools import lru_cache
from typing import Final

from reports.row import Availability
from scraping.extraction.availability import read_phrase
from scraping.extraction.outline import Outline
from scraping.extraction.reading import Reading
from scraping.extraction.words import fold, phrases, words

LONGEST: Final = 90
"""Characters of a text that states stock; longer text tells of it."""
NEAR: Final = 120
"""Texts after the heading that belong to the buy box, at the most."""
_STOCK_NAME: Final = re.compile(
    r"stock|avail|inventory|lager|dispo|skladem|nalich|sklad|bestand|voorraad|sold-?out"
)
_OPTION_TAGS: Final = frozenset({"option", "select", "label", "li"})
_BUY_NAME: Final = re.compile(
    r"add-?_?to-?_?(?:cart|basket|bag)|addtocart|buy|basket|cart|purchase|checkout|order|koszyk|warenkorb|panier"
)
_REFUSALS: Final = frozenset({"out_of_stock", "discontinued", "reserved"})
_DIGITS: Final = re.compile(r"\d+")
_LEFT: Final = re.compile(
    r"(?:only|nur noch|noch|plus que|quedan|solo|tylko|just|ostalo|осталось)\s+(\d{1,4})\b"
    r"|(\d{1,5})\s+(?:in stock|available|left|auf lager|en stock|op voorraad|skladem|i lager|på lager|шт)",
    re.IGNORECASE,
)
"""A number of pieces beside words of stock."""


def say_stock(reading: Reading, outline: Outline, place: int | None) -> None:
    """Add availability. `place` is the text index of the price, where it is known.

    A refusal in the stock line or on the button wins, then the stock line's consent, then a button that can be
    pressed, then words anywhere near the price.
    """
    start, end = _window(outline, place)
    for thorough in (False, True):  # first texts that say it by themselves, then lines put together
        said, button = _statements(outline, range(start, end), thorough=thorough)
        if said or button:
            _decide(reading, outline, said, button)
            return


def _statements(
    outline: Outline, positions: range, *, thorough: bool
) -> tuple[list[tuple[int, Availability, str, int]], tuple[int, str] | None]:
    """Return (what texts say of stock: weight, state, text, element) and the first buy button."""
    said: list[tuple[int, Availability, str, int]] = []
    button: tuple[int, str] | None = None
    for position in positions:
        text = outline.texts[position]
        if len(text.text) > LONGEST * 2:
            continue
        if not thorough and not (read_phrase(text.text) or _may_buy(text.text)):
            continue
        element = outline.elements[text.element]
        if element.aside or element.struck:
            continue
        whole = _line(outline, text.element)
        phrase = read_phrase(whole) if len(whole) <= LONGEST else None
        if phrase is not None:
            said.append((_weight(outline, text.element), phrase[0], whole, text.element))
        elif button is None and len(whole) <= 40 and _is_buy_button(outline, text.element, whole):
            button = (text.element, whole)
    return said, button


@lru_cache(maxsize=8_192)
def _may_buy(text: str) -> bool:
    """Whether a text starts as a buy button does."""
    return len(text) <= LONGEST and phrases("buy").begins(fold(text))


def _window(outline: Outline, place: int | None) -> tuple[int, int]:
    heading = outline.elements[outline.heading] if outline.heading is not None else None
    first = min(heading.end if heading else place or 0, place if place is not None else len(outline.texts))
    start = max(0, first - 15)
    middle = max(place or 0, heading.end if heading else 0)
    return start, min(len(outline.texts), middle + NEAR)


def _decide(
    reading: Reading,
    outline: Outline,
    said: list[tuple[int, Availability, str, int]],
    button: tuple[int, str] | None,
) -> None:
    strong = [one for one in said if one[0] >= 2]
    for one in strong:
        if one[1] in _REFUSALS:
            _say(reading, outline, one)
            return
    if strong:
        _say(reading, outline, strong[0])
        return
    if button is not None:
        _say(reading, outline, (2, "in_stock", button[1], button[0]))
        return
    weak = [one for one in said if one[0] == 1]
    if weak:
        _say(reading, outline, weak[0])


def _say(reading: Reading, outline: Outline, said: tuple[int, Availability, str, int]) -> None:
    _, state, text, index = said
    element = outline.elements[index]
    names = ".".join(element.hint.split()[:2])
    path = f"{element.tag}{'.' + names if names else ''} “{text[:40]}”"
    reading.say("availability", state, path, raw=text)
    count = _LEFT.search(text)
    if count and state in {"in_stock", "limited"}:
        reading.say("stock_quantity", int(count[1] or count[2]), path)


def _line(outline: Outline, index: int) -> str:
    """Return the text of the smallest element around that still is one short line."""
    text = outline.text(index, LONGEST * 2)
    parent = outline.elements[index].parent
    if (
        parent >= 0
        and outline.elements[index].tag in {"b", "strong", "span", "em", "i", "a", "font"}
        and outline.length(parent) <= LONGEST // 2
    ):
        return outline.text(parent, LONGEST * 2)
    return text


def _weight(outline: Outline, index: int) -> int:
    """Return how much a phrase's place speaks for it: 2 stock line or button, 1 plain text, 0 one option of many."""
    near = outline.ancestors(index, 3)
    if any(outline.elements[one].tag in {"td", "dd"} for one in near):
        return 2 if _labelled(outline, index) else 0
    if any(outline.elements[one].tag in _OPTION_TAGS for one in near[:3]):
        siblings = (
            outline.elements[outline.elements[near[0]].parent].tag
            if outline.elements[near[0]].parent >= 0
            else ""
        )
        return (
            2
            if any(_STOCK_NAME.search(outline.elements[one].hint) for one in near[:2])
            and siblings != "select"
            else 0
        )
    if any(_STOCK_NAME.search(outline.elements[one].hint) for one in near):
        return 2
    if any(
        outline.elements[one].tag == "button" or _BUY_NAME.search(outline.elements[one].hint)
        for one in near[:2]
    ):
        return 2
    return 1


def _labelled(outline: Outline, index: int) -> bool:
    """Whether a table's cell stands behind a label of stock: other rows say "absent" of other things."""
    start = outline.elements[index].start
    label = fold(outline.texts[start - 1].text).rstrip(" :") if start else ""
    return label in words("stock_label")


def _is_buy_button(outline: Outline, index: int, text: str) -> bool:
    """Whether a short text is a button that takes an order and can be pressed."""
    if not _may_buy(text):
        return False
    for one in outline.ancestors(index, 3):
        element = outline.elements[one]
        attributes = element.node.attributes
        if "disabled" in attributes or attributes.get("aria-disabled") == "true":
            return False
        if element.tag in {"button", "input"} or _BUY_NAME.search(element.hint):
            return True
        if element.tag == "a":
            return True
    return False
