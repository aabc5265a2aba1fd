"""Availability as the page shows it near the buy box: words of stock, the buy button."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple

from reports.row import Availability
from scraping.extraction.document.document import Document
from scraping.extraction.document.outline import Element, Outline
from scraping.extraction.document.prose import Prose
from scraping.extraction.document.vocabulary import Traces, Vocabulary
from scraping.extraction.dom.sizes import is_one_of_many
from scraping.extraction.dom.strips import start_of_others
from scraping.extraction.language.availability import read_phrase, read_quantity, stock_phrases
from scraping.extraction.language.words import fold, phrases, words
from scraping.extraction.reading import Reading

LONGEST: Final = 90
"""Characters of a text that states stock; longer text tells of it."""
LONGEST_LABEL: Final = 40
"""Characters on a button."""
NEAR: Final = 120
"""Texts after the heading that belong to the buy box, at the most."""
LEAST_TAIL: Final = 2
"""Words behind a refusal from which it speaks of a place."""
LEAST_BARE: Final = 0.5
"""Part of a text that words of stock are, from which it is a line of stock."""
_STOCK_NAME: Final = re.compile(
    r"stock|avail|inventory|lager|dispo|skladem|nalich|nalicn|sklad|bestand|voorraad|sold-?out|dostupn|dostepn|raktar"
    r"|keszlet|elerhet|saatav|zalih|zalog|verf(?:ue|u)gbar|beschikbaar|likutis|tillgang|(?<![a-z])stoc?k?(?![a-z])"
)
_BADGE_NAME: Final = re.compile(r"badge|sticker|ribbon|(?<![a-z])(?:flag|tag)(?![a-z])")
"""Names of what shops print on every page and show where it holds."""
_STOCK_LINE_NAME: Final = re.compile(r"(?<![a-z])(?:availability|lieferstatus|stock-?status)(?![a-z])")
_OPTION_TAGS: Final = frozenset({"option", "select", "label", "li"})
_BUY_NAME: Final = re.compile(
    r"add-?_?to-?_?(?:cart|basket|bag)|addtocart|buy|basket|cart|purchase|checkout|order|koszyk|warenkorb|panier"
)
_SURE_BUY_NAME: Final = re.compile(
    r"add-?_?to-?_?(?:cart|basket|bag|trolley)|addtocart|tocart(?![a-z])|(?:btn|button)[-_]?(?:buy|cart)|buy[-_]?(?:now|btn|button|it)"
    r"|product-form__submit|in-?den-?warenkorb|inwarenkorb"
)
"""Names of a button that takes an order, in whatever language it is labelled."""
_BUTTON_TAGS: Final = frozenset({"button", "input"})
_PRESSED: Final = frozenset({"submit", "button", "image"})
_REFUSALS: Final = frozenset({"out_of_stock", "discontinued", "reserved"})
_WORD: Final = re.compile(r"[^\W\d]+")
_START: Final = attrgetter("start")


class Said(NamedTuple):
    """What one text of the page says of stock."""

    weight: int
    """2 stock line or button, 1 plain text or badge, 0 one option of many."""
    state: Availability
    text: str
    element: int


def say_stock(reading: Reading, outline: Outline, place: int | None) -> None:
    """Add availability. `place` is the text index of the price, where it is known.

    A refusal in the stock line or on the button wins, then the stock line's consent, then a button that can be
    pressed (beside "only 2 left", that), then words anywhere near the price.
    """
    start, end = _window(outline, place)
    said: list[Said] = []
    button: Said | None = None
    worth = range(start, end) if _may_state(outline, start, end) else range(0)
    for thorough in (False, True):  # first texts that say it by themselves, then lines put together
        said, button = _statements(outline, worth, thorough=thorough)
        if said or button:
            break
    if button is None and not any(one.weight >= 2 for one in said):
        said, button = _of_buttons(outline, start, end, said)
    _decide(reading, outline, said, button)


def may_state_stock(prose: Prose) -> bool:
    """Whether the page may hold a word of stock or a button to buy at all."""
    if prose.vocabulary.may_hold(_all_traces()) and (
        prose.vocabulary.may_hold(_traces()) or any(fold(line) in words("buy_alone") for line in prose.lines)
    ):
        return True
    buttons = prose.buttons
    return bool(buttons) and (_names_order(buttons) or Vocabulary([buttons.encode()]).may_hold(_traces()))


def has_order_button(document: Document) -> bool:
    """Whether a button of the page, be it one that cannot be pressed, is named for taking an order."""
    return _names_order(document.prose.buttons)


def _names_order(buttons: str) -> bool:
    return _SURE_BUY_NAME.search(buttons) is not None


def _may_state(outline: Outline, start: int, end: int) -> bool:
    """Whether the texts from `start` to `end`, and those that stand in a line with them, may speak of stock at all."""
    texts = outline.texts[max(0, start - LONGEST * 2) : end + LONGEST * 2]
    seen = Vocabulary(
        [text.text.encode("utf-8", "replace") for text in texts if len(text.text) <= LONGEST * 2]
    )
    return seen.may_hold(_all_traces())


@lru_cache(maxsize=1)
def _traces() -> Traces:
    return Traces((*words("buy"), *words("notify"), *stock_phrases()))


@lru_cache(maxsize=1)
def _all_traces() -> Traces:
    return Traces((*words("buy_alone"), *words("buy"), *words("notify"), *stock_phrases()))


def _statements(outline: Outline, positions: range, *, thorough: bool) -> tuple[list[Said], Said | None]:
    """Return what texts say of stock, and the first buy button."""
    said: list[Said] = []
    button: Said | None = None
    for position in positions:
        text = outline.texts[position]
        if len(text.text) > LONGEST * 2:
            continue
        if not thorough and not (read_phrase(text.text) or _may_buy(text.text) or _promises(text.text)):
            continue
        element = outline.elements[text.element]
        if element.aside or element.struck:
            continue
        whole = _line(outline, text.element)
        phrase = read_phrase(whole) if len(whole) <= LONGEST else None
        if _promises(whole):
            said.append(Said(1, "out_of_stock", whole, text.element))
        elif phrase is not None:
            weight = _weight(outline, text.element)
            if (
                phrase[0] in _REFUSALS
                and not _labels_itself(outline, text.element)
                and is_one_of_many(outline, text.element)
            ):
                weight = 0
            said.append(Said(weight, phrase[0], whole, text.element))
        elif button is None:
            label = text.text.strip() if _is_on_button(outline, text.element) else whole
            if len(label) <= LONGEST_LABEL and _is_buy_button(outline, text.element, label):
                button = Said(2, "in_stock", label, text.element)
    return said, button


def _of_buttons(outline: Outline, start: int, end: int, said: list[Said]) -> tuple[list[Said], Said | None]:
    """Return what buttons say that have no text or no known one: by their labels and names."""
    for index, element in _buttons(outline, start, end):
        label = _label_of(outline, element, index)
        phrase = read_phrase(label) if label and len(label) <= LONGEST else None
        if phrase is not None and phrase[0] in _REFUSALS:
            return [*said, Said(2, phrase[0], label, index)], None
        if phrase is None and _can_be_pressed(element) and (_may_buy(label) or _takes_orders(element)):
            return said, Said(2, "in_stock", label or element.hint, index)
    return said, None


def _buttons(outline: Outline, start: int, end: int) -> Iterator[tuple[int, Element]]:
    """Yield the buttons between two texts."""
    elements = outline.elements
    for index in range(bisect_left(elements, start, key=_START), bisect_right(elements, end, key=_START)):
        element = elements[index]
        if element.tag in _BUTTON_TAGS and not element.aside and _is_pressed(element):
            yield index, element


def _is_pressed(element: Element) -> bool:
    return element.tag == "button" or element.node.attributes.get("type") in _PRESSED


def _label_of(outline: Outline, element: Element, index: int) -> str:
    """Return what stands on a button, or what it is called for those who do not see it."""
    text = outline.text(index, LONGEST * 2)
    if text:
        return text
    attributes = element.node.attributes
    return next(
        (value for key in ("value", "aria-label", "title", "alt") if (value := attributes.get(key))), ""
    )


def _takes_orders(element: Element) -> bool:
    names = f"{element.hint} {element.node.attributes.get('name') or ''}".lower()
    return bool(_SURE_BUY_NAME.search(names))


def _can_be_pressed(element: Element) -> bool:
    attributes = element.node.attributes
    return "disabled" not in attributes and attributes.get("aria-disabled") != "true"


@lru_cache(maxsize=8_192)
def _may_buy(text: str) -> bool:
    """Whether a text starts as a buy button does."""
    folded = fold(text) if len(text) <= LONGEST else ""
    return bool(folded) and (phrases("buy").begins(folded) or folded in words("buy_alone"))


@lru_cache(maxsize=8_192)
def _promises(text: str) -> bool:
    """Whether a text offers a message when the product is back."""
    return len(text) <= LONGEST and phrases("notify").found_in(fold(text))


def end_of_window(outline: Outline, place: int | None) -> int:
    """Return behind which text of the page no word of stock is looked for; `place` as in `say_stock`."""
    heading = outline.elements[outline.heading] if outline.heading is not None else None
    return max(place or 0, heading.end if heading else 0) + NEAR


def _window(outline: Outline, place: int | None) -> tuple[int, int]:
    heading = outline.elements[outline.heading] if outline.heading is not None else None
    first = min(heading.end if heading else place or 0, place if place is not None else len(outline.texts))
    start = max(0, first - 15)
    end = min(len(outline.texts), end_of_window(outline, place))
    return start, start_of_others(outline, max(first, place or 0) + 1, end)


def _decide(reading: Reading, outline: Outline, said: list[Said], button: Said | None) -> None:
    strong = [one for one in said if one.weight >= 2]
    consents = any(one.state not in _REFUSALS for one in strong)
    refusal = next(
        (one for one in strong if one.state in _REFUSALS and not (consents and _is_qualified(one.text))), None
    )
    weak = [one for one in said if one.weight == 1]
    counted = [one for one in weak if one.state == "limited" and read_quantity(one.text)] if button else []
    for one in (refusal, *strong[:1], *counted[:1], button, *weak[:1]):
        if one is not None:
            reading.takes_orders = one.weight >= 2 or _is_bare(one.text)
            _say(reading, outline, one)
            return


def _is_bare(text: str) -> bool:
    """Whether a text says little else than that: "In stock", not "Eggs were sold out in many stores"."""
    phrase = read_phrase(text)
    return phrase is not None and len(phrase[1]) >= len(text) * LEAST_BARE


def _is_qualified(text: str) -> bool:
    """Whether a refusal goes on after it has been said, of one place among others: "Not in stock in Oslo"."""
    phrase = read_phrase(text)
    return phrase is not None and len(_WORD.findall(fold(text).partition(phrase[1])[2])) >= LEAST_TAIL


def _say(reading: Reading, outline: Outline, said: Said) -> None:
    element = outline.elements[said.element]
    names = ".".join(element.hint.split()[:2])
    path = f"{element.tag}{'.' + names if names else ''} “{said.text[:40]}”"
    reading.say("availability", said.state, path, raw=said.text)
    if said.state in {"in_stock", "limited"}:
        reading.say("stock_quantity", read_quantity(said.text), path)


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
    """Return how much a phrase's place speaks for it: see `Said.weight`."""
    near = outline.ancestors(index, 3)
    if any(_is_badge(outline.elements[one].hint) for one in near[:2]):
        return 1
    if any(outline.elements[one].tag in {"td", "dd"} for one in near):
        return 2 if _labelled(outline, index) else 0
    if any(outline.elements[one].tag in _OPTION_TAGS for one in near[:3]):
        return _weight_of_option(outline, near, index)
    if any(_STOCK_NAME.search(outline.elements[one].hint) for one in near):
        return 2
    if any(
        outline.elements[one].tag == "button" or _BUY_NAME.search(outline.elements[one].hint)
        for one in near[:2]
    ):
        return 2
    return 1


