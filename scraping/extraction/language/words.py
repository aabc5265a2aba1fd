"""Words of shops, by what they stand for: the tables of words.toml."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Final

UNSPACED: Final = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
"""Thai, kana and Han: written without spaces, so that a phrase has no bounds to look for."""
WORD: Final = re.compile(r"\w+")
_PIECE: Final = re.compile(r"\w+|[^\w\s]")


@lru_cache(maxsize=16)
def words(kind: str) -> frozenset[str]:
    """Return the words of one kind, folded. Raises KeyError for a kind that words.toml does not have."""
    return frozenset(word.casefold() for word in _table()[kind])


@lru_cache(maxsize=1)
def _table() -> dict[str, list[str]]:
    return tomllib.loads(files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


class Phrases:
    """Phrases to be found in folded text: a look-up by first word, as hundreds of them in a pattern are slow."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_word: dict[str, list[str]] = {}
        self._unspaced: list[str] = []
        for phrase in sorted({fold(phrase) for phrase in phrases}, key=len, reverse=True):
            if UNSPACED.match(phrase[0]):
                self._unspaced.append(phrase)
            else:
                word = _PIECE.match(phrase)
                self._by_word.setdefault(word.group() if word else phrase[0], []).append(phrase)

    def all_in(self, folded: str) -> Iterator[tuple[int, str]]:
        """Yield (place, phrase) of what stands in a folded text, at each place the longest."""
        known = not self._by_word.keys().isdisjoint(_PIECE.findall(folded))  # most texts hold no phrase
        for word in _PIECE.finditer(folded) if known else ():
            for phrase in self._by_word.get(word.group(), ()):
                if folded.startswith(phrase, word.start()) and _ends(folded, word.start() + len(phrase)):
                    yield word.start(), phrase
                    break
        if self._unspaced and UNSPACED.search(folded):
            for phrase in self._unspaced:
                place = folded.find(phrase)
                if place != -1:
                    yield place, phrase

    def found_in(self, folded: str) -> bool:
        """Whether any of the phrases stands in a folded text."""
        return next(self.all_in(folded), None) is not None

    def begins(self, folded: str) -> bool:
        """Whether a folded text begins with one of the phrases."""
        return any(place == 0 for place, _ in self.all_in(folded))


@lru_cache(maxsize=32)
def phrases(kind: str) -> Phrases:
    """Return the words of one kind, to be found in text."""
    return Phrases(words(kind))


def fold(text: str) -> str:
    """Return text as phrases are compared: case folded, white space single."""
    return " ".join(text.casefold().split())


def _ends(folded: str, end: int) -> bool:
    """Whether a phrase may end here: at the text's end, or where a word does."""
    return end >= len(folded) or not (folded[end].isalnum() and folded[end - 1].isalnum())
