"""What is true of every page of the demo shop: what a perfect report over it says, on day 1 and day 2."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from console.demo.catalogue import PRODUCT_ANSWERS, Answer, Day, Item, Style, catalogue
from reports.row import Availability, ChangeKind, PageType

_PAGE_TYPES: Final[dict[Answer, PageType]] = {
    "soft_404": "not_found",
    "blocked": "blocked",
    "consent": "consent",
    "js_shell": "js_required",
    "listing": "listing",
}
_FAILURES: Final[dict[Answer, str]] = {
    "not_found": "http_404",
    "error_500": "http_500",
    "forbidden": "http_403",
    "robots": "robots",
    "pdf": "not_html",
}
_NO_GTIN: Final[Style] = "opengraph"


@dataclass(frozen=True, kw_only=True)
class ExpectedPage:
    """The truth about one page. Of a page without a product everything below `failure` is None."""

    path: str
    style: Style
    answer: Answer
    page_type: PageType | None
    """None where there is no page, and so a `failure`."""
    failure: str | None
    name: str | None = None
    price: Decimal | None = None
    list_price: Decimal | None = None
    currency: str | None = None
    """ISO 4217."""
    availability: Availability | None = None
    sku: str | None = None
    gtin: str | None = None
    """GTIN-13 with its check digit; None where the page does not show it."""
    brand: str | None = None


def expected(day: Day) -> list[ExpectedPage]:
    """Return the truth about the 300 pages of a day, in the order of the sitemap."""
    return [_expected_page(item) for item in catalogue(day)]


def expected_changes() -> dict[str, tuple[ChangeKind, ...]]:
    """Return what a report of day 2 says has changed since day 1, by path; the unchanged are left out.

    A page that cannot be read any more is `newly_failing` if it had a product the day before. Pages that
    left the sitemap are not here: see `expected_gone`.
    """
    before = {page.path: page for page in expected(1)}
    found = {page.path: _changes(before.get(page.path), page) for page in expected(2)}
    return {path: kinds for path, kinds in found.items() if kinds}


def expected_gone() -> list[str]:
    """Return the paths that were in the sitemap on day 1 and are not on day 2."""
    after = {page.path for page in expected(2)}
    return [page.path for page in expected(1) if page.path not in after]


def _changes(old: ExpectedPage | None, new: ExpectedPage) -> tuple[ChangeKind, ...]:
    if old is None:
        return ("new",)
    if old.price is None:
        return ()
    if new.price is None:
        return ("newly_failing",)
    kinds: list[ChangeKind] = []
    if new.price != old.price:
        kinds.append("price_up" if new.price > old.price else "price_down")
    if (old.availability == "out_of_stock") != (new.availability == "out_of_stock"):
        kinds.append("out_of_stock" if new.availability == "out_of_stock" else "back_in_stock")
    return tuple(kinds)


def _expected_page(item: Item) -> ExpectedPage:
    if item.answer not in PRODUCT_ANSWERS:
        return ExpectedPage(
            path=item.path,
            style=item.style,
            answer=item.answer,
            page_type=_PAGE_TYPES.get(item.answer),
            failure=_FAILURES.get(item.answer),
        )
    return ExpectedPage(
        path=item.path,
        style=item.style,
        answer=item.answer,
        page_type="product",
        failure=None,
        name=item.name,
        price=item.offer.price,
        list_price=item.offer.list_price,
        currency=item.market.currency,
        availability=item.offer.availability,
        sku=item.sku,
        gtin=None if item.style == _NO_GTIN else item.gtin,
        brand=item.brand,
    )