def _is_badge(hint: str) -> bool:
    """Whether an element is named as a badge, and not as the line of stock too: `availability badge`."""
    return bool(_BADGE_NAME.search(hint)) and not _STOCK_LINE_NAME.search(hint)


def _weight_of_option(outline: Outline, near: list[int], index: int) -> int:
    """Return the weight of a phrase in a list's entry: one of many, unless the entry is named or labelled for stock."""
    parent = outline.elements[near[0]].parent
    if parent >= 0 and outline.elements[parent].tag == "select":
        return 0
    named = any(_STOCK_NAME.search(outline.elements[one].hint) for one in near[:2])
    return 2 if named or _labelled(outline, index) or _labels_itself(outline, index) else 0


def _labelled(outline: Outline, index: int) -> bool:
    """Whether a table's cell stands behind a label of stock: other rows say "absent" of other things."""
    start = outline.elements[index].start
    label = fold(outline.texts[start - 1].text).rstrip(" :") if start else ""
    return label in words("stock_label")


def _labels_itself(outline: Outline, index: int) -> bool:
    """Whether a line begins with a label of stock: "Availability: In Stock"."""
    label, separator, _ = _line(outline, index).partition(":")
    return bool(separator) and fold(label).strip() in words("stock_label")


def _is_on_button(outline: Outline, index: int) -> bool:
    """Whether an element is one of several on a button: "Add to cart", and below it "Delivered tomorrow"."""
    parent = outline.elements[index].parent
    return parent >= 0 and outline.elements[parent].tag == "button"


def _is_buy_button(outline: Outline, index: int, text: str) -> bool:
    """Whether a short text is a button that takes an order and can be pressed."""
    if not _may_buy(text):
        return False
    for one in outline.ancestors(index, 3):
        element = outline.elements[one]
        if not _can_be_pressed(element):
            return False
        if element.tag in {"button", "input", "a"} or _BUY_NAME.search(element.hint):
            return True
    return False
