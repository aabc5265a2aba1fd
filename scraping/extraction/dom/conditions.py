"""For whom an amount is, where not for everyone: members, those with a coupon, a subscription or the shop's card."""

import re
from functools import lru_cache
from typing import Final

from scraping.extraction.dom.amounts import Shown
from scraping.extraction.language.words import phrases

_CLUB: Final = re.compile(r"\b(?:club|klub|member|medlem|mitglied)\w*|\w+(?:club|klub|klubb)\b")
"""What shops call the circle of those who pay less, in compounds of their own making."""
_CARD: Final = re.compile(
    r"\b(?:mit|with|avec|con|com|met|med|cu|z|s|c|с|со|по)\s(?:\w+\s){0,2}"  # noqa: RUF001
    r"(?:card|karte|carte|tarjeta|carta|cartão|kaart|kort|kartą|kartou|cardul|карт\w+)\b"
)
"""What shops call a price for those with their card, by whatever name: "with FreshCo Card"."""


def conditional_kind(shown: Shown) -> str | None:
    """Return for whom an amount is, where not for everyone."""
    return _kind_in(
        f"{shown.label} {shown.around}"
    )  # "쿠폰할인가29,900원": in its label, the word stands by itself


@lru_cache(maxsize=4096)
def _kind_in(said: str) -> str | None:
    for kind in ("coupon", "subscription", "card", "member"):
        if phrases(f"{kind}_label").found_in(said):
            return kind
    return "member" if _CLUB.search(said) or _CARD.search(said) else None
