"""Objects in a shop's own JSON that may be the page's product, with the evidence for each.

An object is the page's product when its name is the page's, its id stands in the page's URL or is a known code,
or its price is the known price inside such an object. Objects under `related`, `recommendations` and their kind are
never looked at.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from reports.money import machine_amount
from scraping.extraction.addresses import address_key, query_values
from scraping.extraction.document.document import Document
from scraping.extraction.document.lenient_json import Json
from scraping.extraction.document.spans import clean
from scraping.extraction.language.currency import read_currency
from scraping.extraction.language.words import fold
from scraping.extraction.reading import Context
from scraping.extraction.state import keys
from scraping.extraction.state.marks import SHARED
from scraping.extraction.state.platforms import is_shopify
from scraping.extraction.structured.nodes import text_of

MAX_NODES: Final = 60_000
MAX_DEPTH: Final = 24
_NESTED: Final = (dict, list)
_WRITTEN: Final = (str, int)
ENOUGH: Final = 3
"""Evidence from which an object is the page's product."""


@dataclass(slots=True)
class Thing:
    """A JSON object that has facts of a product."""

    path: str
    values: dict[str, Json]
    """By plain key."""
    evidence: int
    price: Decimal | None = None
    list_price: Decimal | None = None
    list_key: str = ""
    currency: str | None = None


@dataclass(slots=True)
class Sought:
    """What identifies the page's product."""

    names: frozenset[str]
    tokens: frozenset[str]
    """Parts of the page's URLs that may be codes."""
    codes: frozenset[str]
    price: Decimal | None
    things: list[Thing] = field(default_factory=list)
    left: int = MAX_NODES
    beginnings: frozenset[str] = field(init=False)
    """What a name alike one of the names begins with."""

    def __post_init__(self) -> None:
        """Cut the beginnings of the names."""
        self.beginnings = frozenset(name[:SHARED] for name in self.names)


def walk(page: Sought, value: Json, path: str, inherited: int, depth: int) -> None:
    """Collect the product-like objects under a value, evidence passed down."""
    page.left -= 1
    if page.left < 0 or depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        passed = inherited if len(value) <= 60 else 0
        for index, item in enumerate(value[:300]):
            if isinstance(item, _NESTED):
                walk(page, item, f"{path}[{index}]", passed, depth + 1)
        return
    if not isinstance(value, dict) or is_shopify(value):
        return
    plain = {keys.plain(key): item for key, item in value.items()}
    evidence = inherited if keys.NAMING.isdisjoint(plain) else _evidence(page, plain, inherited)
    thing = _thing(plain, path, evidence)
    if thing is not None:
        if page.price is not None and thing.price is not None:
            _compare(page.price, thing)
        page.things.append(thing)
    for key, item in value.items():
        if isinstance(item, _NESTED) and item and not keys.is_of_others(key):
            walk(page, item, f"{path}.{key}", evidence, depth + 1)


def _compare(price: Decimal, thing: Thing) -> None:
    """Let the known price speak for or against an object; integer cents are made amounts."""
    if thing.price == price * 100 and isinstance(thing.values.get("price"), int):
        thing.price = price
        thing.list_price = thing.list_price / 100 if thing.list_price is not None else None
    if thing.price != price:
        thing.evidence -= 2
    elif {"finalprice", "oldprice"} <= thing.values.keys():
        thing.evidence += ENOUGH  # a price box, which a page has for its own product only
    else:
        thing.evidence += 1


def _evidence(page: Sought, plain: dict[str, Json], inherited: int) -> int:
    """Return how much says that an object with a name or a code, or what it holds, is the page's product."""
    name = next(
        (fold(clean(text[:300])) for key in keys.NAME if isinstance(text := plain.get(key), str)), None
    )
    codes = [
        str(code).casefold()
        for key in keys.CODES.intersection(plain)
        if isinstance(code := plain[key], _WRITTEN)
    ]
    long = [code for code in codes if len(code) >= 4]
    score = 0
    if name and name[:SHARED] in page.beginnings and any(_same_name(name, known) for known in page.names):
        score += 3
    if not page.tokens.isdisjoint(long):
        score += 3
    if not page.codes.isdisjoint(long):
        score += 3
    if score == 0 and name and len(name) > 12 and inherited:
        return 0 if codes else inherited  # another product inside
    return max(score, inherited)


def _same_name(one: str, other: str) -> bool:
    return one == other or (
        len(one) >= SHARED and len(other) >= SHARED and (other.startswith(one) or one.startswith(other))
    )


def names_of(document: Document, context: Context) -> frozenset[str]:
    """Return what the product is called, as written."""
    given = [context.text("name"), *document.headings, *document.metas.get("og:title", [])[:1]]
    return frozenset(text for text in given if text and len(text) > 3)


def tokens_of(document: Document) -> frozenset[str]:
    """Return the parts of the page's addresses that may be a product's code."""
    tokens: set[str] = set()
    for url in document.addresses:
        path = address_key(url).partition("/")[2]
        for part in path.replace("/", " ").replace(".", " ").replace("_", " ").split():
            tokens.add(part)
            tokens.update(piece for piece in part.split("-") if any(char.isdigit() for char in piece))
            tokens.update(piece.lstrip("ps") for piece in part.split("-") if piece[1:].isdigit())
        tokens.update(item.casefold() for item in query_values(url))
    return frozenset(token for token in tokens if len(token) >= 4)


def codes_of(context: Context) -> frozenset[str]:
    given = (context.text("sku"), context.text("product_id"), context.text("mpn"))
    return frozenset(code.casefold() for code in given if code and len(code) >= 4)


def _thing(plain: dict[str, Json], path: str, evidence: int) -> Thing | None:
    """Return the object as a product-like thing, where it has a price or a code and a name."""
    if keys.TELLING.isdisjoint(plain):
        return None
    currency = _currency(plain)
    price = _first_amount(plain, keys.PRICE, currency)[1]
    if price is None and not evidence:
        return None
    list_key, list_price = _first_amount(plain, keys.LIST_PRICE, currency)
    return Thing(path, plain, evidence, price, list_price, list_key, currency)


def _first_amount(
    plain: dict[str, Json], names: tuple[str, ...], currency: str | None
) -> tuple[str, Decimal | None]:
    """Return (key, amount) of the first of the keys that holds one."""
    for key in names:
        if key in plain:
            amount = _amount(plain[key], currency)
            if amount is not None:
                return key, amount
    return "", None


def _amount(value: Json, currency: str | None) -> Decimal | None:
    """Return an amount of a number, a string or an object such as {"value": 899, "currency": "RUB"}."""
    if isinstance(value, dict):
        plain: dict[str, Json] = {
            keys.plain(key): item for key, item in value.items() if not isinstance(item, dict | list)
        }
        inner = _first_amount(plain, keys.AMOUNT, currency)[1]
        return inner / 100 if inner is not None and "centamount" in plain else inner
    if isinstance(value, list):
        return _amount(value[0], currency) if len(value) == 1 else None
    amount = machine_amount(value, currency)
    return amount if amount else None


def _currency(plain: dict[str, Json]) -> str | None:
    for key in keys.CURRENCY:
        given = plain.get(key)
        if given is None:
            continue
        text = text_of(given) if not isinstance(given, dict) else None
        code = read_currency(text) if text and len(text) <= 4 else None
        if code:
            return code
    for key in keys.PRICE[:10]:
        inner = plain.get(key)
        if isinstance(inner, dict):
            code = _currency(
                {keys.plain(name): item for name, item in inner.items() if isinstance(item, str)}
            )
            if code:
                return code
    return None
