"""State embedded in scripts: product objects in a shop's own JSON, found by evidence rather than by platform.

An object is the page's product when its name is the page's, its id stands in the page's URL or is a known code,
or its price is the known price inside such an object. Objects under `related`, `recommendations` and their kind are
never looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from reports.codes import read_gtin
from reports.money import machine_amount
from reports.row import Availability
from scraping.extraction import state_keys as keys
from scraping.extraction.addresses import address_key, query_values
from scraping.extraction.availability import read_phrase, read_term
from scraping.extraction.currency import read_currency
from scraping.extraction.document import Document
from scraping.extraction.headline import choose_headline
from scraping.extraction.lenient_json import Json
from scraping.extraction.nodes import Node, clean, text_of
from scraping.extraction.reading import Context, Offer, Reading
from scraping.extraction.schema_facts import clean_brand, code_of
from scraping.extraction.state_platforms import is_shopify, platform_offers
from scraping.extraction.words import fold

MAX_NODES: Final = 60_000
MAX_DEPTH: Final = 24
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
class _Page:
    """What identifies the page's product."""

    names: frozenset[str]
    tokens: frozenset[str]
    """Parts of the page's URLs that may be codes."""
    codes: frozenset[str]
    price: Decimal | None
    things: list[Thing] = field(default_factory=list)
    left: int = MAX_NODES


def read_state(document: Document, context: Context) -> Reading:
    """Return what the page's embedded JSON says of the product."""
    reading = Reading("state")
    page = _Page(_names(document, context), _tokens(document), _codes(context), context.amount("price"))
    for name, value in document.states:
        _walk(page, value, name, 0, 0)
    platform = platform_offers(document)
    if platform is not None:
        _say_platform(reading, document, *platform)
    own = [one for one in sorted(page.things, key=lambda one: -one.evidence) if one.evidence >= ENOUGH]
    several = len({str(one.values["sku"]) for one in own if one.values.get("sku")}) > 1
    for thing in own:
        _say(reading, thing, page, several=several)
    if reading.found.get("price") is not None and (reading.found.get("sku") or reading.found.get("availability")):
        reading.page_type = "product"
    _say_list_price(reading, page)
    return reading


def _walk(page: _Page, value: Json, path: str, inherited: int, depth: int) -> None:
    """Collect the product-like objects under a value, evidence passed down."""
    page.left -= 1
    if page.left < 0 or depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        passed = inherited if len(value) <= 60 else 0
        for index, item in enumerate(value[:300]):
            if isinstance(item, dict | list):
                _walk(page, item, f"{path}[{index}]", passed, depth + 1)
        return
    if not isinstance(value, dict) or is_shopify(value):
        return
    plain = {keys.plain(key): item for key, item in value.items()}
    evidence = _evidence(page, plain, inherited)
    thing = _thing(plain, path, evidence)
    if thing is not None:
        if page.price is not None and thing.price is not None:
            _compare(page.price, thing)
        page.things.append(thing)
    for key, item in value.items():
        if isinstance(item, dict | list) and item and not keys.OTHERS.search(key.lower()):
            _walk(page, item, f"{path}.{key}", evidence, depth + 1)


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


def _evidence(page: _Page, plain: dict[str, Json], inherited: int) -> int:
    """Return how much says that an object, or what it holds, is the page's product."""
    name = next((fold(clean(text)) for key in keys.NAME if isinstance(text := plain.get(key), str)), None)
    codes = {
        str(plain[key]).casefold() for key in (*keys.SKU, *keys.ID) if isinstance(plain.get(key), str | int)
    }
    score = 0
    if name and any(_same_name(name, known) for known in page.names):
        score += 3
    if any(len(code) >= 4 and code in page.tokens for code in codes):
        score += 3
    if any(len(code) >= 4 and code in page.codes for code in codes):
        score += 3
    if score == 0 and name and len(name) > 12 and inherited:
        return 0 if codes else inherited  # another product inside
    return max(score, inherited)


def _same_name(one: str, other: str) -> bool:
    return one == other or (
        len(one) >= 8 and len(other) >= 8 and (other.startswith(one) or one.startswith(other))
    )


def _names(document: Document, context: Context) -> frozenset[str]:
    given = [context.text("name"), *document.headings, *document.metas.get("og:title", [])[:1]]
    return frozenset(fold(text) for text in given if text and len(text) > 3)


def _tokens(document: Document) -> frozenset[str]:
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


def _codes(context: Context) -> frozenset[str]:
    given = (context.text("sku"), context.text("product_id"), context.text("mpn"))
    return frozenset(code.casefold() for code in given if code and len(code) >= 4)


def _thing(plain: dict[str, Json], path: str, evidence: int) -> Thing | None:
    """Return the object as a product-like thing, where it has a price or a code and a name."""
    currency = _currency(plain)
    price = next((amount for key in keys.PRICE if (amount := _amount(plain.get(key), currency))), None)
    list_key, list_price = next(
        ((key, amount) for key in keys.LIST_PRICE if (amount := _amount(plain.get(key), currency))),
        ("", None),
    )
    if price is None and not (
        evidence and any(key in plain for key in (*keys.SKU, *keys.BRAND, *keys.STOCK_FLAG))
    ):
        return None
    return Thing(path, plain, evidence, price, list_price, list_key, currency)


