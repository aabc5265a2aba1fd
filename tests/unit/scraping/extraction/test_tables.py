"""The tables people extend: phrases of stock, words of shops, printed currencies."""

import tomllib
from importlib.resources import files

import pytest

from scraping.extraction.language.availability import is_purchasable, read_phrase, read_term
from scraping.extraction.language.currency import currencies_of, domain_currency, read_currency, settle
from scraping.extraction.language.words import Phrases, words


def test_phrases_of_stock_are_known_in_twenty_languages_and_more() -> None:
    table = tomllib.loads(
        files("scraping.extraction.language").joinpath("availability.toml").read_text("utf-8")
    )
    assert sum(1 for states in table.values() if {"in_stock", "out_of_stock"} <= states.keys()) >= 20


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("In stock", "in_stock"),
        ("Not in stock", "out_of_stock"),
        ("Derzeit nicht auf Lager", "out_of_stock"),
        ("Auf Lager, sofort lieferbar", "in_stock"),
        ("Rupture de stock", "out_of_stock"),
        ("Skladem > 5 ks", "in_stock"),
        ("нет в наличии", "out_of_stock"),
        ("在庫あり", "in_stock"),
        ("この商品は売り切れました", "out_of_stock"),
        ("일시품절", "out_of_stock"),
        ("غير متوفر", "out_of_stock"),
        ("Nur noch wenige verfügbar", "limited"),
        ("Pre-order now", "preorder"),
    ],
)
def test_a_stock_line_is_understood(text: str, state: str) -> None:
    found = read_phrase(text)
    assert found is not None
    assert found[0] == state


def test_a_phrase_inside_a_word_says_nothing() -> None:
    assert read_phrase("Mistock brand socks") is None


def test_a_word_that_is_no_term_stays_unknown() -> None:
    assert read_term("Soon-ish") == "unknown"
    assert is_purchasable("unknown") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [("eur", "EUR"), ("€", "EUR"), ("RUR", "RUB"), ("zł", "PLN"), ("$", None), ("kr", None), ("XQQ", None)],
)
def test_a_currency_is_named_only_where_one_is_meant(text: str, code: str | None) -> None:
    assert read_currency(text) == code


def test_an_ambiguous_symbol_is_settled_by_the_domain_then_by_the_definition() -> None:
    dollars = currencies_of("$")
    assert settle(dollars, "shop.ca", "USD") == ("CAD", "domain")
    assert settle(dollars, "shop.example", "USD") == ("USD", "config")
    assert settle(dollars, "shop.com", None) is None


def test_at_last_the_country_in_the_pages_language_settles_an_ambiguous_symbol() -> None:
    crowns, dollars = currencies_of("kr"), currencies_of("$")
    assert settle(crowns, "shop.com", None, "sv-SE") == ("SEK", "markup")
    assert settle(crowns, "shop.no", None, "sv-SE") == ("NOK", "domain")
    assert settle(dollars, "shop.com", None, "es-AR") == ("ARS", "markup")


@pytest.mark.parametrize("language", ["sv", "en-US", "fi-FI", "x-", "sv-SEX"])
def test_a_language_without_a_country_of_that_money_settles_no_symbol(language: str) -> None:
    assert settle(currencies_of("kr"), "shop.com", None, language) is None


def test_general_endings_name_no_country() -> None:
    assert [domain_currency(host) for host in ("a.co.uk", "a.se", "a.io", "a.com")] == [
        "GBP",
        "SEK",
        None,
        None,
    ]


def test_every_kind_of_words_has_some() -> None:
    for kind in (
        "home",
        "no_code",
        "buy",
        "sku_label",
        "gtin_label",
        "was_label",
        "not_found_title",
        "blocked_title",
    ):
        assert len(words(kind)) > 5


def test_the_longest_phrase_is_found_first() -> None:
    assert list(Phrases({"stock", "in stock"}).all_in("in stock now")) == [(0, "in stock"), (3, "stock")]
