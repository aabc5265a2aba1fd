"""A product out of schema.org nodes: the node chosen by evidence, then each fact of it.

The first Product on a page is often an accessory. What speaks for a node: its URL or `@id` is the page's, its
sku or productID stands in the page's URL, its name is the page's title, it has offers, it stands by itself.
"""

from typing import Final

import msgspec

from reports.row import Source
from scraping.extraction.addresses import names, same_address
from scraping.extraction.document.document import Document
from scraping.extraction.document.spans import clean
from scraping.extraction.reading import Context, Offer, Reading
from scraping.extraction.structured.facts import say_facts
from scraping.extraction.structured.headline import choose_headline
from scraping.extraction.structured.nodes import Graph, Node, text_of, types_of
from scraping.extraction.structured.offers import read_gtins, read_offers

LEAST_OF_MANY: Final = 5
"""Evidence at most, from which one of many products is still not the page's own."""
MAX_VARIANTS: Final = 500
REVIEWED: Final = -7
"""What speaks against a product that a review is about: a magazine's page names it, and its offer too."""
LISTED: Final = -4
"""What speaks against a product that stands in a list, or is named as related to another."""
LISTING_AT: Final = 3
"""That many products with prices, none of which is the page's own, are a listing."""
LISTED_AT: Final = 2
"""The same, where all of them stand in a list."""
_OF_A_PRODUCT: Final = frozenset(
    {"sku", "gtin", "gtin13", "mpn", "productID", "brand", "manufacturer", "image", "hasVariant", "url"}
)
"""One of these at least is said of a product; a category that borrows the type has a name, stars and a price range."""
_VARIANT_KEYS: Final = ("hasVariant", "model")
_ORDERED_BY: Final = frozenset({"offers", "hasVariant", "price", "sku", "gtin", "gtin13", "mpn", "productID"})
"""What can be ordered has one of these."""
_OF_OFFER: Final = (
    ("price", "price", "price"),
    ("currency", "currency", "priceCurrency"),
    ("seller", "seller", "seller"),
    ("price_valid_until", "valid_until", "priceValidUntil"),
    ("vat_included", "vat_included", "priceSpecification"),
    ("stock_quantity", "stock_quantity", "inventoryLevel"),
    ("conditional_prices", "conditional", "priceSpecification"),
)
"""Fields of a row that an offer says, what they are called in `Offer`, and their properties."""
_CODES_OF_OFFER: Final = ("sku", "mpn", "gtin")


def read_product(document: Document, graph: Graph, source: Source, context: Context) -> Reading:
    """Return what the page's schema.org nodes say of its product; an empty reading where they say nothing."""
    reading = Reading(source)
    ranked = _rank(document, graph)
    if not ranked:
        return reading
    best, node, path = ranked[0]
    if best < 0 or (best <= LEAST_OF_MANY and _is_listing(ranked)):
        if _is_listing(ranked, LISTED_AT if best < 0 else LISTING_AT):
            reading.page_type = "listing"
        return reading
    group = [(node, path)]
    if len(ranked) > 1:
        group += [(other, where) for _, other, where in ranked[1:] if _same_product(node, other)]
    _say_group(document, reading, graph, group, context)
    if [one for one, _ in group if _is_sold(one)]:
        reading.page_type = "product"
    return reading


def _is_sold(node: Node) -> bool:
    """Whether a node is more than a name with stars: it has an offer, or a code to order by.

    A range of prices alone is what shops write on categories, for stars in search results.
    """
    borrowed = "aggregateRating" in node and "AggregateOffer" in types_of(node.get("offers"))
    if borrowed and _OF_A_PRODUCT.isdisjoint(node):
        return False
    return not _ORDERED_BY.isdisjoint(node)


def _rank(document: Document, graph: Graph) -> list[tuple[int, Node, str]]:
    """Return (evidence, node, path) of the page's products, best first.

    Of a single one that nothing speaks against no evidence is looked for: there is none to tell it from.
    """
    products = graph.products()
    if len(products) == 1 and _against(products[0][1], products[0][2]) == 0:
        return [(0, products[0][0], products[0][1])]
    title = clean(document.title).casefold() if products else ""
    ranked = [(_evidence(document, title, node, path, listed), node, path) for node, path, listed in products]
    ranked.sort(key=lambda item: -item[0])
    return ranked


def _against(path: str, listed: bool) -> int:
    """Return what a product's place in the markup says against its being the page's own."""
    return REVIEWED if ".itemReviewed" in path else LISTED if listed else 0


