"""The decimal separator of a page's language: babel's knowledge as a table, since loading a locale takes 6 ms.

Source: Unicode CLDR, as babel gives it; a test holds the table to it.
"""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final

from babel import localedata

from reports.money import Separator

_TAG: Final = re.compile(
    r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?![a-z0-9])", re.IGNORECASE
)


@lru_cache(maxsize=256)
def decimal_separator(language: str) -> Separator | None:
    """Return the decimal separator of a language tag, "de-CH"; None of a language that nobody knows."""
    tag = _TAG.match(language)
    if tag is None or not localedata.exists(tag[1].lower()):
        return None
    name, separators = tag[1].lower(), _separators()
    places = (f"{name}_{(tag[3] or '').upper()}", f"{name}_{(tag[2] or '').title()}", name)
    return next((separators[place] for place in places if place in separators), ".")


@lru_cache(maxsize=1)
def _separators() -> dict[str, Separator]:
    table = tomllib.loads(files(__package__).joinpath("separators.toml").read_text(encoding="utf-8"))
    return {**dict.fromkeys(table["comma"], ","), **dict.fromkeys(table["point"], ".")}
