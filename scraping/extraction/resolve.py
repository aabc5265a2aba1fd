"""Sources into one row: the strongest says, the others are heard, disagreement is a warning."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from jobs.definition import SiteRules
from reports.money import discount_percent
from reports.row import Gtin, Provenance, Variant
from scraping.extraction.document.document import Document
from scraping.extraction.dom.source import shows_no_list_price
from scraping.extraction.language.availability import is_purchasable
from scraping.extraction.language.currency import settle
from scraping.extraction.reading import Found, Offer, Reading
from scraping.extraction.refine import codes_in_place, refine_name

IN_CURRENCY: Final = frozenset({"list_price", "price_min", "price_max"})
COMPARED: Final = ("price", "currency", "availability", "list_price")
"""Fields whose disagreement a person should see; names and images differ on every page."""
_OF_LIST_PRICE: Final = ("list_price", "list_price_type")
IMPLAUSIBLE_DISCOUNT: Final = Decimal(90)


def resolve(
    document: Document, readings: Sequence[Reading], rules: SiteRules | None, *, variants: bool
) -> dict[str, Any]:
    """Return the row fields that the readings, strongest first, add up to, with or without the variants."""
    winners, warnings = _winners(readings)
    if rules is not None:
        _pass_over_rule(readings, winners, warnings)
    _leave_out_unshown(document, readings, winners)
    symbol = winners.pop("currency_symbol", None)
    fields: dict[str, Any] = {name: found.value for name, found in winners.items()}
    provenance = {name: found.provenance for name, found in winners.items()}
    if "name" in fields:
        _refine_name(fields, provenance, document)
    if "mpn" in fields and provenance["mpn"].source != "rule":
        _place_codes(fields, provenance, warnings, document)
    if "currency" in fields:
        fields["currency_source"] = "symbol" if provenance["currency"].source == "dom" else "markup"
    else:
        _settle_currency(fields, provenance, symbol, document, rules)
    if "list_price" in fields:
        _keep_list_price(fields, provenance, warnings)
    else:
        fields.pop("list_price_type", None)
    if "availability" in fields:
        fields["availability_raw"] = winners["availability"].raw
        fields["purchasable"] = is_purchasable(fields["availability"])
    if variants:
        fields["variants"] = _variants(readings, document)
    fields["provenance"] = provenance
    fields["warnings"] = tuple(dict.fromkeys(warnings))[:50] if warnings else ()
    return fields


def _winners(readings: Sequence[Reading]) -> tuple[dict[str, Found], list[str]]:
    """Return (the value that wins each field, warnings: the sources' own and where they disagree)."""
    winners: dict[str, Found] = {}
    warnings: list[str] = []
    for reading in readings:
        warnings += reading.warnings
        if not winners:
            winners.update(reading.found)
            continue
        for name, found in reading.found.items():
            known = winners.get(name)
            if known is None or (known.weak and not found.weak):
                if name not in IN_CURRENCY or _fits(reading, winners):
                    winners[name] = found
            elif name in COMPARED and known.value != found.value:
                said = f"{known.provenance.source} says {known.value}, {reading.source} says {found.value}"
                warnings.append(f"{name}: {said}")
    return winners, warnings


def _pass_over_rule(readings: Sequence[Reading], winners: dict[str, Found], warnings: list[str]) -> None:
    """Let a rule that reads no list price above the price give way to the next source, and say so."""
    if "price" not in winners or "list_price" not in winners:
        return
    price, usual = winners["price"].value, winners["list_price"]
    if usual.provenance.source != "rule" or not _is_below(usual.value, price):
        return
    warnings.append(f"list_price: rule says {usual.value}, which is not above the price {price}")
    _drop_list_price(winners)
    for other in readings:
        if other.source != "rule" and "list_price" in other.found and _fits(other, winners):
            for name in _OF_LIST_PRICE:
                if name in other.found:
                    winners[name] = other.found[name]
            return


def _leave_out_unshown(document: Document, readings: Sequence[Reading], winners: dict[str, Found]) -> None:
    """Leave out a list price that the page does not show, of markup that is weaker than the price's source."""
    if "price" not in winners or "list_price" not in winners:
        return
    price, usual = winners["price"], winners["list_price"]
    if usual.provenance.source in {price.provenance.source, "dom"}:
        return
    order = [reading.source for reading in readings]
    is_weaker = order.index(usual.provenance.source) > order.index(price.provenance.source)
    if is_weaker and isinstance(price.value, Decimal) and shows_no_list_price(document, price.value):
        _drop_list_price(winners)


def _drop_list_price(winners: dict[str, Found]) -> None:
    for name in _OF_LIST_PRICE:
        winners.pop(name, None)


def _is_below(usual: object, price: object) -> bool:
    return isinstance(usual, Decimal) and isinstance(price, Decimal) and usual <= price


def _fits(reading: Reading, winners: dict[str, Found]) -> bool:
    """Whether an amount of a weaker source may stand beside what stronger ones said.

    A list price or a range in another currency than the price is another amount altogether.
    """
    own = reading.found.get("currency")
    return own is None or "currency" not in winners or own.value == winners["currency"].value


def _refine_name(fields: dict[str, Any], provenance: dict[str, Provenance], document: Document) -> None:
    """Give the name as the heading shows it; a rule's word is left alone."""
    said = provenance["name"]
    if said.source in {"rule", "dom"}:
        return
    fields["name"], from_heading = refine_name(document, fields["name"], marketing=said.source == "opengraph")
    if from_heading:
        provenance["name"] = Provenance(said.source, f"{said.path}, as the h1 shows it")


def _place_codes(
    fields: dict[str, Any], provenance: dict[str, Provenance], warnings: list[str], document: Document
) -> None:
    """Give codes their right fields."""
    sku, mpn, warning = codes_in_place(document, fields.get("sku"), fields["mpn"])
    if mpn is None:
        fields.pop("mpn")
        moved = provenance.pop("mpn")
        if sku is not None and sku != fields.get("sku"):
            fields["sku"], provenance["sku"] = sku, moved
    if warning:
        warnings.append(warning)


def _settle_currency(
    fields: dict[str, Any],
    provenance: dict[str, Provenance],
    symbol: Found | None,
    document: Document,
    rules: SiteRules | None,
) -> None:
    """Name the currency that no source names: by the printed symbol, the domain, the definition, the language."""
    configured = rules.currency if rules else None
    if symbol is not None:
        candidates = symbol.value if isinstance(symbol.value, tuple) else ()
        settled = settle(
            tuple(str(code) for code in candidates),
            urlsplit(document.url).hostname or "",
            configured,
            document.language,
        )
        if settled is not None:
            fields["currency"], fields["currency_source"] = settled
            provenance["currency"] = symbol.provenance
    elif "price" in fields and configured is not None:
        fields["currency"], fields["currency_source"] = configured, "config"


def _keep_list_price(fields: dict[str, Any], provenance: dict[str, Provenance], warnings: list[str]) -> None:
    """Keep a list price only above the price, and compute the discount of the two."""
    price, usual = fields.get("price"), fields["list_price"]
    if price is None or usual <= price:
        for name in ("list_price", "list_price_type"):
            fields.pop(name, None)
            provenance.pop(name, None)
        return
    fields.setdefault("list_price_type", "unknown")
    fields["discount_amount"] = usual - price
    fields["discount_percent"] = discount_percent(price, usual)
    if fields["discount_percent"] >= IMPLAUSIBLE_DISCOUNT:
        warnings.append(f"implausible discount: {price} instead of {usual}")


def _variants(readings: Sequence[Reading], document: Document) -> tuple[Variant, ...]:
    """Return the offers of the source that tells most of them apart; one offer is no variant."""
    best = max([reading.offers for reading in readings], key=len, default=[])
    return tuple([_variant(offer, document) for offer in best]) if len(best) > 1 else ()


def _variant(offer: Offer, document: Document) -> Variant:
    gtin: tuple[Gtin, ...] = offer.gtin
    above = offer.list_price is not None and offer.price is not None and offer.list_price > offer.price
    return Variant(
        id=offer.id,
        sku=offer.sku,
        gtin=gtin,
        mpn=offer.mpn,
        attributes=dict(offer.attributes) or ({"name": offer.name} if offer.name else {}),
        price=offer.price,
        list_price=offer.list_price if above else None,
        currency=offer.currency,
        availability=offer.availability,
        seller=offer.seller,
        condition=offer.condition,
        url=document.absolute(offer.url) if offer.url else None,
    )
