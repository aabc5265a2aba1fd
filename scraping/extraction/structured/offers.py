"""schema.org offers: one `Offer` of each, prices told apart by what they are.

Source: schema.org Offer, AggregateOffer, UnitPriceSpecification, PriceTypeEnumeration; Google, merchant
listing structured data (priceSpecification, validForMemberTier).
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

from reports.codes import read_gtin
from reports.money import machine_amount
from reports.row import ConditionalPrice, Gtin, ListPriceType
from scraping.extraction.document.lenient_json import Json
from scraping.extraction.language.availability import read_condition, read_term
from scraping.extraction.language.currency import currencies_of, read_currency, symbol_pattern
from scraping.extraction.reading import Offer
from scraping.extraction.structured.nodes import Graph, Node, as_list, text_of, types_of

MAX_OFFERS: Final = 500
_DEEPEST: Final = 5
_DATE: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_OFFER_KEYS: Final = ("offers", "Offers", "offer")
_PRICE_KEYS: Final = ("price", "Price", "lowPrice", "lowprice")
_GTIN_ORDER: Final = ("gtin13", "gtin", "gtin14", "gtin12", "gtin8", "isbn", "ean", "upc")
_GTIN_KEYS: Final = frozenset(_GTIN_ORDER)
_LIST_TYPES: Final[dict[str, ListPriceType]] = {
    "listprice": "unknown",
    "strikethroughprice": "strikethrough",
    "srp": "msrp",
    "msrp": "msrp",
    "regularprice": "unknown",
}
_NOT_THE_PRICE: Final = frozenset({"DeliveryChargeSpecification", "PaymentChargeSpecification"})


class _Prices(msgspec.Struct):
    """What the price specifications of one offer add up to."""

    price: Decimal | None = None
    list_price: Decimal | None = None
    list_price_type: ListPriceType | None = None
    currency: str | None = None
    vat_included: bool | None = None
    conditional: tuple[ConditionalPrice, ...] = ()


def read_offers(graph: Graph, product: Node, path: str, depth: int = 0) -> list[Offer]:
    """Return the offers under a product or an aggregate offer, in page order.

    An AggregateOffer without single offers is one offer with `price` and `high_price`.
    """
    offers: list[Offer] = []
    key = _offer_key(product)
    if key is None or depth > _DEEPEST:
        return offers
    several = isinstance(product[key], list)
    for index, item in enumerate(as_list(product[key])[:MAX_OFFERS]):
        node = graph.deref(item)
        if not isinstance(node, dict):
            continue
        where = f"{path}.{key}[{index}]" if several else f"{path}.{key}"
        own = _read_offer(graph, node, where)
        inner = read_offers(graph, node, where, depth + 1)
        if inner:
            offers += [_inherit(offer, own) for offer in inner]
        if not inner or not any(offer.price for offer in inner):
            offers.append(own)
    return offers[:MAX_OFFERS]


def _offer_key(node: Node) -> str | None:
    """Return the property that holds a node's offers."""
    for key in _OFFER_KEYS:
        if node.get(key):
            return key
    return None


def _inherit(offer: Offer, whole: Offer) -> Offer:
    """Give an offer what only its aggregate says."""
    return msgspec.structs.replace(
        offer,
        currency=offer.currency or whole.currency,
        availability=whole.availability if offer.availability == "unknown" else offer.availability,
        availability_raw=offer.availability_raw or whole.availability_raw,
        seller=offer.seller or whole.seller,
    )


def _read_offer(graph: Graph, node: Node, path: str) -> Offer:
    said = _facts(node)
    prices = _read_prices(graph, node)
    raw = said.get("availability_raw") or text_of(node.get("Availability") or node.get("avalability"))
    if raw:
        said["availability_raw"], said["availability"] = raw, read_term(raw)
    elif prices.price is not None:
        said["offered"] = _offered(node)
    if "priceSpecification" in node:
        said["list_price"], said["list_price_type"] = prices.list_price, prices.list_price_type
        said["conditional"], said["vat_included"] = prices.conditional, prices.vat_included
    if "highPrice" in node:
        said["high_price"] = machine_amount(node["highPrice"], prices.currency) or None
    if "offeredBy" in node and not said.get("seller"):
        said["seller"] = text_of(node["offeredBy"])
    if "itemOffered" in node:
        _add_item(said, graph.nodes_of(node, "itemOffered"))
    return Offer(path=path, price=prices.price, currency=prices.currency, **said)


def _facts(node: Node) -> dict[str, Any]:
    """Return what an offer says that is no price, as fields of Offer."""
    facts: dict[str, Any] = {}
    for key, value in node.items():
        fact = _FACTS.get(key)
        if fact is not None:
            facts[fact[0]] = fact[1](value)
    gtins = read_gtins(node)
    if gtins:
        facts["gtin"] = gtins
    return facts


def _add_item(facts: dict[str, Any], items: list[Node]) -> None:
    """Add what only the item says that is offered."""
    for item in items[:1]:
        for key in ("sku", "mpn", "name"):
            facts[key] = facts.get(key) or text_of(item.get(key))
        facts["gtin"] = facts.get("gtin") or read_gtins(item)


def _offered(node: Node) -> str | None:
    """Return the property that says that a priced offer stands: how many sellers offer it, or where it is to be had.

    Price comparisons count live offers, classified ads name the place; neither names an availability.
    """
    if _quantity(node.get("offerCount")) and "AggregateOffer" in types_of(node):
        return "offerCount"
    return "availableAtOrFrom" if node.get("availableAtOrFrom") else None


