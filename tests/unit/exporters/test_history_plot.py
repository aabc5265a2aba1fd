"""A timeline as a picture."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import resvg_py
from lxml import etree, html

from exporters.history.plot import page, svg
from exporters.history.png import png
from exporters.history.store import Observation

DAY = datetime(2026, 11, 1, 5, tzinfo=UTC)


def seen(ago: int, price: str | None, availability: str = "in_stock", name: str = "Kettle") -> Observation:
    amount = Decimal(price) if price else None
    return Observation(
        DAY - timedelta(days=ago),
        "acme",
        "r",
        "https://a.example/1",
        name,
        amount,
        None,
        "EUR",
        availability,
        None,
    )


def drawn(*items: Observation) -> etree._Element:
    return etree.fromstring(svg("4006381333931", items))


def names(picture: etree._Element) -> list[str]:
    return [str(etree.QName(element).localname) for element in picture.iter()]


def test_every_price_is_a_mark_and_the_line_is_one() -> None:
    found = names(drawn(seen(3, "20.00"), seen(2, None), seen(1, "18.00")))
    assert (found.count("circle"), found.count("path")) == (2, 1)


def test_days_without_stock_are_a_bar_and_said_to_be_so() -> None:
    always = svg("x", [seen(2, "20.00"), seen(1, "20.00")])
    gone = svg("x", [seen(2, "20.00"), seen(1, None, "out_of_stock")])
    assert gone.count("<rect") == always.count("<rect") + 1
    assert (always.count("out of stock<"), gone.count(">out of stock<")) == (0, 1)


def test_every_colour_is_explained() -> None:
    other = msgspec.structs.replace(seen(1, "19.00"), job="other")
    found = [text.text for text in drawn(seen(2, "20.00"), other).iter("{*}text")]
    assert found[-2:] == ["acme · EUR · https://a.example/1", "other · EUR · https://a.example/1"]


def test_a_png_is_drawn_with_a_font_of_its_own() -> None:
    made = png("x", [seen(2, "20.00"), seen(1, "18.00", name="Grüße")])
    assert made.startswith(b"\x89PNG")
    assert int.from_bytes(made[16:20]) == 1_920
    bare = re.sub("<text.*?</text>", "", svg("x", [seen(2, "20.00"), seen(1, "18.00")]))
    assert len(made) > len(resvg_py.svg_to_bytes(bare, zoom=2.0)) + 5_000


def test_one_day_and_none_are_pictures_too() -> None:
    assert "circle" in names(drawn(seen(0, "20.00")))
    assert "Nothing is known" in svg("x", [])
    assert "path" not in names(drawn(seen(0, None)))


def test_a_name_from_a_page_is_only_text() -> None:
    written = page("x", [seen(0, "20.00", name="<script>alert(1)</script>")])
    assert "<script>" not in written
    assert len(html.fromstring(written).findall(".//tr")) == 2


def test_a_dearer_day_stands_higher() -> None:
    picture = drawn(seen(2, "10.00"), seen(1, "30.00"))
    low, high = (float(element.get("cy", "0")) for element in picture.iter("{*}circle"))
    assert high < low
