"""Every style of page says what the truth says, read here by the plainest means."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import lxml.html
import pytest

from console.demo.catalogue import PRODUCT_ANSWERS, Item, Style, catalogue
from console.demo.rules import SITE_RULES
from console.demo.styles import RENDERERS, render
from console.demo.styles.faults import STATUS, render_fault

BASE = "http://127.0.0.1:8099"
GRAPHS = ("jsonld", "jsonld_graph", "jsonld_aggregate")


def items(*styles: Style) -> Iterator[Item]:
    return (item for item in catalogue(1) if item.style in styles and item.answer in PRODUCT_ANSWERS)


def product_node(html: str) -> Any:
    """Return the Product of the page's script, wherever it stands."""
    script = lxml.html.fromstring(html).xpath('string(//script[@type="application/ld+json"])')
    data = json.loads(str(script), parse_float=Decimal)
    nodes = data if isinstance(data, list) else data.get("@graph", [data])
    [node] = [node for node in nodes if node["@type"] == "Product"]
    return node


def text_of(html: str, css: str) -> str:
    [element] = lxml.html.fromstring(html).cssselect(css)
    return str(element.text_content())


@pytest.mark.parametrize("style", GRAPHS)
def test_json_ld_holds_the_price_stock_and_code(style: Style) -> None:
    for item in items(style):
        node = product_node(render(item, BASE))
        offers = node["offers"]
        [offer] = offers if isinstance(offers, list) else [offers]
        assert Decimal(str(offer.get("price", offer.get("lowPrice")))) == item.offer.price
        assert offer["priceCurrency"] == item.market.currency
        assert ("OutOfStock" in offer["availability"]) == (item.offer.availability == "out_of_stock")
        assert (node["sku"], node["gtin13"]) == (item.sku, item.gtin)


def test_a_group_names_three_sizes_of_which_the_first_is_the_page_itself() -> None:
    for item in items("jsonld_group"):
        script = lxml.html.fromstring(render(item, BASE)).xpath(
            'string(//script[@type="application/ld+json"])'
        )
        variants = json.loads(str(script))["hasVariant"]
        assert [variant["size"] for variant in variants] == ["S", "M", "L"]
        assert variants[0]["url"] == BASE + item.path
        assert len({variant["gtin13"] for variant in variants}) == 3


def test_microdata_holds_the_price_in_content_and_the_stock_in_a_link() -> None:
    for item in items("microdata"):
        page = lxml.html.fromstring(render(item, BASE))
        assert Decimal(page.xpath('string(//*[@itemprop="price"]/@content)')) == item.offer.price
        assert page.xpath('normalize-space(//*[@itemprop="brand"])') == item.brand
        stock = page.xpath('string(//*[@itemprop="availability"]/@href)')
        assert stock.endswith("OutOfStock") == (item.offer.availability == "out_of_stock")


def test_opengraph_holds_the_price_and_no_trade_number() -> None:
    for item in items("opengraph"):
        html = render(item, BASE)
        page = lxml.html.fromstring(html)
        assert (
            Decimal(page.xpath('string(//*[@property="product:price:amount"]/@content)')) == item.offer.price
        )
        assert item.gtin not in html


def test_embedded_state_holds_the_price_as_a_text_or_as_whole_cents() -> None:
    for item in items("state"):
        script = lxml.html.fromstring(render(item, BASE)).xpath('string(//script[@type="application/json"])')
        data = json.loads(str(script))
        if "props" in data:
            price = Decimal(data["props"]["pageProps"]["product"]["price"]["amount"])
        else:
            price = Decimal(data["variants"][0]["price"]) / 100
        assert price == item.offer.price


def test_the_plain_pages_have_no_markup_for_machines() -> None:
    for item in items("dom"):
        assert not re.search(r"itemprop|ld\+json|og:|product:|application/json", render(item, BASE))


@pytest.mark.parametrize("field", sorted(SITE_RULES.fields))
def test_each_site_rule_finds_its_field_on_the_plain_pages_and_only_there(field: str) -> None:
    rule = {str(name): rule for name, rule in SITE_RULES.fields.items()}[field]
    assert rule.css is not None
    for item in items("dom", "state"):
        if field != "list_price" or item.offer.list_price is not None:
            assert text_of(render(item, BASE), rule.css)
    if field != "list_price":
        others = [style for style in RENDERERS if style not in ("dom", "state")]
        for item in items(*others):
            assert not lxml.html.fromstring(render(item, BASE)).cssselect(rule.css)


def test_a_reduced_price_is_struck_through_whatever_the_style() -> None:
    for item in items(*RENDERERS):
        struck = lxml.html.fromstring(render(item, BASE)).cssselect("del.price-was")
        assert len(struck) == (item.offer.list_price is not None)


def test_every_product_page_carries_the_traps_beside_the_price() -> None:
    for item in items(*RENDERERS):
        page = lxml.html.fromstring(render(item, BASE))
        assert len(page.cssselect(".others .card")) == 3
        assert page.cssselect("p.hint")


def test_pages_that_sell_nothing_show_no_offer() -> None:
    for item in catalogue(1):
        if item.answer in STATUS:
            html = render_fault(item)
            assert item.gtin not in html
            assert "itemprop" not in html
            assert "ld+json" not in html
