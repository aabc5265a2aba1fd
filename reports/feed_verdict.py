"""What a merchant feed claims of a product against what its page says, as Google's crawler would see it.

Google compares both and disapproves an item whose price, currency or availability is another one on the page,
or whose page is not there. An ad for a product that cannot be bought costs clicks besides. Unknown stays
unknown: a blocked page or an unreadable price is no mismatch.

Source: Google Merchant Center help, "Mismatched product price", "Mismatched product availability", "Landing
page not working"; product data specification, price, sale_price and availability.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal

import msgspec

from reports.money import machine_amount
from reports.row import Availability, FeedClaim, Row

Verdict = Literal[
    "agrees",
    "page_missing",
    "advertised_unavailable",
    "availability_differs",
    "currency_differs",
    "price_differs",
    "sale_not_on_page",
    "unknown",
]
DISAPPROVED: Final[frozenset[Verdict]] = frozenset(
    {
        "page_missing",
        "advertised_unavailable",
        "availability_differs",
        "currency_differs",
        "price_differs",
        "sale_not_on_page",
    }
)
"""Verdicts for which Google would disapprove the item. In an `advertised_unavailable` one, ads lead to nothing."""

Stock = Literal["in_stock", "out_of_stock", "preorder", "backorder"]

_STOCK_OF_PAGE: Final[dict[Availability, Stock]] = {
    "in_stock": "in_stock",
    "limited": "in_stock",
    "online_only": "in_stock",
    "preorder": "preorder",
    "backorder": "backorder",
    "made_to_order": "backorder",
    "out_of_stock": "out_of_stock",
    "discontinued": "out_of_stock",
    "in_store_only": "out_of_stock",
    "reserved": "out_of_stock",
}
_STOCK_OF_FEED: Final[dict[str, Stock]] = {
    "instock": "in_stock",
    "availablefororder": "in_stock",  # the specification's word before 2014, still met
    "outofstock": "out_of_stock",
    "preorder": "preorder",
    "backorder": "backorder",
}
_CURRENCY: Final = re.compile(r"\b[A-Z]{3}\b")
_GONE: Final = frozenset({"http_404", "http_410"})
_ADVERTISED: Final[frozenset[Stock]] = frozenset({"in_stock", "preorder", "backorder"})


class FeedVerdict(msgspec.Struct, frozen=True):
    """The verdict on one product and what it rests on, `19.99 EUR in the feed, 24.99 EUR on the page`."""

    verdict: Verdict
    detail: str = ""

    @property
    def disapproved(self) -> bool:
        """Whether Google would disapprove the item."""
        return self.verdict in DISAPPROVED


def feed_verdict(row: Row) -> FeedVerdict | None:
    """Return how the feed's claims and the page compare; None for a URL that no feed named.

    The worst comes first: a missing page, then something unavailable advertised, then other availability,
    currency, price.
    """
    claim = row.feed
    if claim is None or not _claims_anything(claim):
        return None
    if row.failure in _GONE or row.page_type == "not_found":
        return FeedVerdict("page_missing", f"the page is not there ({row.failure or 'says so itself'})")
    if not row.is_product:
        return FeedVerdict("unknown", f"the page gave no product ({row.failure or row.page_type})")
    found = [_availability(row, claim), _price(row, claim)]
    wrong = [verdict for verdict in found if verdict is not None and verdict.disapproved]
    if wrong:
        return wrong[0]
    if None in found:
        return FeedVerdict("unknown", "the feed or the page leaves price or availability open")
    return FeedVerdict("agrees")


def _claims_anything(claim: FeedClaim) -> bool:
    return bool(claim.price or claim.sale_price or claim.availability)


def _availability(row: Row, claim: FeedClaim) -> FeedVerdict | None:
    word = re.sub(r"[^a-z]", "", (claim.availability or "").lower())
    feed, page = _STOCK_OF_FEED.get(word), _STOCK_OF_PAGE.get(row.availability)
    if feed is None or page is None:
        return None
    if feed == page:
        return FeedVerdict("agrees")
    detail = f"{_worded(feed)} in the feed, {_worded(row.availability)} on the page"
    if feed in _ADVERTISED and page == "out_of_stock":
        return FeedVerdict("advertised_unavailable", detail)
    return FeedVerdict("availability_differs", detail)


def _price(row: Row, claim: FeedClaim) -> FeedVerdict | None:
    """Compare the page's price with the sale price where the feed has one for that time, else with the price."""
    on_sale = sale_holds(claim, row.fetched_at)
    regular, sale = _amount(claim.price), _amount(claim.sale_price) if on_sale else None
    expected = sale or regular
    if expected is None or row.price is None:
        return None
    amount, currency = expected
    told = f"{_told(amount, currency)} in the feed, {_told(row.price, row.currency)} on the page"
    if currency is not None and row.currency is not None and currency != row.currency:
        return FeedVerdict("currency_differs", told)
    if amount == row.price:
        return FeedVerdict("agrees")
    if sale is not None and regular is not None and regular[0] == row.price:
        return FeedVerdict("sale_not_on_page", told)
    return FeedVerdict("price_differs", told)


def sale_holds(claim: FeedClaim, at: datetime | None) -> bool:
    """Whether the feed's sale price holds at a time; an interval that nobody can read is none."""
    if claim.sale_price_effective_date is None or at is None:
        return True
    begin, _, end = claim.sale_price_effective_date.replace(" ", "").partition("/")
    try:
        return _time(begin) <= at <= _time(end)
    except ValueError:
        return True


def _time(text: str) -> datetime:
    """Read an ISO 8601 time; UTC where it names no zone."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _amount(text: str | None) -> tuple[Decimal, str | None] | None:
    """Return amount and currency of `19.99 EUR`, in either order; None where there is no amount."""
    if not text:
        return None
    code = _CURRENCY.search(text)
    number = text.replace(code.group(), "").strip() if code else text.strip()
    currency = code.group() if code else None
    amount = machine_amount(number, currency)
    return None if amount is None else (amount, currency)


def _told(amount: Decimal, currency: str | None) -> str:
    return f"{amount} {currency}" if currency else str(amount)


def _worded(word: str) -> str:
    return word.replace("_", " ")