def _evidence(document: Document, title: str, node: Node, path: str, listed: bool) -> int:
    score = _against(path, listed)
    urls = [text for key in ("url", "@id", "mainEntityOfPage") if (text := text_of(node.get(key)))]
    if urls and any(
        same_address(document.absolute(url) or url, page) for url in urls for page in document.addresses
    ):
        score += 5
    codes = [
        text_of(node.get(key)) for key in ("sku", "productID", "mpn", "productGroupID", "gtin13", "gtin")
    ]
    if any(names(page, codes) for page in document.addresses):
        score += 3
    name = (text_of(node.get("name")) or "").casefold()
    if name and title and (name in title or title in name):
        score += 3
    if node.get("offers") or node.get("hasVariant"):
        score += 2
    return score


def _is_listing(ranked: list[tuple[int, Node, str]], least: int = LISTING_AT) -> bool:
    if len(ranked) < least:
        return False
    names_seen = {text_of(node.get("name")) for _, node, _ in ranked if node.get("offers")}
    return len(names_seen) >= least


def _same_product(one: Node, other: Node) -> bool:
    """Whether two nodes of the page describe one product: same code, name or address."""
    for key in ("sku", "productID", "gtin13", "mpn", "@id", "url", "name"):
        first, second = text_of(one.get(key)), text_of(other.get(key))
        if first and second and first.casefold() == second.casefold():
            return True
    return False


def _say_group(
    document: Document, reading: Reading, graph: Graph, group: list[tuple[Node, str]], context: Context
) -> None:
    """Add what the nodes of one product say: variants written as products of their own, or the same product twice."""
    several = len(group) > 1 and len({text_of(node.get("sku")) for node, _ in group} - {None}) > 1
    offers: list[Offer] = []
    for node, path in group:
        own = _all_offers(graph, node, path)
        if several:
            offers += [_of_variant(offer, node) for offer in own]
        elif not offers:
            offers = own
    headline = choose_headline(offers, document)
    if headline is not None and len(group) > 1:
        group.sort(key=lambda item: not headline.path.startswith(item[1]))
    for node, path in group:
        say_facts(document, reading, graph, node, path, context=context, weak_codes=several)
    reading.offers, reading.headline = offers[:MAX_VARIANTS], headline
    if headline is not None:
        _say_offer(reading, headline, offers)


def _all_offers(graph: Graph, node: Node, path: str) -> list[Offer]:
    """Return the product's own offers and those of its variants, each with its variant's codes."""
    offers = read_offers(graph, node, path)
    for key in _VARIANT_KEYS:
        if key not in node:
            continue
        for index, variant in enumerate(graph.nodes_of(node, key)[:MAX_VARIANTS]):
            for offer in read_offers(graph, variant, f"{path}.{key}[{index}]"):
                offers.append(_of_variant(offer, variant))
    if not offers and "price" in node:  # some write the offer's properties on the product itself
        offers = read_offers(graph, {"offers": node}, path)
        offers = [msgspec.structs.replace(offer, path=path) for offer in offers]
    return offers[:MAX_VARIANTS]


def _of_variant(offer: Offer, variant: Node) -> Offer:
    attributes = tuple(
        (key, text) for key in ("color", "size", "material", "pattern") if (text := text_of(variant.get(key)))
    )
    return msgspec.structs.replace(
        offer,
        id=text_of(variant.get("productID")) or text_of(variant.get("@id")) or offer.id,
        sku=text_of(variant.get("sku")) or offer.sku,
        gtin=read_gtins(variant) or offer.gtin,
        mpn=text_of(variant.get("mpn")) or offer.mpn,
        name=text_of(variant.get("name")) or offer.name,
        url=text_of(variant.get("url")) or offer.url,
        attributes=attributes,
    )


def _say_offer(reading: Reading, offer: Offer, offers: list[Offer]) -> None:
    """Say what the headline offer says, and the range over all."""
    path = offer.path
    for field, attribute, key in _OF_OFFER:
        if (value := getattr(offer, attribute)) is not None:
            reading.say(field, value, f"{path}.{key}")
    if offer.list_price is not None and (offer.price is None or offer.list_price > offer.price):
        reading.say("list_price", offer.list_price, f"{path}.priceSpecification")
        reading.say("list_price_type", offer.list_price_type or "unknown", f"{path}.priceSpecification")
    if offer.availability != "unknown":
        reading.say("availability", offer.availability, f"{path}.availability", raw=offer.availability_raw)
    elif offer.offered is not None:  # any word of stock, the visible page's included, is to be preferred
        reading.say("availability", "in_stock", f"{path}.{offer.offered}", raw=offer.offered, weak=True)
    if offer.condition != "unknown":
        reading.say("condition", offer.condition, f"{path}.itemCondition")
    several = len(offers) > 1
    for code in _CODES_OF_OFFER:
        if value := getattr(offer, code):
            reading.say(code, value, f"{path}.{code}", weak=several)
    if several or offer.high_price:
        prices = [amount for one in offers for amount in (one.price, one.high_price) if amount is not None]
        if prices:
            reading.say("price_min", min(prices), f"{path}.price")
            reading.say("price_max", max(prices), f"{path}.price")
