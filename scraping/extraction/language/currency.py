"""Currencies: ISO 4217 codes and the symbols shops print.

A symbol that several currencies share ($, kr, ¥) names no currency by itself: markup settles it, then the
domain's country, then the definition, then the country in the page's language.
"""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from babel.core import get_global
from babel.numbers import get_territory_currencies

_NOT_IN_TEXT: Final = frozenset({":-", ",-", "l", "р", "r"})  # noqa: RUF001 - a Cyrillic symbol
"""Symbols too common in running text to be looked for there."""
_ALIASES: Final = {
    "RUR": "RUB",
    "NIS": "ILS",
    "NTD": "TWD",
    "RMB": "CNY",
    "YTL": "TRY",
    "UKP": "GBP",
    "STG": "GBP",
}
"""What shops write for a code; RUR ended in 1998 and its successor is meant."""
_NO_COUNTRY: Final = frozenset(
    ["eu", "ac", "io", "me", "tv", "ai", "cc", "ly", "to", "gg", "fm", "la", "ws", "sh", "st", "co"]
)
"""Two-letter endings that say nothing of the shop's country."""
COUNTRY_LENGTH: Final = 2
_OTHER_COUNTRY: Final = {"uk": "GB", "su": "RU"}


@lru_cache(maxsize=1)
def symbols() -> dict[str, tuple[str, ...]]:
    """Return what may be printed for money, lower case, and the currencies it may stand for."""
    return {symbol: tuple(codes) for symbol, codes in _table()["symbols"].items()}


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath("currency.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def symbol_pattern() -> re.Pattern[str]:
    """Return the pattern of a printed currency in visible text.

    Words stand by themselves ("zł", not "złoty"; "Br", not the code "BR-17"); signs may touch a word: "Special
    Price€47.20".
    """
    longest_first = sorted(symbols().keys() - _NOT_IN_TEXT, key=len, reverse=True)
    words = [re.escape(symbol) for symbol in longest_first if symbol[0].isalpha()]
    signs = [re.escape(symbol) for symbol in longest_first if not symbol[0].isalpha()]
    return re.compile(
        rf"(?<![^\W\d_])(?<!\w-)(?:{'|'.join(words)})(?![^\W\d_]|\$|-\w)|(?<!\$)(?:{'|'.join(signs)})(?!\$)",
        re.IGNORECASE,
    )


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    """Return the codes of ISO 4217 and those it had: pages may be old, and a kuna is still a kuna."""
    return frozenset(get_global("all_currencies"))


@lru_cache(maxsize=4096)
def read_currency(text: str) -> str | None:
    """Return the one currency that a markup value names: a code in any case, or an unambiguous symbol."""
    word = text.strip()
    if word.upper() in _ALIASES:
        return _ALIASES[word.upper()]
    if len(word) == 3 and word.upper() in _codes() and word.isascii():
        return word.upper()
    candidates = currencies_of(word)
    return candidates[0] if len(candidates) == 1 else None


def currencies_of(symbol: str) -> tuple[str, ...]:
    """Return the currencies that a printed symbol or code may stand for."""
    word = " ".join(symbol.strip().lower().split())
    known = symbols().get(word)
    if known is not None:
        return known
    code = word.upper()
    return (code,) if code.isascii() and code in _codes() else ()


def domain_currency(host: str) -> str | None:
    """Return the currency of the country that a host name's ending stands for; None for .com and the like."""
    ending = host.rpartition(".")[2].lower()
    if len(ending) != 2 or ending in _NO_COUNTRY:
        return None
    return country_currency(_OTHER_COUNTRY.get(ending, ending.upper()))


@lru_cache(maxsize=512)
def country_currency(country: str) -> str | None:
    """Return the current tender of an ISO 3166 country code, or None."""
    try:
        codes = get_territory_currencies(country.upper())
    except (KeyError, ValueError):
        return None
    return str(codes[0]) if codes else None


@lru_cache(maxsize=256)
def language_currency(language: str) -> str | None:
    """Return the currency of the country in a language tag: "sv-SE", "es-AR"; or of a language's one country: "ja".

    None for other languages alone, and for English: templates come as "en-US" and stay so.
    """
    parts = language.replace("_", "-").split("-")
    country = next((part for part in parts[1:] if len(part) == COUNTRY_LENGTH), None)
    country = country or _table()["languages"].get(parts[0].lower())
    return country_currency(country) if country and parts[0].lower() != "en" else None


def settle(
    candidates: tuple[str, ...], host: str, configured: str | None, language: str | None = None
) -> tuple[str, str] | None:
    """Return (currency, how it was settled) of an ambiguous symbol: by domain, by the definition, by the language.

    `language` is the page's own, as its markup declares it.
    """
    if len(candidates) == 1:
        return candidates[0], "symbol"
    by_domain = domain_currency(host)
    if by_domain is not None and by_domain in candidates:
        return by_domain, "domain"
    if configured is not None:
        return configured, "config"
    by_language = language_currency(language) if language else None
    if by_language is not None and by_language in candidates:
        return by_language, "markup"
    return None
