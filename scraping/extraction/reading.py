"""What a source says of a page: the narrow contract between sources and the resolver.

A source is a function `(Document, Context) -> Reading`. It returns typed values with the way to each, decides
nothing about other sources and never guesses.
"""

from datetime import date
from decimal import Decimal

import msgspec

from jobs.definition import SiteRules
from reports.row import (
    Availability,
    Condition,
    ConditionalPrice,
    Gtin,
    ListPriceType,
    PageType,
    Provenance,
    Source,
)

Value = str | int | bool | Decimal | date | tuple[str, ...] | tuple[Gtin, ...] | tuple[ConditionalPrice, ...]


class Found(msgspec.Struct, frozen=True, gc=False):
    """One value of one field, and where it stood."""

    value: Value
    provenance: Provenance
    raw: str | None = None
    """The page's own word, where the value is our reading of it."""
    weak: bool = False
    """Whether any other source's value is to be preferred: a variant's code for the product's."""


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One way to buy: a variant, a seller, a size. Amounts in `currency`."""

    path: str
    id: str | None = None
    sku: str | None = None
    gtin: tuple[Gtin, ...] = ()
    mpn: str | None = None
    name: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    price: Decimal | None = None
    high_price: Decimal | None = None
    list_price: Decimal | None = None
    list_price_type: ListPriceType | None = None
    conditional: tuple[ConditionalPrice, ...] = ()
    currency: str | None = None
    vat_included: bool | None = None
    valid_until: date | None = None
    availability: Availability = "unknown"
    availability_raw: str | None = None
    offered: str | None = None
    """The property that says that it can be had now, where no availability is named."""
    stock_quantity: int | None = None
    condition: Condition = "unknown"
    seller: str | None = None
    url: str | None = None
    default: bool = False
    """Whether the page itself shows this one first."""
    image: str | None = None


class Reading(msgspec.Struct):
    """All that one source says."""

    source: Source
    found: dict[str, Found] = {}
    offers: list[Offer] = []
    headline: Offer | None = None
    """The offer whose price and availability `found` holds."""
    absent: frozenset[str] = frozenset()
    """Fields that the page is proven not to show: sources yet to be asked are not asked for them."""
    warnings: list[str] = []
    takes_orders: bool = False
    """Whether the visible page has a stock line or a button to buy, not only a word of stock somewhere."""
    page_type: PageType | None = None
    """What the source takes the page for; None when it does not say."""

    def say(
        self, name: str, value: Value | None, path: str, raw: str | None = None, *, weak: bool = False
    ) -> None:
        """Keep a value unless it is empty or the field has one already; a firm value replaces a weak one."""
        if value is None or (not value and value in ("", ())):
            return
        known = self.found.get(name)
        if known is None or (known.weak and not weak):
            self.found[name] = Found(value, Provenance(self.source, path), raw, weak)


class Context(msgspec.Struct):
    """What is known when a source is asked."""

    rules: SiteRules | None = None
    wanted: frozenset[str] = frozenset()
    """Fields that are asked for and not yet found."""
    found: dict[str, Found] = {}
    """What stronger sources said."""

    def wants(self, *names: str) -> bool:
        """Whether any of the fields is still open."""
        return not self.wanted.isdisjoint(names)

    def amount(self, name: str) -> Decimal | None:
        """Return a known amount."""
        known = self.found.get(name)
        return known.value if known is not None and isinstance(known.value, Decimal) else None

    def text(self, name: str) -> str | None:
        """Return a known text."""
        known = self.found.get(name)
        return known.value if known is not None and isinstance(known.value, str) else None
