"""A run in numbers and a few names: what the message tells, the gates judge and the history keeps.

Made in one pass over the compared rows and bounded in size, however many rows there are: counts of
everything, names of the first or largest `KEPT`.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

import msgspec

from reports.feed_verdict import DISAPPROVED, Verdict, feed_verdict
from reports.reasons import reason
from reports.row import ROW_FIELDS, ChangeKind, Row

KEPT: Final = 20
"""Price changes and gone URLs that are kept by name."""
LISTED: Final = 50
"""Rows of every other kind of change that are kept by name."""
CURRENCIES: Final = 20
_LEADS_NOWHERE: Final = frozenset({"page_missing", "advertised_unavailable"})
_NAME_CHARS: Final = 200
_URL_CHARS: Final = 2_000
_PERCENT: Final = Decimal("0.1")

# What says something of a product; the rest of a row is about the visit or the comparison.
PRODUCT_FIELDS: Final[tuple[str, ...]] = tuple(
    name
    for name in ROW_FIELDS
    if name
    not in {
        "position",
        "url",
        "final_url",
        "fetched_at",
        "http_status",
        "elapsed_ms",
        "page_type",
        "failure",
        "failure_detail",
        "provenance",
        "warnings",
        "feed",
        "previous_price",
        "previous_availability",
        "changes",
        "lowest_price_30d",
        "real_discount_percent",
    }
)
_PLACES: Final = tuple((name, ROW_FIELDS.index(name)) for name in PRODUCT_FIELDS)


class Named(msgspec.Struct, frozen=True):
    """A row worth naming."""

    position: int
    url: str
    name: str | None = None
    note: str | None = None
    """Why a page fails; the availability of a product."""


class PriceChange(msgspec.Struct, frozen=True):
    """A price that is another one than in the previous run."""

    position: int
    url: str
    name: str | None
    old: Decimal
    new: Decimal
    currency: str | None
    percent: Decimal | None
    """Of the old price, signed, one decimal; None for an old price of 0."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One run. Shares are 0 to 1."""

    urls: int
    products: int
    coverage: float
    """Products, of all URLs."""
    failures: dict[str, int] = {}
    """Rows without a product by reason: the failure's word, or the page's type. With `products` all URLs."""
    page_types: dict[str, int] = {}
    availabilities: dict[str, int] = {}
    """Products by availability."""
    currencies: dict[str, int] = {}
    """Products by currency, the most frequent `CURRENCIES`."""
    fields: dict[str, float] = {}
    """Products with a value, of all products, by field."""
    changes: dict[ChangeKind, int] = {}
    compared_prices: int = 0
    """Products whose price was known in the previous run too."""
    gone: int = 0
    unchanged: int = 0
    """Products that the shop did not send again, because their page has not changed since it was read (304)."""
    warned: int = 0
    """Products whose sources disagree in something."""
    price_changes: tuple[PriceChange, ...] = ()
    """The largest by percent, `KEPT` at the most."""
    out_of_stock: tuple[Named, ...] = ()
    """Newly so; this and the next ones in the order of the URL list, `LISTED` at the most."""
    back_in_stock: tuple[Named, ...] = ()
    new: tuple[Named, ...] = ()
    newly_failing: tuple[Named, ...] = ()
    gone_urls: tuple[str, ...] = ()
    feed: dict[Verdict, int] = {}
    """URLs that a merchant feed named, by what the feed against the page came to."""
    feed_problems: tuple[Named, ...] = ()
    """Products that Google would disapprove; what is advertised and cannot be bought first. The note says why."""

    @property
    def disapproved(self) -> int:
        """How many products Google would disapprove for what their page says."""
        return sum(number for verdict, number in self.feed.items() if verdict in DISAPPROVED)

    @property
    def unchanged_share(self) -> float:
        """Products whose page had not changed, of all products."""
        return self.unchanged / self.products if self.products else 0.0

    def count(self, kind: ChangeKind) -> int:
        """Return how many rows changed in one way."""
        return self.changes.get(kind, 0)

    @property
    def price_changed(self) -> int:
        """How many prices rose or fell."""
        return self.count("price_up") + self.count("price_down")


