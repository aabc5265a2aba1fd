"""The brand as the page shows it beside the product's name: in an element, a link or a logo that is called so."""

import re
from typing import Final

from scraping.extraction.document.document import Document
from scraping.extraction.document.outline import Element, Outline
from scraping.extraction.document.zones import HINTS_IN_BYTES
from scraping.extraction.dom.codes import beside_heading
from scraping.extraction.dom.surroundings import Surroundings
from scraping.extraction.language.words import fold, words
from scraping.extraction.reading import Reading
from scraping.extraction.structured.facts import clean_brand

BEFORE: Final = 12
AFTER: Final = 40
"""Texts around the heading among which the brand stands."""
LONGEST: Final = 40
MOST_WORDS: Final = 5
_NAMES: Final = (
    "brand|manufacturer|vendor|designer|marke|marque|marca|merk|producent|producer|hersteller|fabricant"
    "|znacka|varumarke|marka|brend"
)
_NAME: Final = re.compile(
    rf"(?<![a-z])(?:product|item|pdp|detail)?[-_]{{0,2}}(?:{_NAMES})(?:name|logo|link|title|text)?(?![a-z])"
)
_ADDRESS: Final = re.compile(
    rf"(?:^|[/?&._-])(?:{_NAMES}|marken|marques|marcas|merken|brendy?)s?(?:[/=_-]|id=)"
)
"""Names and addresses that mean the brand; "brands" alone names the list of them."""
_ATTRIBUTES: Final = ("data-product-brand", "data-item-brand", "data-vendor", "data-product-vendor")
_STEMS: Final = tuple(name.encode() for name in _NAMES.split("|"))
_NAME_IN_BYTES: Final = re.compile(_NAMES.encode())
_NAMING: Final = HINTS_IN_BYTES | {b"href"}
_CLIMB: Final = 10
_ABOVE: Final = 3
"""Texts right before the heading among which the brand stands by itself."""


def say_brand(reading: Reading, document: Document, around: Surroundings) -> None:
    """Add the brand from attributes around the heading, else from what stands near it and is named so.

    Where nothing is, the brand is what stands above the name on the page and in front of it in the title.
    """
    if around.may_name(_STEMS, _NAME_IN_BYTES, _ATTRIBUTES, _NAMING):
        _say_named(reading, around.outline(_ATTRIBUTES))
    fronts = _fronts(document) if "brand" not in reading.found else []
    if fronts:
        _say_front(reading, around.outline(), fronts)


def _fronts(document: Document) -> list[str]:
    """Return what the titles say in front of the heading and one of the page's texts says alone, folded."""
    names = [fold(heading) for heading in document.headings]
    fronts = [
        front
        for title in document.titles
        for name in names
        if 1 < len(front := title.partition(f" {name}")[0]) <= LONGEST and len(front) < len(title)
    ]
    return [front for front in fronts if any(fold(line) == front for line in document.prose.lines)]


def _say_front(reading: Reading, outline: Outline, fronts: list[str]) -> None:
    if outline.heading is None:
        return
    start = outline.elements[outline.heading].start
    for text in reversed(outline.texts[max(0, start - _ABOVE) : start]):
        if fold(text.text) in fronts and not outline.elements[text.element].aside:
            reading.say("brand", _brand_of(text.text), "above the heading, and in front of it in the title")


def _say_named(reading: Reading, outline: Outline) -> None:
    if outline.heading is None:
        return
    name = fold(outline.text(outline.heading))
    for index in outline.ancestors(outline.heading, _CLIMB):
        attributes = outline.elements[index].node.attributes
        for key in _ATTRIBUTES:
            reading.say("brand", _brand_of(attributes.get(key) or ""), f"[{key}]")
    for element in beside_heading(outline, BEFORE, AFTER):
        if _is_called_so(element):
            brand = _brand_of(_text_of(outline, element))
            if brand is not None and fold(brand) != name:
                reading.say("brand", brand, f"{element.tag}.{element.hint[:40]}")
                return


def _is_called_so(element: Element) -> bool:
    if element.hint and _NAME.search(element.hint):
        return True
    if element.tag != "a":
        return False
    address = (element.node.attributes.get("href") or "").lower().partition("#")[0]
    return bool(_ADDRESS.search(address.partition("//")[2].partition("/")[2] if "//" in address else address))


def _text_of(outline: Outline, element: Element) -> str:
    """Return an element's text; of a logo, what it stands for."""
    text = outline.span(element.start, element.end, LONGEST * 2)
    if text:
        return text
    picture = element.node.css_first("img[alt]")
    attributes = element.node.attributes
    return attributes.get("title") or (picture.attributes.get("alt") if picture is not None else "") or ""


def _brand_of(text: str) -> str | None:
    """Return the brand of a short text; None for a sentence, a number or a label."""
    text = " ".join(text.split())
    folded = fold(text).rstrip(" :")
    if not 1 < len(text) <= LONGEST + 20 or folded in words("brand_label") or folded in words("no_brand"):
        return None
    brand = clean_brand(text)
    if brand is None or len(brand) > LONGEST or len(brand.split()) > MOST_WORDS:
        return None
    return brand if any(char.isalpha() for char in brand) and not brand.endswith((".", "!", "?")) else None
