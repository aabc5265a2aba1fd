"""Availability: schema.org's terms in every spelling, and what shops say in words.

The words stand in availability.toml, by language and state; add a line there to teach a phrase.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Final

from reports.row import Availability, Condition
from scraping.extraction.language.words import Phrases, fold, words

FEW: Final = 9
"""Pieces left, at the most, that a shop counts out where few are left."""
LONGEST_TERM: Final = 200
"""Characters of a term with its vocabulary, at the most."""
_LETTERS: Final = re.compile(r"[^a-z]+")
_TERMS: Final[dict[str, Availability]] = {
    "instock": "in_stock",
    "available": "in_stock",
    "instockonline": "in_stock",
    "instoreandonline": "in_stock",
    "yes": "in_stock",
    "true": "in_stock",
    "limitedavailability": "limited",
    "limited": "limited",
    "lowstock": "limited",
    "limitedstock": "limited",
    "outofstock": "out_of_stock",
    "oos": "out_of_stock",
    "soldout": "out_of_stock",
    "unavailable": "out_of_stock",
    "notavailable": "out_of_stock",
    "notinstock": "out_of_stock",
    "nostock": "out_of_stock",
    "outstock": "out_of_stock",
    "preorder": "preorder",
    "presale": "preorder",
    "availablefororder": "backorder",
    "backorder": "backorder",
    "backordered": "backorder",
    "onbackorder": "backorder",
    "madetoorder": "made_to_order",
    "instoreonly": "in_store_only",
    "onlineonly": "online_only",
    "reserved": "reserved",
    "discontinued": "discontinued",
}
_PURCHASABLE: Final[dict[Availability, bool]] = {
    "in_stock": True,
    "limited": True,
    "online_only": True,
    "preorder": True,
    "backorder": True,
    "made_to_order": True,
    "out_of_stock": False,
    "discontinued": False,
    "in_store_only": False,
    "reserved": False,
}
_CONDITIONS: Final[dict[str, Condition]] = {
    "new": "new",
    "newcondition": "new",
    "used": "used",
    "usedcondition": "used",
    "preowned": "used",
    "secondhand": "used",
    "refurbished": "refurbished",
    "refurbishedcondition": "refurbished",
    "damaged": "damaged",
    "damagedcondition": "damaged",
}
_CONSENT: Final = frozenset({"in_stock", "limited", "online_only"})
_WORD: Final = re.compile(r"[\w']+")
_LEFT: Final = re.compile(
    r"(?:only|nur noch|noch|plus que|quedan|solo|tylko|just|ostalo|осталось)\s+(\d{1,4})\b"
    r"|(\d{1,5})\s+(?:in stock|available|left|auf lager|vorrätig|en stock|op voorraad|skladem|i lager|på lager|шт)",
    re.IGNORECASE,
)
"""A number of pieces beside words of stock."""
_NUMBER: Final = re.compile(r"\d+")
_STRENGTH: Final[tuple[Availability, ...]] = (
    "discontinued", "out_of_stock", "reserved", "in_store_only", "preorder", "backorder",
    "made_to_order", "limited", "online_only", "in_stock",
)  # fmt: skip
"""When one text holds phrases of several states: "not in stock" also says "in stock"."""


def read_term(text: str) -> Availability:
    """Return what a schema.org availability, an OpenGraph or a feed value says; `unknown` for other words.

    Reads "http://schema.org/InStock", "InStock", "in stock", "In_Stock", "oos".
    """
    return _TERMS.get(_term(text), "unknown") if len(text) <= LONGEST_TERM else "unknown"


@lru_cache(maxsize=1_024)
def _term(text: str) -> str:
    """Return the letters of a term, lower case, without its vocabulary."""
    return _LETTERS.sub("", text.strip().rstrip("/").rpartition("/")[2].lower())


@lru_cache(maxsize=8_192)
def read_phrase(text: str) -> tuple[Availability, str] | None:
    """Return (state, phrase) for a short visible text near the buy box, in any language of the table.

    The strongest state wins: "not in stock" also says "in stock". A word that denies, right before a phrase of
    consent, makes it a refusal.
    """
    table, states = _table()
    folded = fold(text)
    said: dict[Availability, str] = {}
    for place, phrase in table.all_in(folded):
        state = states[phrase]
        if state in _CONSENT and not words("negation").isdisjoint(_WORD.findall(folded[:place])[-2:]):
            state = "out_of_stock"
        said[state] = phrase
    return next(((state, said[state]) for state in _STRENGTH if state in said), None)


def read_quantity(text: str) -> int | None:
    """Return how many pieces a text says are left: in its words of stock, or beside them."""
    phrase = read_phrase(text)
    counted = _NUMBER.search(phrase[1]) if phrase is not None else None
    if counted is not None and phrase is not None and phrase[0] == "limited":
        return int(counted[0])
    count = _LEFT.search(text)
    return int(count[1] or count[2]) if count else None


def stock_phrases() -> Collection[str]:
    """Return the phrases that `read_phrase` knows."""
    return _table()[1].keys()


def read_condition(text: str) -> Condition:
    """Return what an itemCondition value says; `unknown` for other words."""
    return _CONDITIONS.get(_term(text), "unknown") if len(text) <= LONGEST_TERM else "unknown"


def is_purchasable(availability: Availability) -> bool | None:
    """Return Google Merchant Center's reading of a state: whether an order is taken."""
    return _PURCHASABLE.get(availability)


def _counted(phrases: Iterable[str]) -> Iterator[str]:
    """Yield phrases, one with a number as often as few pieces may be left: "only {n} left"."""
    for phrase in phrases:
        if "{n}" in phrase:
            yield from (phrase.replace("{n}", str(number)) for number in range(1, FEW + 1))
        else:
            yield phrase


@lru_cache(maxsize=1)
def _table() -> tuple[Phrases, dict[str, Availability]]:
    """Read the table: its phrases, and the strongest state that each of them says in some language."""
    raw = tomllib.loads(files(__package__).joinpath("availability.toml").read_text(encoding="utf-8"))
    states: dict[str, Availability] = {}
    for language, by_state in raw.items():
        unknown = by_state.keys() - set(_STRENGTH)
        if unknown:
            message = f"availability.toml [{language}]: {', '.join(unknown)} is no availability"
            raise ValueError(message)
        for state in reversed(_STRENGTH):
            for phrase in _counted(by_state.get(state, ())):
                known = states.get(fold(phrase))
                if known is None or _STRENGTH.index(state) < _STRENGTH.index(known):
                    states[fold(phrase)] = state
    return Phrases(states), states