def _amount(value: Json, currency: str | None) -> Decimal | None:
    """Return an amount of a number, a string or an object such as {"value": 899, "currency": "RUB"}."""
    if isinstance(value, dict):
        plain = {keys.plain(key): item for key, item in value.items() if not isinstance(item, dict | list)}
        inner = next((amount for key in keys.AMOUNT if (amount := _amount(plain.get(key), currency))), None)
        return inner / 100 if inner is not None and "centamount" in plain else inner
    if isinstance(value, list):
        return _amount(value[0], currency) if len(value) == 1 else None
    amount = machine_amount(value, currency)
    return amount if amount else None


def _currency(plain: dict[str, Json]) -> str | None:
    for key in keys.CURRENCY:
        given = plain.get(key)
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


def _say(reading: Reading, thing: Thing, page: _Page, *, several: bool) -> None:
    """Add what an object of the page's product says."""
    values, path = thing.values, thing.path
    if thing.price is not None and (page.price is None or page.price == thing.price):
        reading.say("price", thing.price, f"{path}.price")
        reading.say("currency", thing.currency, f"{path}.currency")
    name = next(
        (text for key in keys.NAME if isinstance(values.get(key), str) and (text := text_of(values[key]))),
        None,
    )
    reading.say("name", name, f"{path}.name")
    brand = next((text for key in keys.BRAND if (text := text_of(values.get(key)))), None)
    reading.say("brand", clean_brand(brand) if brand else None, f"{path}.brand")
    for field_name, names in (("sku", keys.SKU), ("mpn", keys.MPN)):
        for key in names:
            if isinstance(values.get(key), str | int):
                reading.say(field_name, code_of(values[key]), f"{path}.{key}", weak=several or key in keys.WEAK_CODES)
    if isinstance(values.get("productid"), str | int):
        reading.say("product_id", code_of(values["productid"]), f"{path}.productId")
    for key in keys.GTIN:
        gtin = read_gtin(text_of(values.get(key)) or "")
        if gtin is not None:
            reading.say("gtin", (gtin,), f"{path}.{key}")
    _say_stock(reading, values, path)


def _say_stock(reading: Reading, values: dict[str, Json], path: str) -> None:
    state: Availability | None = None
    for key in keys.OUT_FLAG:
        if isinstance(values.get(key), bool) and values[key]:
            state = "out_of_stock"
    for key in keys.STOCK_FLAG:
        if state is None and isinstance(values.get(key), bool):
            state = "in_stock" if values[key] else "out_of_stock"
    for key in keys.STOCK_WORD:
        word = values.get(key)
        if state is None and isinstance(word, str) and word:
            term = read_term(word)
            phrase = read_phrase(word[:60]) if term == "unknown" else None
            state = term if term != "unknown" else (phrase[0] if phrase else None)
    if state is not None:
        reading.say("availability", state, path, raw=state)
    for key in keys.STOCK_COUNT[:1] + keys.STOCK_COUNT[3:4] + keys.STOCK_COUNT[5:9]:
        count = values.get(key)
        if isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 1_000_000:
            reading.say("stock_quantity", count, f"{path}.{key}")


def _say_list_price(reading: Reading, page: _Page) -> None:
    """Add the reference price of objects whose price is the price; two different ones are none."""
    known = reading.found.get("price")
    price = (
        page.price
        if page.price is not None
        else (known.value if known and isinstance(known.value, Decimal) else None)
    )
    if price is None:
        return
    beside = [one for one in _priced(page, price) if one.list_price is not None and one.list_price > price]
    amounts = {one.list_price for one in beside}
    plain = [
        one
        for one in _priced(page, price)
        if one.evidence > ENOUGH and one.list_price is None and one.list_key == ""
    ]
    if (
        len(amounts) == 1
        and beside[0].list_price is not None
        and not (plain and beside[0].evidence <= ENOUGH)
    ):
        reading.say("list_price", beside[0].list_price, f"{beside[0].path}.{beside[0].list_key}")
        kind = "msrp" if beside[0].list_key in keys.MSRP else "unknown"
        reading.say("list_price_type", kind, f"{beside[0].path}.{beside[0].list_key}")


def _priced(page: _Page, price: Decimal) -> Iterator[Thing]:
    return (one for one in page.things if one.price == price and one.evidence >= ENOUGH)


def _say_platform(
    reading: Reading, document: Document, path: str, offers: list[Offer], product: Node
) -> None:
    """Take a known platform's variants, and what its headline variant says."""
    reading.offers = offers
    headline = choose_headline(offers, document)
    reading.headline = headline
    if headline is None:
        return
    reading.say("price", headline.price, f"{headline.path}.price")
    reading.say("currency", headline.currency, "Shopify.currency")
    if headline.list_price and headline.price and headline.list_price > headline.price:
        reading.say("list_price", headline.list_price, f"{headline.path}.compare_at_price")
        reading.say("list_price_type", "unknown", f"{headline.path}.compare_at_price")
    if headline.availability != "unknown":
        reading.say("availability", headline.availability, headline.path, raw=headline.availability_raw)
    reading.say("sku", headline.sku, f"{headline.path}.sku")
    reading.say("gtin", headline.gtin, f"{headline.path}.barcode")
    reading.say("name", text_of(product.get("title")), f"{path}.title")
    vendor = text_of(product.get("vendor"))
    reading.say("brand", clean_brand(vendor) if vendor else None, f"{path}.vendor")
    prices = [offer.price for offer in offers if offer.price is not None]
    if len(prices) > 1:
        reading.say("price_min", min(prices), f"{path}.variants")
        reading.say("price_max", max(prices), f"{path}.variants")