class Summing:
    """Takes the rows of a run one by one, in URL-list order."""

    def __init__(self) -> None:
        self._urls = self._products = self._compared = self._unchanged = self._warned = 0
        self._failures: Counter[str] = Counter()
        self._page_types: Counter[str] = Counter()
        self._availabilities: Counter[str] = Counter()
        self._currencies: Counter[str] = Counter()
        self._filled = [0] * len(_PLACES)
        self._changes: Counter[ChangeKind] = Counter()
        self._largest: list[tuple[Decimal, int, PriceChange]] = []
        self._named: dict[ChangeKind, list[Named]] = {
            "out_of_stock": [],
            "back_in_stock": [],
            "new": [],
            "newly_failing": [],
        }
        self._feed: Counter[Verdict] = Counter()
        self._feed_problems: dict[bool, list[Named]] = {True: [], False: []}

    def add(self, row: Row) -> None:
        """Add one compared row."""
        self._urls += 1
        if row.page_type is not None:
            self._page_types[row.page_type] += 1
        if row.is_product:
            self._add_product(row)
        else:
            self._failures[reason(row)] += 1
        if row.feed is not None:
            self._add_feed(row)
        for kind in row.changes:
            self._changes[kind] += 1
            named = self._named.get(kind)
            if named is not None and len(named) < LISTED:
                named.append(_named(row))
            if kind in {"price_up", "price_down"}:
                self._add_price_change(row)

    def result(self, gone: int = 0, gone_urls: Iterable[str] = ()) -> Summary:
        """Return the summary. `gone_urls`, where they are at hand, may be the first few only."""
        products = self._products
        return Summary(
            urls=self._urls,
            products=products,
            coverage=products / self._urls if self._urls else 0.0,
            failures=dict(self._failures.most_common()),
            page_types=dict(self._page_types.most_common()),
            availabilities=dict(self._availabilities.most_common()),
            currencies=dict(self._currencies.most_common(CURRENCIES)),
            fields={
                name: filled / products if products else 0.0
                for (name, _), filled in zip(_PLACES, self._filled, strict=True)
            },
            changes=dict(self._changes),
            compared_prices=self._compared,
            gone=gone,
            unchanged=self._unchanged,
            warned=self._warned,
            price_changes=tuple(change for _, _, change in sorted(self._largest, reverse=True)),
            out_of_stock=tuple(self._named["out_of_stock"]),
            back_in_stock=tuple(self._named["back_in_stock"]),
            new=tuple(self._named["new"]),
            newly_failing=tuple(self._named["newly_failing"]),
            feed=dict(self._feed),
            feed_problems=(*self._feed_problems[True], *self._feed_problems[False])[:LISTED],
            gone_urls=tuple(url[:_URL_CHARS] for url, _ in zip(gone_urls, range(KEPT), strict=False)),
        )

    def _add_product(self, row: Row) -> None:
        self._products += 1
        self._availabilities[row.availability] += 1
        if row.currency is not None:
            self._currencies[row.currency] += 1
        if row.price is not None and row.previous_price is not None:
            self._compared += 1
        if row.http_status == 304:
            self._unchanged += 1
        if row.warnings:
            self._warned += 1
        values: Sequence[object] = msgspec.structs.astuple(row)
        for number, (_, place) in enumerate(_PLACES):
            value = values[place]
            if value is not None and value not in ((), "", "unknown"):
                self._filled[number] += 1

    def _add_feed(self, row: Row) -> None:
        found = feed_verdict(row)
        if found is None:
            return
        self._feed[found.verdict] += 1
        problems = self._feed_problems[found.verdict in _LEADS_NOWHERE]
        if found.disapproved and len(problems) < LISTED:
            problems.append(Named(row.position, row.url[:_URL_CHARS], _short(row.name), found.detail))

    def _add_price_change(self, row: Row) -> None:
        if row.price is None or row.previous_price is None:
            return
        old, new = row.previous_price, row.price
        percent = ((new - old) / old * 100).quantize(_PERCENT) if old else None
        change = PriceChange(
            row.position, row.url[:_URL_CHARS], _short(row.name), old, new, row.currency, percent
        )
        # Of equal changes the one that stands first in the URL list.
        entry = (abs(percent) if percent is not None else Decimal(-1), -row.position, change)
        if len(self._largest) < KEPT:
            heapq.heappush(self._largest, entry)
        else:
            heapq.heappushpop(self._largest, entry)


def summarise(rows: Iterable[Row], gone: int = 0, gone_urls: Iterable[str] = ()) -> Summary:
    """Return the summary of compared rows, in one pass."""
    summing = Summing()
    for row in rows:
        summing.add(row)
    return summing.result(gone, gone_urls)


def _named(row: Row) -> Named:
    note = row.availability if row.is_product else reason(row)
    return Named(row.position, row.url[:_URL_CHARS], _short(row.name), note)


def _short(name: str | None) -> str | None:
    return name if name is None or len(name) <= _NAME_CHARS else name[: _NAME_CHARS - 1] + "…"
