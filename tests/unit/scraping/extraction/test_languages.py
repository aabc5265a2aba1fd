"""Every phrase of stock of the table, on a page: beside the price it is read, on the far end of the page it is not."""

import tomllib
from datetime import UTC, datetime
from importlib.resources import files

import pytest

from scraping.extraction import extract
from scraping.page import Page

TABLE = tomllib.loads(files("scraping.extraction.language").joinpath("availability.toml").read_text("utf-8"))
REFUSED = {"out_of_stock", "discontinued"}
FILLER = "".join(f"<p>Line {number} tells of kettles.</p>" for number in range(150))


def stock_of(body: str) -> str:
    """Return the availability that a page with this body is read as."""
    page = Page(
        url="https://shop.example/p/kettle",
        final_url="https://shop.example/p/kettle",
        status=200,
        body=f"<html><title>Kettle</title><body><h1>Kettle</h1><p class=price>10 €</p>{body}".encode(),
        content_type="text/html; charset=utf-8",
        fetched_at=datetime(2026, 11, 21, tzinfo=UTC),
    )
    return extract(page).availability


@pytest.mark.parametrize("language", sorted(TABLE))
def test_the_phrases_of_a_language_are_read_beside_the_price(language: str) -> None:
    for phrase in TABLE[language]["in_stock"]:
        assert stock_of(f"<p class=stock>{phrase}</p>") == "in_stock", phrase
    for phrase in TABLE[language]["out_of_stock"]:
        assert stock_of(f"<p class=stock>{phrase}</p>") in REFUSED, phrase


@pytest.mark.parametrize("language", sorted(TABLE))
def test_the_phrases_of_a_language_are_not_read_far_from_the_price(language: str) -> None:
    for phrase in (TABLE[language]["in_stock"][0], TABLE[language]["out_of_stock"][0]):
        assert stock_of(f"{FILLER}<p>{phrase}</p>") == "unknown", phrase
