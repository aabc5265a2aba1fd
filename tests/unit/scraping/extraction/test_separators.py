"""The table of decimal separators against babel's."""

import pytest
from babel import Locale, localedata
from babel.numbers import get_decimal_symbol

from scraping.extraction.language.separators import decimal_separator


def test_every_language_has_the_separator_that_babel_knows() -> None:
    known = {name: get_decimal_symbol(Locale.parse(name)) for name in localedata.locale_identifiers()}
    said = {name: decimal_separator(name.replace("_", "-")) for name in known}
    others = {name for name, symbol in known.items() if symbol not in {".", ","}}
    assert len(known) > 500
    assert {name: said[name] for name in known if said[name] != known[name] and name not in others} == {}


@pytest.mark.parametrize("language", ["", "xx", "english", "x-klingon", "1"])
def test_a_language_that_nobody_knows_has_none(language: str) -> None:
    assert decimal_separator(language) is None
