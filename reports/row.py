"""A row: what became of one URL. Every field of a report is defined here and nowhere else.

`None` means unknown; nothing is guessed. Amounts are Decimal in `currency`, never negative, written to JSON
as strings. Times are UTC and aware. The struct is flat, so that a row reads the same in memory, in the run
store, in rows.jsonl and in a column of the sheet.

Source: schema.org Product, Offer and UnitPriceSpecification; Google's product data specification
(availability, price, sale_price, gtin).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

import msgspec

PageType = Literal["product", "not_found", "blocked", "consent", "js_required", "listing", "other"]
Availability = Literal[
    "in_stock",
    "limited",
    "out_of_stock",
    "preorder",
    "backorder",
    "made_to_order",
    "in_store_only",
    "online_only",
    "reserved",
    "discontinued",
    "unknown",
]
Condition = Literal["new", "used", "refurbished", "damaged", "unknown"]
ListPriceType = Literal["strikethrough", "msrp", "lowest_30d", "unknown"]
CurrencySource = Literal["markup", "symbol", "domain", "config"]
Source = Literal["rule", "jsonld", "microdata", "opengraph", "state", "dom", "feed"]
ChangeKind = Literal["price_up", "price_down", "out_of_stock", "back_in_stock", "new", "newly_failing"]


class Gtin(msgspec.Struct, frozen=True, gc=False):
    """A trade item number whose check digit holds; in-store prefixes never get here."""

    type: Literal["gtin8", "gtin12", "gtin13", "gtin14"]
    value: str


class ConditionalPrice(msgspec.Struct, frozen=True, gc=False):
    """A price that not everyone pays."""

    kind: Literal["member", "coupon", "card", "subscription"]
    price: Decimal


class Provenance(msgspec.Struct, frozen=True, gc=False):
    """Where a value was read, so that a person can check the cell."""

    source: Source
    path: str


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One offer of the product: a size, a colour, a seller."""

    id: str | None = None
    sku: str | None = None
    gtin: tuple[Gtin, ...] = ()
    mpn: str | None = None
    attributes: dict[str, str] = {}
    price: Decimal | None = None
    list_price: Decimal | None = None
    currency: str | None = None
    availability: Availability = "unknown"
    seller: str | None = None
    condition: Condition = "unknown"
    url: str | None = None


class FeedClaim(msgspec.Struct, frozen=True, kw_only=True):
    """What a merchant feed says of the product, as the feed writes it."""

    id: str | None = None
    gtin: str | None = None
    price: str | None = None
    sale_price: str | None = None
    sale_price_effective_date: str | None = None
    """When the sale price holds, two ISO 8601 times and a slash; None: always."""
    availability: str | None = None


class ProductUrl(msgspec.Struct, frozen=True):
    """One URL to visit. `position` is its place in the URL list, from 0."""

    position: int
    url: str
    feed: FeedClaim | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One URL of one run: a product, or the reason there is none.

    Encoded, it leaves out what has its default, as most fields have: `every_field` is for who writes rows out.
    """

    position: int = 0

    # the visit
    url: str
    final_url: str | None = None
    canonical_url: str | None = None
    fetched_at: datetime | None = None
    http_status: int | None = None
    elapsed_ms: int | None = None
    page_type: PageType | None = None
    """What the page is; None when there is no page. Only `product` has an offer."""
    failure: str | None = None
    """Why there is no page: `timeout`, `dns`, `http_404`, … (reports.failure); None when there is one."""
    failure_detail: str | None = None

    # what it is
    name: str | None = None
    brand: str | None = None
    sku: str | None = None
    mpn: str | None = None
    product_id: str | None = None
    product_group_id: str | None = None
    gtin: tuple[Gtin, ...] = ()
    category: tuple[str, ...] = ()
    """Root first."""
    images: tuple[str, ...] = ()
    condition: Condition = "unknown"
    seller: str | None = None
    rating: Decimal | None = None
    rating_best: Decimal | None = None
    review_count: int | None = None

    # what it costs
    price: Decimal | None = None
    """What anyone pays now: sale applied, VAT included where both are shown."""
    price_min: Decimal | None = None
    price_max: Decimal | None = None
    list_price: Decimal | None = None
    list_price_type: ListPriceType | None = None
    discount_amount: Decimal | None = None
    discount_percent: Decimal | None = None
    page_discount_percent: Decimal | None = None
    conditional_prices: tuple[ConditionalPrice, ...] = ()
    currency: str | None = None
    currency_source: CurrencySource | None = None
    vat_included: bool | None = None
    price_valid_until: date | None = None

    # whether it can be had
    availability: Availability = "unknown"
    availability_raw: str | None = None
    purchasable: bool | None = None
    stock_quantity: int | None = None

    variants: tuple[Variant, ...] = ()
    provenance: dict[str, Provenance] = {}
    warnings: tuple[str, ...] = ()

    feed: FeedClaim | None = None

    # against the report's previous run; set by the comparison, not by the page
    previous_price: Decimal | None = None
    previous_availability: Availability | None = None
    changes: tuple[ChangeKind, ...] = ()

    # against the history; set when the report is written
    lowest_price_30d: Decimal | None = None
    """The lowest price of the 30 days before the run, in the same currency."""
    real_discount_percent: Decimal | None = None
    """By how much the price is below that, to 1 decimal; negative when it is above."""

    @property
    def is_product(self) -> bool:
        """Whether the page was read and sells one product."""
        return self.page_type == "product" and self.failure is None

    def every_field(self) -> dict[str, object]:
        """Return the fields by name, in their order, those with their default too."""
        return msgspec.structs.asdict(self)


ROW_FIELDS: tuple[str, ...] = Row.__struct_fields__
