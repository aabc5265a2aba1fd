"""The headline offer: the variant that the URL names, else the page's default, else the cheapest in stock."""

from urllib.parse import urlsplit

from scraping.extraction.addresses import names, query_values, same_address
from scraping.extraction.availability import is_purchasable
from scraping.extraction.document import Document
from scraping.extraction.reading import Offer


def choose_headline(offers: list[Offer], document: Document) -> Offer | None:
    """Return the offer that the page's price and availability are taken from, or None of none."""
    if len(offers) <= 1:
        return offers[0] if offers else None
    named = [offer for offer in offers if _named(offer, document)]
    if named and len(named) < len(offers):
        return _cheapest(named)
    default = [offer for offer in offers if offer.default]
    if default:
        return default[0]
    return _cheapest(offers)


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
    if offer.condition not in {"new", "unknown"}:
        return 2  # a used copy of another seller is not what the page sells first
    purchasable = is_purchasable(offer.availability)
    return {True: 0, None: 1, False: 3}[purchasable]
