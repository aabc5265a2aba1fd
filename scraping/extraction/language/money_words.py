"""What a text says of money: its numbers, currencies and tax, and whether the amount is a price at all."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Final

from reports.money import Separator, text_numbers
from scraping.extraction.language.currency import currencies_of, read_currency, symbol_pattern
from scraping.extraction.language.words import fold, phrases, words

LONGEST_LOWEST: Final = 96
"""Characters of a text that tells the lowest price of 30 days, at the most; other amounts take fewer."""
_DIGIT: Final = re.compile(r"\d")
_BESIDE_NUMBERS: Final = re.compile(r"[(#%\":-]|[^\W\d_]")
"""What stands beside every number that is no money: a letter or a mark."""
_PLAIN: Final = re.compile(
    r"([€$£]?)\s?([0-9]{1,6})(?:[.,]([0-9]{2}))?\s?(€|\$|£|EUR|USD|GBP|CHF|PLN|CZK|)\Z"
)
"""An amount with at most a sign or code, as most are written: read for a tenth of what other texts cost."""
_CODE: Final = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
_TIGHT: Final = re.compile(
    r"(?:(?<=\d)|(?<=\s))(?::-|,-|p\.|р\.?)(?!\w)|(?<!\w)[RL](?=\.?\s?\d[\d.,\s]{2,}\Z)"  # noqa: RUF001
)
_IN_BRACKETS: Final = r"\(\d{1,6}\)"
_CODES: Final = r"(?-i:\b[A-Z]{4,}\d{1,4}\b(?![.,]\d))|#\d"
_SIZES: Final = r"(?<![\d.,])\d[\d.,]*\s*(?:%|\"|inch|(?:{units})\b)"
_TIMES: Final = r"\d{1,2}:\d{2}|\d{4}-\d{2}-\d{2}"
_MONTH: Final = r"\b30[\s-]{{0,2}}(?:{days})\w*"
_DASHES: Final = re.compile(r"(?<=\d[.,:])[-\u2013\u2014](?=\d)")
"""What stands for no cents, right in front of another amount: "1.499,-1.299,-"."""
_CENTS_BEHIND: Final = re.compile(r"(?<![€\d.,])(?<!€\s)(\d[\d\s.]{0,9})€\s?(\d{2})(?![\d.,\s]*[\d€])")
"""Cents behind the sign: "599€99"."""
_SHARE: Final = re.compile(r"\d{1,2}(?:[.,]\d{1,2})?\s?%")


@lru_cache(maxsize=4096)
def money_numbers(text: str, decimal: Separator | None) -> tuple[Decimal, ...]:
    """Return the numbers in a text without those that are no money: 32%, 500 ml, 24 reviews."""
    plain = _PLAIN.match(text)
    if plain is not None:
        return (Decimal(f"{plain[2]}.{plain[3]}" if plain[3] else plain[2]),)
    if "€" in text[:-2]:
        text = _CENTS_BEHIND.sub(r"\1,\2", text)
    if "-" in text or "\u2013" in text:
        text = _DASHES.sub(r"\g<0> ", text)
    if _BESIDE_NUMBERS.search(text):
        text = _not_money().sub(" ", text)
    return tuple(text_numbers(text, decimal=decimal))


@lru_cache(maxsize=1)
def _not_money() -> re.Pattern[str]:
    """Return the pattern of numbers that are no money, with the units and the days of words.toml."""
    units, days = ("|".join(sorted(words(kind), key=len, reverse=True)) for kind in ("unit", "day_stem"))
    kinds = (_IN_BRACKETS, _CODES, _MONTH.format(days=days), _SIZES.replace("{units}", units), _TIMES)
    return re.compile("|".join(kinds), re.IGNORECASE)


@lru_cache(maxsize=4096)
def currencies_in(text: str) -> tuple[str, ...]:
    """Return what currencies a text with an amount may mean: by symbol, else by code."""
    plain = _PLAIN.match(text)
    if plain is not None and (plain[1] == "") != (plain[4] == ""):
        return currencies_of(plain[1] or plain[4])
    match = symbol_pattern().search(text)
    candidates = currencies_of(match.group()) if match else ()
    for code in _CODE.findall(text) if len(candidates) != 1 else ():
        currency = read_currency(code)
        if currency and (not candidates or currency in candidates):  # "$75.00 CAD"
            return (currency,)
    if candidates:
        return candidates
    tight = _TIGHT.search(text)
    return currencies_of(tight.group()) if tight else ()


@lru_cache(maxsize=4096)
def says_of_tax(text: str) -> bool | None:
    """Return whether a text says that tax is in the amount; None where it says neither or both."""
    folded = fold(_SHARE.sub(" ", text))
    included = phrases("vat_included").found_in(folded)
    excluded = any(
        not folded.startswith(starts_of("freight"), place + len(phrase))
        for place, phrase in phrases("vat_excluded").all_in(folded)
    )
    return included if included != excluded else None


@lru_cache(maxsize=4096)
def says_other(around: str) -> bool:
    """Return whether a folded text says that its amount is no product's price: shipping, a rate, a saving."""
    digit = _DIGIT.search(around)
    first = digit.start() if digit else 0
    harmless = [
        (place, place + len(phrase))
        for place, phrase in phrases("beside_price").all_in(around)
        if place > first
    ]
    return any(
        not any(start <= place < end for start, end in harmless)
        for place, _ in phrases("not_the_price").all_in(around)
    )


@lru_cache(maxsize=4)
def starts_of(kind: str) -> tuple[str, ...]:
    """Return the words of one kind, for `str.startswith`."""
    return tuple(words(kind))
