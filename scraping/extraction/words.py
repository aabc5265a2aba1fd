"""Words of shops, by what they stand for: the tables of words.toml."""

import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Final

_UNSPACED: Final = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
"""Thai, kana and Han: written without spaces, so that a phrase has no bounds to look for."""


@lru_cache(maxsize=16)
def words(kind: str) -> frozenset[str]:
    """Return the words of one kind, folded. Raises KeyError for a kind that words.toml does not have."""
    return frozenset(word.casefold() for word in _table()[kind])


@lru_cache(maxsize=1)
def _table() -> dict[str, list[str]]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=32)
def pattern(kind: str, *, start: bool = False, whole: bool = False) -> re.Pattern[str]:
    """Return a pattern of the words of one kind, longest first, for folded text.

    `start` asks for the word at the text's beginning, `whole` for nothing else beside it.
    """
    return any_of(words(kind), start=start, whole=whole)


def any_of(phrases: Iterable[str], *, start: bool = False, whole: bool = False) -> re.Pattern[str]:
    """Return a pattern of any of the phrases. Letters bound a phrase, but in scripts without spaces."""
    ordered = sorted({" ".join(phrase.split()) for phrase in phrases}, key=len, reverse=True)
    body = "|".join(f"{_before(phrase)}{re.escape(phrase)}{_after(phrase)}" for phrase in ordered if phrase)
    return re.compile((r"\A" if start or whole else "") + f"(?:{body})" + (r"\W*\Z" if whole else ""))


def fold(text: str) -> str:
    """Return text as phrases are compared: case folded, white space single."""
    return " ".join(text.casefold().split())


def _before(phrase: str) -> str:
    return r"(?<!\w)" if phrase[0].isalnum() and not _UNSPACED.match(phrase[0]) else ""


def _after(phrase: str) -> str:
    return r"(?!\w)" if phrase[-1].isalnum() and not _UNSPACED.match(phrase[-1]) else ""
