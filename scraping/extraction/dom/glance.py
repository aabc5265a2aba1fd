"""A look at the bytes around a known price: where its list price may stand, or that there is none.

What is proven here is not read: no tree is built of a page whose price has no higher number beside it. What cannot
be proven is read from the part of the page that the look has found. Behind the heading, a number is what any text
shows; whether it is money, struck through or labelled is for the readers of the outline to say.
"""

import html
import re
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from reports.money import Separator
from scraping.extraction.document.parts import numbered_texts, text_around
from scraping.extraction.document.scan import find, find_any
from scraping.extraction.document.zones import ASIDE_TAGS, STRUCK, STRUCK_TAGS, UNSEEN, zone_of, zone_of_style
from scraping.extraction.dom.list_price import HIGHEST_FACTOR
from scraping.extraction.language.money_words import LONGEST_LOWEST, money_numbers

FARTHEST: Final = 48_000
"""Bytes of the lean page behind the heading within which the price is looked for."""
REACH: Final = 8_000
"""Bytes behind the price's first place within which its list price may stand."""
ENOUGH: Final = FARTHEST + REACH + 1_000
"""Bytes of the lean page behind the heading, of which more tell nothing new: the price and its reach are among them."""
MARGIN: Final = 400
"""Bytes behind the last number that are parsed with it: its label, what it is counted in."""
WIDE: Final = 30_000
"""Bytes behind the price that are parsed where its stock is asked for, too."""
_ONLY_MARKS: Final = re.compile(rb"(?:<[^<>]*>|[\s.,'])*\Z")
_NAMES: Final = re.compile(
    rb"<(?:%b|template|noscript|select|iframe|object|textarea)[\s>]"
    rb"|(?<=[\s\"'/])(?:hidden[\s=>/]"
    rb"|(style|class|id|data-[a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))"
    % "|".join(STRUCK_TAGS | ASIDE_TAGS).encode(),
    re.IGNORECASE,
)
"""What may say that an element is hidden, struck through or set aside: its name, its style, its names."""
_CUSTOM: Final = re.compile(rb"([a-z]\w*-[\w-]+)", re.ASCII | re.IGNORECASE)
"""A custom element, whose name says what it holds: `<product-recommendations>`."""
_OTHER_DIGIT: Final = re.compile(r"[^\D0-9]")
"""A digit of another script."""
_OTHER_SCRIPTS: Final = b"\xd9\xdb\xdf\xe0\xe1\xea\xef\xf0"
"""What those begin with in UTF-8: few pages in Latin, Greek or Cyrillic letters hold any."""
_LONGEST_TAG: Final = 300
"""Bytes of a tag that is worth keeping what it says."""
_EURO: Final = ("€".encode(), b"&euro;")
_CENTS: Final = re.compile(rb"[0-9]{2}(?![0-9])")
_SEPARATORS: Final = (b"", b".", b",", b" ")
_LONGEST_SOURCE: Final = LONGEST_LOWEST * 8
"""Bytes of a text, beyond which it surely has more than LONGEST_LOWEST characters."""


class Glance(NamedTuple):
    """Where a part of the lean page ends that holds the heading, the price and what may be its list price."""

    price: int
    """Behind the price's first place."""
    end: int
    alone: bool
    """Whether the price stands in plain sight, and no higher number near it: there is no list price."""

    def part(self, page: bytes, *, wide: bool) -> bytes:
        """Return the part to be parsed; `wide` with what else may stand in the product's box."""
        end = max(self.end, self.price + WIDE) if wide else self.end
        return page[: max(page.rfind(b"<", self.price, end), self.price)] if end < len(page) else page


def look(page: bytes, price: Decimal, decimal: Separator | None, *, whole: bool) -> Glance | None:
    """Return where the list price of a known price may stand; None where the price is not seen behind the heading.

    `page` is lean and begins with the product's heading; where it is not `whole`, it is cut somewhere, and None
    says also that it is too short to tell.
    """
    place = _first_place(page, price, decimal)
    if place is None:
        return None
    start, end = place
    if not (whole or end + REACH < len(page)):
        return None
    reach = min(len(page), end + REACH)
    higher = reach if _has_other_digits(page[:reach]) else _last_higher(page, price, decimal, reach)
    alone = not higher and _in_plain_sight(page[:start])
    return Glance(end, min(len(page), max(end, higher) + MARGIN), alone)


