"""Amounts: from what machines wrote, and from what people read. Everything is Decimal.

Machine values go straight to Decimal, because "3.350" in markup is 3.35 and in visible text 3350. Only
what no machine would have written ("1.299,00 EUR") is read like text.
"""

import math
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, Literal

from babel.numbers import get_currency_precision
from price_parser.parser import parse_number

LARGEST: Final = Decimal(10) ** 12
_NOTHING: Final = Decimal(0)
_PLAIN: Final = re.compile(r"\d{1,15}(?:\.\d{1,20})?\Z|\.\d{1,20}\Z")
_NUMBER: Final = re.compile(
    r"\d{1,2}(?:,\d{2})+,\d{3}(?!\d)(?:\.\d{1,2}(?!\d))?"  # 6,35,000: Indian grouping
    r"|\d{1,3}(?:[.,'\u2019\s\u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?"
    r"|\d{1,15}(?:[.,]\d{1,4}(?!\d))?"
    r"|[.,]\d{2}(?!\d)"
)
_SPACES: Final = re.compile(r"[\s\u00a0\u202f\u2009]+")
_LONGEST: Final = 64  # characters of a text that is one amount
_FLOAT_NOISE: Final = 4  # more decimals than this come from binary floats: 19.989999771118164

Separator = Literal[".", ","]


def machine_amount(value: object, currency: str | None = None) -> Decimal | None:
    """Return a markup value as an amount, or None where it is none.

    Takes the numbers and strings of JSON, attributes and feeds. Negative, NaN, boolean, empty and enormous
    values are no amounts. A string of another form than "1234.5" is read by `text_amount`.
    """
    if isinstance(value, str):
        return _written_amount(value.strip(), currency) if len(value) <= _LONGEST else None
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return Decimal(value) if 0 <= value < LARGEST else None
    if isinstance(value, float):
        return _plain(repr(value)) if math.isfinite(value) and 0 <= value < LARGEST else None
    if isinstance(value, Decimal):
        return value if value.is_finite() and 0 <= value < LARGEST else None
    return None


def _written_amount(text: str, currency: str | None) -> Decimal | None:
    """Return a markup value that is text as an amount."""
    if not _PLAIN.match(text):
        return text_amount(text, currency=currency)
    if text[-4:-3] == "." and currency and digits_of(currency) == 0:
        return _plain(text.replace(".", ""))  # 3.340 CLP: a currency without cents has no use for decimals
    return _plain(text)


def text_amount(
    text: str, *, decimal: Separator | None = None, currency: str | None = None
) -> Decimal | None:
    """Return the only amount in a visible text, or None where there is none or more than one.

    `decimal` is the separator of the page's locale, used where the text itself leaves it open.
    """
    numbers = text_numbers(text, decimal=decimal, currency=currency)
    return numbers[0] if len(numbers) == 1 else None


def text_numbers(
    text: str, *, decimal: Separator | None = None, currency: str | None = None
) -> list[Decimal]:
    """Return every amount in a visible text, in order; a number with a minus sign before it is none."""
    found = []
    for match in _NUMBER.finditer(text[: _LONGEST * 8]):
        before = text[max(0, match.start() - 1) : match.start()]
        if before in {"-", "\u2212"} and not text[max(0, match.start() - 2) : match.start() - 1].isalnum():
            continue
        amount = _number(match.group(), decimal, currency)
        if amount is not None:
            found.append(amount)
    return found


def _number(token: str, decimal: Separator | None, currency: str | None) -> Decimal | None:
    """Read one number token; a lone separator before three digits groups, as most currencies have cents."""
    token = _SPACES.sub("", token).replace("'", "").replace("\u2019", "")
    separators = [char for char in token if char in ".,"]
    if len(separators) == 1:
        whole, _, rest = token.partition(separators[0])
        if len(rest) == 3 and whole.strip("0"):
            if decimal == separators[0] and currency and digits_of(currency) == 3:
                return _plain(f"{whole}.{rest}")
            return _plain(whole + rest)
        return _plain(f"{whole or '0'}.{rest}")
    if not separators:
        return _plain(token)
    number = parse_number(token, decimal)
    return _plain(str(number)) if number is not None else None


def _plain(text: str) -> Decimal | None:
    """Make a Decimal of plain digits; noise of binary floats is rounded away."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    if not _NOTHING <= amount < LARGEST:
        return None
    if "." in text[: -_FLOAT_NOISE - 1] or "e" in text or "E" in text:
        exponent = amount.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > _FLOAT_NOISE:
            amount = round(amount, 2)
    return amount


@lru_cache(maxsize=512)
def digits_of(currency: str) -> int:
    """Return how many decimals amounts of the currency are written with (CLDR); 2 where it is not known."""
    return int(get_currency_precision(currency))


def most_digits(currencies: Iterable[str]) -> int:
    """Return the decimals in which a column of amounts in these currencies is shown; 2 where none is known."""
    return max(map(digits_of, currencies), default=2)


def usual_places(amount: Decimal, currency: str | None) -> Decimal:
    """Return an amount with the decimals that its currency is written with: 5059.0 EUR is 5059.00, 100.00 JPY is 100.

    One that has more of them keeps them: nothing is rounded. Two where the currency is not known.
    """
    places = digits_of(currency) if currency else 2
    if not amount.is_finite() or abs(amount) >= LARGEST:
        return amount
    if amount.as_tuple().exponent == -places:
        return amount
    usual = round(amount, places)
    return usual if usual == amount else amount.normalize()


def discount_percent(price: Decimal, list_price: Decimal) -> Decimal:
    """Return what is saved of `list_price`, in percent to one decimal."""
    return round((list_price - price) * 100 / list_price, 1)
