"""Codes in elements and attributes that are named for them, where no label stands before them: `class="sku"`."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Final

from scraping.extraction.document.outline import Element, Outline
from scraping.extraction.dom.labels import code_with_digit, gtin_of, labels
from scraping.extraction.dom.surroundings import Surroundings
from scraping.extraction.reading import Context, Reading, Value

BEFORE: Final = 12
AFTER: Final = 60
"""Texts around the heading among which a product's code stands."""
LONGEST: Final = 60
_PARTS: Final = "no|nr|num|number|code|id|ref|reference"
_NAMED: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], Value | None]], ...]] = (
    ("gtin", re.compile(r"(?<![a-z])(?:ean|gtin|upc|barcode|isbn)(?:13|-13|code)?(?![a-z])"), gtin_of),
    (
        "mpn",
        re.compile(r"(?<![a-z])(?:mpn|part-?_?number|manufacturer-?_?(?:code|number))(?![a-z])"),
        code_with_digit,
    ),
    (
        "sku",
        re.compile(
            rf"(?<![a-z])(?:sku|(?:product|article|artikel|item|catalog|style|stock)[-_]?(?:{_PARTS})"
            r"|artikelnummer|ordernumber|article|articul|reference|codigo)(?:value|text)?(?![a-z])"
        ),
        code_with_digit,
    ),
)
_ATTRIBUTES: Final = (
    "data-product-sku",
    "data-product_sku",
    "data-sku",
    "data-product-code",
    "data-item-sku",
)
_STEMS: Final = (
    b"ean", b"gtin", b"upc", b"barcode", b"isbn", b"mpn", b"part", b"manufacturer", b"sku", b"product", b"artic",
    b"artik", b"item", b"catalog", b"style", b"stock", b"ordernumber", b"reference", b"codigo",
)  # fmt: skip
"""What the names begin with."""
_NAMED_IN_BYTES: Final = re.compile("|".join(name.pattern for _, name, _ in _NAMED).encode())
_CLIMB: Final = 8
_START: Final = attrgetter("start")
_LABEL: Final = re.compile(r"^[^\d:#]{1,24}[:#\s]\s*(?=\S)")


def say_named_codes(reading: Reading, around: Surroundings, context: Context) -> None:
    """Add sku, mpn and gtin that are still open from what stands near the heading and is named for them."""
    if not around.may_name(_STEMS, _NAMED_IN_BYTES, _ATTRIBUTES):
        return
    outline = around.outline(_ATTRIBUTES)
    if outline.heading is None:
        return
    sought = [one for one in _NAMED if context.wants(one[0]) and one[0] not in reading.found]
    for element in beside_heading(outline, BEFORE, AFTER) if sought else ():
        if not element.hint:
            continue
        for field, name, read in sought:
            if name.search(element.hint) and (text := outline.span(element.start, element.end, LONGEST)):
                reading.say(field, _code_of(text, field, read), f"{element.tag}.{element.hint[:40]}")
    if context.wants("sku") and "sku" not in reading.found:
        _say_attribute(reading, outline)


def _code_of(text: str, field: str, read: Callable[[str], Value | None]) -> Value | None:
    """Return the code of a text, past a label in front of it, with or without a sign between: "Item no AB-12"."""
    code = read(text) if not labels(field, text.partition(" ")[0]) else None
    return code if code is not None else read(_LABEL.sub("", text)) or read(text)


def _say_attribute(reading: Reading, outline: Outline) -> None:
    """Add the sku of an attribute of what the heading stands in, or of the form behind it."""
    heading = outline.heading
    around = (
        [outline.elements[index] for index in outline.ancestors(heading, _CLIMB)]
        if heading is not None
        else []
    )
    forms = (
        element for element in outline.elements if element.tag in {"form", "button"} and not element.aside
    )
    for element in [*around, *forms]:
        attributes = element.node.attributes
        for key in _ATTRIBUTES:
            reading.say("sku", code_with_digit(attributes.get(key) or ""), f"[{key}]")
        if "sku" in reading.found:
            return


def beside_heading(outline: Outline, before: int, after: int) -> Iterator[Element]:
    """Yield the small elements around the heading, those behind it first."""
    if outline.heading is None:
        return
    heading = outline.elements[outline.heading]
    for first, last in ((heading.start, heading.end + after), (heading.start - before, heading.start - 1)):
        begins = bisect_left(outline.elements, first, key=_START)
        for element in outline.elements[begins : bisect_right(outline.elements, last, key=_START)]:
            if element.end - element.start <= 3 and not element.aside:
                yield element