def _read_prices(graph: Graph, node: Node) -> _Prices:
    """Return the price anyone pays, the reference price and conditional prices of one offer."""
    prices = _Prices(currency=_currency(node))
    if "priceSpecification" in node:
        _read_specifications(prices, list(_specifications(graph, node)))
    for key in _PRICE_KEYS:
        own = read_price(node.get(key), prices.currency)
        if own is not None:
            prices.price = own
            break
    if prices.currency is None:
        prices.currency = _currency_in_price(text_of(node.get("price")))
    return prices


def _read_specifications(prices: _Prices, specifications: list[Node]) -> None:
    if prices.currency is None:
        prices.currency = next((code for spec in specifications if (code := _currency(spec))), None)
    for spec in specifications:
        _read_specification(prices, spec)


def _read_specification(prices: _Prices, spec: Node) -> None:
    amount = read_price(spec.get("price"), prices.currency) or read_price(
        spec.get("minPrice"), prices.currency
    )
    if amount is None or not _NOT_THE_PRICE.isdisjoint(types_of(spec)):
        return
    kind = (text_of(spec.get("priceType")) or "").rstrip("/").rpartition("/")[2].lower()
    if kind in _LIST_TYPES:
        prices.list_price, prices.list_price_type = amount, _LIST_TYPES[kind]
    elif spec.get("validForMemberTier") or spec.get("membershipPointsEarned"):
        prices.conditional += (ConditionalPrice(kind="member", price=amount),)
    elif spec.get("billingDuration") or spec.get("billingIncrement"):
        prices.conditional += (ConditionalPrice(kind="subscription", price=amount),)
    elif not _per_unit(spec):
        with_vat = _truth(spec.get("valueAddedTaxIncluded"))
        if prices.price is None or (with_vat and prices.vat_included is False):
            prices.price, prices.vat_included = amount, with_vat


def _specifications(graph: Graph, node: Node) -> Iterator[Node]:
    for spec in graph.nodes_of(node, "priceSpecification"):
        yield spec
        yield from graph.nodes_of(spec, "priceComponent")


def _per_unit(spec: Node) -> bool:
    """Whether the amount is a price per kilogram, metre or 100 ml."""
    reference = spec.get("referenceQuantity")
    return (
        isinstance(reference, dict)
        and "UnitPriceSpecification" in types_of(spec)
        and not spec.get("priceType")
    )


def read_price(value: Json, currency: str | None) -> Decimal | None:
    """Return a positive amount of a markup value; `{}`, 0, text and lists of nothing are none."""
    if isinstance(value, list):
        return next((amount for item in value if (amount := read_price(item, currency))), None)
    if isinstance(value, dict):
        return read_price(value.get("@value", value.get("value", value.get("price"))), currency)
    return machine_amount(value, currency) or None


def _currency(node: Node) -> str | None:
    given = (
        text_of(node.get("priceCurrency"))
        or text_of(node.get("pricecurrency"))
        or text_of(node.get("currency"))
    )
    return read_currency(given) if given else None


def _currency_in_price(text: str | None) -> str | None:
    """Return the currency that stands beside the amount: "EUR 12.50"."""
    match = symbol_pattern().search(text) if text else None
    candidates = currencies_of(match.group()) if match else ()
    if text and not candidates:
        words = re.findall(r"\b[A-Z]{3}\b", text)
        return read_currency(words[0]) if words else None
    return candidates[0] if len(candidates) == 1 else None


def _truth(value: Json) -> bool | None:
    if isinstance(value, bool):
        return value
    word = (text_of(value) or "").rpartition("/")[2].lower()
    return {"true": True, "false": False}.get(word)


def _quantity(value: Json) -> int | None:
    """Return a stock count of an inventoryLevel: a number or a QuantitativeValue."""
    amount = machine_amount(value.get("value") if isinstance(value, dict) else value)
    return int(amount) if amount is not None and amount == amount.to_integral_value() else None


def read_gtins(node: Node) -> tuple[Gtin, ...]:
    """Return the valid trade item numbers of a node, each once."""
    keys = _GTIN_KEYS.intersection(node)
    if not keys:
        return ()
    found: list[Gtin] = []
    for key in sorted(keys, key=_GTIN_ORDER.index):
        for item in as_list(node[key]):
            gtin = read_gtin(text_of(item) or "")
            if gtin is not None and gtin not in found:
                found.append(gtin)
    return tuple(found)


def read_date(text: str | None) -> date | None:
    """Return the day of an ISO 8601 date or time."""
    match = _DATE.match(text) if text else None
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


_FACTS: Final[dict[str, tuple[str, Callable[[Json], object]]]] = {
    "@id": ("id", text_of),
    "sku": ("sku", text_of),
    "mpn": ("mpn", text_of),
    "name": ("name", text_of),
    "url": ("url", text_of),
    "seller": ("seller", text_of),
    "availability": ("availability_raw", text_of),
    "itemCondition": ("condition", lambda value: read_condition(text_of(value) or "")),
    "priceValidUntil": ("valid_until", lambda value: read_date(text_of(value))),
    "inventoryLevel": ("stock_quantity", _quantity),
}
"""Property of an offer to (field of Offer, its reader)."""
