"""The demo shop's catalogue: invented products, the style of each one's page, and its offer on day 1 and 2.

Everything follows from one seed, so that every start of the shop shows the same pages. Brands and models
are invented; the codes begin with 952, the prefix that GS1 keeps for demonstrations.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Final, Literal

from stdnum import ean

from reports.row import Availability

Day = Literal[1, 2]

Style = Literal[
    "jsonld",
    "jsonld_graph",
    "jsonld_aggregate",
    "jsonld_group",
    "microdata",
    "opengraph",
    "state",
    "dom",
]
"""How a product page says what it sells."""

Answer = Literal[
    "page",
    "moved",
    "slow",
    "rate_limited",
    "soft_404",
    "not_found",
    "error_500",
    "blocked",
    "forbidden",
    "consent",
    "js_shell",
    "listing",
    "robots",
    "pdf",
]
"""How the server answers: the first four end in a product page."""

PRODUCT_ANSWERS: Final = frozenset({"page", "moved", "slow", "rate_limited"})

PAGES: Final = 300
"""Pages in the sitemap, on either day."""

SWAPPED: Final = 6
"""Pages that leave the sitemap after day 1, and as many that join it on day 2."""

STYLE_COUNTS: Final[dict[Style, int]] = {
    "jsonld": 78,
    "jsonld_graph": 30,
    "jsonld_aggregate": 15,
    "jsonld_group": 21,
    "microdata": 41,
    "opengraph": 30,
    "state": 25,
    "dom": 30,
}

FAULT_COUNTS: Final[dict[Answer, int]] = {
    "soft_404": 8,
    "not_found": 8,
    "error_500": 2,
    "blocked": 3,
    "forbidden": 1,
    "consent": 2,
    "js_shell": 2,
    "listing": 2,
    "robots": 1,
    "pdf": 1,
}

UNAMBIGUOUS: Final = ("de", "uk", "fr", "pl", "ch")
"""Markets whose price text settles the currency; a bare $, kr or ¥ needs markup beside it."""

_BRANDS: Final = (
    "Nordglut",
    "Lumen & Oak",
    "Fjällbris",
    "Petit Atelier",
    "Kessel & Söhne",
    "Tannwald",
    "Velomira",
    "Quillon",
    "Ostrava Works",
    "Käthe Blum",
)
_KINDS: Final = (
    ("Kitchen", "Kettle", 39),
    ("Kitchen", "Espresso Grinder", 149),
    ("Kitchen", "Cast-Iron Pan", 69),
    ("Garden", "Hedge Trimmer", 119),
    ("Garden", "Rain Barrel", 89),
    ("Cycling", "Gravel Bike", 1890),
    ("Cycling", "Helmet", 79),
    ("Audio", "Headphones", 249),
    ("Audio", "Record Player", 399),
    ("Home", "Floor Lamp", 179),
    ("Home", "Oak Shelf", 229),
    ("Clothing", "Merino Jumper", 95),
    ("Clothing", "Rain Jacket", 139),
    ("Toys", "Wooden Railway", 49),
    ("Office", "Desk Chair", 459),
)
_SERIES: Final = ("Alva", "Borea", "Cirrus", "Dorn", "Elba", "Faro", "Gale", "Halm", "Iris", "Juno")
_RATES: Final = {
    "EUR": Decimal(1),
    "GBP": Decimal("0.86"),
    "USD": Decimal("1.1"),
    "PLN": Decimal("4.3"),
    "CHF": Decimal("0.95"),
    "SEK": Decimal("11.2"),
    "JPY": Decimal(160),
}


@dataclass(frozen=True)
class Market:
    """One country's shop: its language tag and currency."""

    code: str
    locale: str
    """As babel names it, `de_CH`."""
    currency: str


MARKETS: Final = {
    market.code: market
    for market in (
        Market("de", "de_DE", "EUR"),
        Market("uk", "en_GB", "GBP"),
        Market("us", "en_US", "USD"),
        Market("fr", "fr_FR", "EUR"),
        Market("pl", "pl_PL", "PLN"),
        Market("ch", "de_CH", "CHF"),
        Market("se", "sv_SE", "SEK"),
        Market("jp", "ja_JP", "JPY"),
    )
}


@dataclass(frozen=True)
class Offer:
    """What one product costs on one day."""

    price: Decimal
    list_price: Decimal | None
    availability: Availability


@dataclass(frozen=True)
class Item:
    """One page of the shop on one day."""

    number: int
    name: str
    brand: str
    sku: str
    gtin: str
    category: tuple[str, str]
    market: Market
    style: Style
    answer: Answer
    offer: Offer

    @property
    def path(self) -> str:
        """Path of the page, `/de/nordglut-kettle-alva-10/NG-10010`."""
        words = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in self.name)
        folder = "/members" if self.answer == "robots" else ""
        return f"/{self.market.code}{folder}/{'-'.join(words.lower().split())}/{self.sku}"


