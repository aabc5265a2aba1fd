"""The headline offer: the variant of the URL, else the page's default, its form's, the cheapest that can be bought."""

import re
from typing import Final
from urllib.parse import urlsplit

from scraping.extraction.addresses import names, query_values, same_address
from scraping.extraction.document.document import Document
from scraping.extraction.document.scan import find
from scraping.extraction.language.availability import is_purchasable
from scraping.extraction.reading import Offer

_FIELDS: Final = (
    b'name="id"',
    b"name='id'",
    b'name="variant"',
    b'name="variant_id"',
    b'name="variation_id"',
    b'name="sku"',
    b" selected",
)
"""What marks the variant that a page's form would order."""
_VALUE: Final = re.compile(rb"\bvalue\s*=\s*[\"']?([^\"'\s>]+)")
MAX_FIELDS: Final = 60
LONGEST_TAG: Final = 500


def choose_headline(offers: list[Offer], document: Document) -> Offer | None:
    """Return the offer that the page's price and availability are taken from, or None of none."""
    if len(offers) <= 1:
        return offers[0] if offers else None
    named = [offer for offer in offers if _named(offer, document)]
    if named and len(named) < len(offers):
        return _cheapest(named)
    default = [offer for offer in offers if offer.default] or _preselected(offers, document)
    if default and len(default) < len(offers):
        return default[0]
    return _cheapest(offers)


def _preselected(offers: list[Offer], document: Document) -> list[Offer]:
    """Return the offers whose id or code the page's form already holds: what a click on the button would order."""
    if not any(offer.id or offer.sku for offer in offers):
        return []
    chosen = _chosen(document.body)
    return [
        offer for offer in offers if any(code and code.encode() in chosen for code in (offer.id, offer.sku))
    ]


def _chosen(body: bytes) -> frozenset[bytes]:
    """Return the values of the form fields that name a variant, and of the options that are selected."""
    found: set[bytes] = set()
    for mark in _FIELDS:
        place = find(body, mark)
        for _ in range(MAX_FIELDS):
            if place == -1:
                break
            start, end = body.rfind(b"<", 0, place), body.find(b">", place)
            tag = body[start : end if end != -1 else start]
            if len(tag) < LONGEST_TAG and tag.startswith((b"<input", b"<option")):
                found.update(_VALUE.findall(tag)[:1])
            place = find(body, mark, place + 1)
    return frozenset(found)


def _named(offer: Offer, document: Document) -> bool:
    """Whether the page's address names this offer: the same query values, or its id or sku among them."""
    for page in document.addresses:
        values = query_values(page)
        if values and any(_is_of(code, values) for code in (offer.id, offer.sku) if code):
            return True
        if names(page, (offer.sku, offer.mpn)):
            return True
        if offer.url:
            url = document.absolute(offer.url) or offer.url
            if (
                same_address(url, page)
                and query_values(url) == values
                and (values or not urlsplit(url).query)
            ):
                return True
    return False


def _is_of(code: str, values: frozenset[str]) -> bool:
    """Whether a query value is the code, or the first part of it: v1=84518927 of 84518927-040-35."""
    return code in values or any(
        len(value) >= 5 and code.startswith((f"{value}-", f"{value}_")) for value in values
    )


def _cheapest(offers: list[Offer]) -> Offer:
    """Return the cheapest that can be bought now, else the cheapest whose stock is unknown, else of all."""
    priced = [offer for offer in offers if offer.price is not None] or offers
    ranked = sorted(
        enumerate(priced),
        key=lambda item: (_hindrance(item[1]), item[1].price if item[1].price is not None else 0, item[0]),
    )
    return ranked[0][1]


def _hindrance(offer: Offer) -> int:
    purchasable = is_purchasable(offer.availability)
    if offer.condition not in {"new", "unknown"}:
        return 4 if purchasable is False else 2  # a used copy is not what the page sells first
    return {True: 0, None: 1, False: 3}[purchasable]