def _has_other_digits(page: bytes) -> bool:
    """Whether there are digits of another script, whose numbers no look at bytes tells."""
    return (
        find_any(page, _OTHER_SCRIPTS) != -1
        and _OTHER_DIGIT.search(page.decode("utf-8", "replace")) is not None
    )


def _first_place(page: bytes, price: Decimal, decimal: Separator | None) -> tuple[int, int] | None:
    """Return where the first text begins and ends that shows the price."""
    digits = _digits_of(price)
    place = find(page, digits, 0, FARTHEST)
    while place != -1:
        text = text_around(page, place)
        if text is not None and price in _numbers(_folded(page[text[0] : text[1]]), decimal):
            return text
        end = text[1] if text is not None else page.find(b">", place)
        place = find(page, digits, end, FARTHEST) if end != -1 else -1
    return None


def _digits_of(price: Decimal) -> bytes:
    """Return digits that stand side by side wherever the price does: the last three in front of the point."""
    whole, _, rest = f"{price:f}".partition(".")
    return (whole.lstrip("0")[-3:] or rest.rstrip("0") or "0").encode()


def _last_higher(page: bytes, price: Decimal, decimal: Separator | None, reach: int) -> int:
    """Return where the last text before `reach` ends that may be the list price; 0 where none is.

    A number is read by itself, and joined to numbers right before it.
    """
    highest = price * HIGHEST_FACTOR
    last = behind = 0
    before: list[bytes] = []
    for start, end in numbered_texts(page, reach):
        text = _folded(page[start:end])
        if before and _may_join(before[0], text) and _ONLY_MARKS.match(page, behind, start):
            before = [text, *(one + mark + text for one in before[:9] for mark in _SEPARATORS)]
        else:
            before = [text]
        behind = end
        if any(price < number <= highest for one in before for number in _numbers(one, decimal)):
            last = behind
    return last


def _may_join(before: bytes, text: bytes) -> bool:
    """Whether two texts side by side may be read as one number: letters keep them apart, a euro all but its cents."""
    return not before[-1:].isalpha() and (not before.endswith(_EURO) or bool(_CENTS.match(text)))


def _folded(text: bytes) -> bytes:
    return b" ".join(text.split())[:_LONGEST_SOURCE]


@lru_cache(maxsize=4096)
def _numbers(source: bytes, decimal: Separator | None) -> tuple[Decimal, ...]:
    """Return the numbers in a text as the page writes it that may be money."""
    text = source.decode("utf-8", "replace")
    text = " ".join((html.unescape(text) if "&" in text else text).split())
    return money_numbers(text, decimal) if len(text) <= LONGEST_LOWEST else ()


def _in_plain_sight(before: bytes) -> bool:
    """Whether nothing between heading and price says that what follows is hidden, struck through or set aside."""
    for piece in before.split(b"<"):
        tag = piece.rpartition(b">")[0] or piece
        if _sets_aside(tag) if len(tag) <= _LONGEST_TAG else _sets_aside.__wrapped__(tag):
            return False
    return True


@lru_cache(maxsize=4096)
def _sets_aside(tag: bytes) -> bool:
    """Whether a tag, without its brackets, says that what is in it is hidden, struck through or set aside."""
    custom = _CUSTOM.match(tag)
    if custom is not None and zone_of(custom[1].decode().lower()) & UNSEEN:
        return True
    for attribute, *values in _NAMES.findall(b"<%b>" % tag):
        value = b"".join(values).decode("utf-8", "replace").lower()
        zone = zone_of_style(value) if attribute.lower() == b"style" else zone_of(value[:500])
        if not attribute or zone & (UNSEEN | STRUCK):
            return True
    return False