@cache
def catalogue(day: Day) -> tuple[Item, ...]:
    """Return the 300 pages of a day, in the order of the sitemap."""
    items = _all_items()
    if day == 1:
        return items[:PAGES]
    return tuple(_second_day(item) for item in items[SWAPPED:])


@cache
def _all_items() -> tuple[Item, ...]:
    """Return every page of both days as it is on day 1: first those that leave, last those that join."""
    dice = random.Random("a shop of 300 pages")
    kinds = list(_shuffled_plan(dice))
    plain: list[tuple[Style, Answer]] = [("jsonld", "page"), ("microdata", "page")]
    edge = plain * (SWAPPED // 2)
    return tuple(
        _item(number, style, answer, dice) for number, (style, answer) in enumerate([*edge, *kinds, *edge])
    )


def _shuffled_plan(dice: random.Random) -> Iterator[tuple[Style, Answer]]:
    """Yield style and answer of the pages that stay, mixed: a shop's kinds of page do not come sorted."""
    special: list[Answer] = ["slow", "rate_limited", "rate_limited", "moved", "moved"]
    counts = dict(STYLE_COUNTS)
    counts["jsonld"] -= len(special) + SWAPPED // 2
    counts["microdata"] -= SWAPPED // 2
    plan: list[tuple[Style, Answer]] = [
        (style, "page") for style, count in counts.items() for _ in range(count)
    ]
    plan += [("jsonld", answer) for answer in special]
    plan += [("jsonld", answer) for answer, count in FAULT_COUNTS.items() for _ in range(count)]
    dice.shuffle(plan)
    # One 429 slows the fleet down for the whole host, as it should: last, so that the demo need not wait for it.
    yield from sorted(plan, key=lambda kind: kind[1] == "rate_limited")


def _item(number: int, style: Style, answer: Answer, dice: random.Random) -> Item:
    brand = _BRANDS[number % len(_BRANDS)]
    category, kind, euros = _KINDS[dice.randrange(len(_KINDS))]
    codes = UNAMBIGUOUS if style in ("dom", "state") else tuple(MARKETS)
    market = MARKETS[dice.choice(codes)]
    initials = "".join(word[0] for word in brand.split() if word[0].isalpha())
    return Item(
        number=number,
        name=f"{brand} {kind} {_SERIES[dice.randrange(len(_SERIES))]} {10 + number}",
        brand=brand,
        sku=f"{initials.upper()}-{10_000 + number}",
        gtin=_gtin13(number),
        category=(category, f"{kind}s" if not kind.endswith("s") else kind),
        market=market,
        style=style,
        answer=answer,
        offer=_offer(euros, market.currency, style, dice),
    )


def _gtin13(number: int) -> str:
    digits = f"952{4_000_000 + number * 37:07d}{number % 90 + 10}"
    return digits + str(ean.calc_check_digit(digits))


def _offer(euros: int, currency: str, style: Style, dice: random.Random) -> Offer:
    price = _retail(Decimal(euros * dice.randint(80, 125)) / 100 * _RATES[currency], currency)
    reduced = dice.random() < 0.3 and style not in ("jsonld_aggregate", "jsonld_group")
    share = Decimal(100 + dice.choice((10, 15, 25, 40))) / 100
    stock: Availability = dice.choices(
        ("in_stock", "out_of_stock", "limited", "preorder", "backorder"), (76, 14, 5, 3, 2)
    )[0]
    if style in ("opengraph", "state", "dom") and stock != "out_of_stock":
        stock = "in_stock"  # these pages know no finer words
    return Offer(price, _retail(price * share, currency) if reduced else None, stock)


def _retail(amount: Decimal, currency: str) -> Decimal:
    """Return a price as shops write it: .99 or .90 at the end, whole yen and kronor."""
    whole = amount.to_integral_value()
    if currency == "JPY":
        return max(whole // 10 * 10, Decimal(10))
    if currency == "SEK":
        return whole + 9 - whole % 10
    return whole + (Decimal("0.99") if whole % 2 else Decimal("0.90"))


def _second_day(item: Item) -> Item:
    """Return the item as day 2 has it. Who changes is decided by the number, so that anyone can check it."""
    if item.answer != "page" or item.number >= PAGES:
        return item
    old = item.offer
    match item.number % 25:
        case 3:
            new = replace(
                old, price=_retail(old.price * Decimal("0.85"), item.market.currency), list_price=None
            )
        case 9:
            new = replace(
                old, price=_retail(old.price * Decimal("1.12"), item.market.currency), list_price=None
            )
        case 14 | 21 if old.availability != "out_of_stock":
            new = replace(old, availability="out_of_stock")
        case _ if old.availability == "out_of_stock" and item.number % 3 == 0:
            new = replace(old, availability="in_stock")
        case 17 if item.number > PAGES // 2:
            return replace(item, answer="not_found")
        case _:
            return item
    return replace(item, offer=new)
