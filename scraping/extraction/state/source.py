"""State embedded in scripts: product objects in a shop's own JSON, found by evidence rather than by platform."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Final

from reports.codes import read_gtin
from reports.row import Availability
from scraping.extraction.document.document import Document
from scraping.extraction.document.lenient_json import Json
from scraping.extraction.language.availability import read_phrase, read_term
from scraping.extraction.language.words import fold
from scraping.extraction.reading import Context, Offer, Reading
from scraping.extraction.state import keys
from scraping.extraction.state.marks import Marks
from scraping.extraction.state.objects import ENOUGH, Sought, Thing, codes_of, names_of, tokens_of, walk
from scraping.extraction.state.platforms import platform_offers
from scraping.extraction.structured.facts import clean_brand, code_of
from scraping.extraction.structured.headline import choose_headline
from scraping.extraction.structured.nodes import Node, text_of

LEAST_CENTS: Final = 100


def read_state(document: Document, context: Context) -> Reading:
    """Return what the page's embedded JSON says of the product."""
    reading = Reading("state")
    price = context.amount("price")

    @cache  # most pages have no script that asks for it
    def marks() -> Marks:
        return Marks(
            names_of(document, context), codes_of(context), tokens_of(document), priced=price is not None
        )

    states = document.states(lambda script: marks().may_stand_in(script))
    platform = platform_offers(document, states)
    if not states and platform is None:
        return reading
    names = frozenset(map(fold, names_of(document, context)))
    page = Sought(names, tokens_of(document), codes_of(context), price)
    for name, value in states:
        walk(page, value, name, 0, 0)
    if platform is not None:
        _say_platform(reading, document, *platform)
    own = [one for one in sorted(page.things, key=lambda one: -one.evidence) if one.evidence >= ENOUGH]
    several = len({str(one.values["sku"]) for one in own if one.values.get("sku")}) > 1
    for thing in own:
        _say(reading, document, thing, page, several=several)
    if reading.found.get("price") is not None and (
        reading.found.get("sku") or reading.found.get("availability")
    ):
        reading.page_type = "product"
    _say_list_price(reading, page)
    return reading


def _shown_in_cents(document: Document, thing: Thing) -> bool:
    """Whether an integer price is hundredths: the page prints 69.95 and nowhere 6,995."""
    cents = thing.values.get("price")
    if not isinstance(cents, int) or isinstance(cents, bool) or cents < LEAST_CENTS or cents != thing.price:
        return False
    whole, rest = str(cents // 100), f"{cents % 100:02}"
    body = document.body
    if not any(_stands_in(body, f"{whole}{dot}{rest}".encode()) for dot in ".,"):
        return False
    thousands, hundreds = str(cents)[:-3], str(cents)[-3:]
    marks = (",", ".", " ", "&nbsp;", "\xa0") if thousands else ()
    return not any(_stands_in(body, f"{thousands}{mark}{hundreds}".encode()) for mark in marks)


def _stands_in(body: bytes, number: bytes) -> bool:
    """Whether a number stands in the page by itself, no digit beside it."""
    place = body.find(number)
    while place != -1:
        around = body[place - 1 : place] + body[place + len(number) : place + len(number) + 1]
        if not any(48 <= byte <= 57 for byte in around):
            return True
        place = body.find(number, place + 1)
    return False


def _say(reading: Reading, document: Document, thing: Thing, page: Sought, *, several: bool) -> None:
    """Add what an object of the page's product says."""
    values, path = thing.values, thing.path
    if thing.price is not None and (page.price is None or page.price == thing.price):
        if page.price is None and _shown_in_cents(document, thing):
            thing.price = thing.price / 100
            thing.list_price = thing.list_price / 100 if thing.list_price is not None else None
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
                reading.say(
                    # Weak: a shop's own JSON has many numbers, and what the page labels as the code is to be preferred.
                    field_name,
                    code_of(values[key]),
                    f"{path}.{key}",
                    weak=several or key in keys.WEAK_CODES or field_name == "sku",
                )
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


def _say_list_price(reading: Reading, page: Sought) -> None:
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


def _priced(page: Sought, price: Decimal) -> Iterator[Thing]:
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
