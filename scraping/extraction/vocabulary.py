"""The words of a page's texts, to prove that a phrase stands nowhere on it, before any of it is parsed.

The proof is by words: a phrase can be read from texts, however they are joined, only where each of its words
stands in them. Thai, kana and Han know no words: their phrases are looked for with all white space left out.
"""

import string
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import filterfalse
from typing import Final

from scraping.extraction.words import UNSPACED, WORD, fold

LONGEST: Final = 1_000_000
"""Characters of a text beyond which nothing is proven: no shop's page has as many, and its words cost too much."""
LONGEST_LINE: Final = 100
"""Characters of a line, white space folded, beyond which it holds no label and states no stock."""
_MARKS: Final = bytes.maketrans(
    string.punctuation.replace("_", "").encode(), b" " * (len(string.punctuation) - 1)
)
"""Marks of ASCII to spaces: splitting at those is twice as fast as the pattern."""


def is_short(line: str) -> bool:
    """Whether a line may hold a label or state stock."""
    return len(line) <= LONGEST_LINE or len(" ".join(line.split())) <= LONGEST_LINE


class Traces:
    """Phrases, looked up by the longest word of each."""

    def __init__(self, phrases: Iterable[str]) -> None:
        by_word: dict[bytes, list[frozenset[bytes]]] = {}
        unspaced: list[str] = []
        for phrase in map(fold, phrases):
            words = frozenset(word.encode() for word in WORD.findall(phrase))
            if UNSPACED.search(phrase) or not words:
                unspaced.append("".join(phrase.split()))
            else:
                by_word.setdefault(max(words, key=lambda word: (len(word), word)), []).append(words)
        self.by_word = by_word
        self.longest = frozenset(by_word)
        self.unspaced = tuple(unspaced)
        self.signs = tuple(phrase for phrase in unspaced if phrase.isascii())
        """Phrases of nothing but marks of ASCII."""


class Vocabulary:
    """The words of a text."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _tokens(self) -> set[bytes]:
        """Every run of the text between white space and marks of ASCII, once, letters of ASCII lower case."""
        return set(_unmarked(self._text).lower().split())

    @cached_property
    def _others(self) -> str:
        """The runs with other letters than those of ASCII, case folded."""
        others = filterfalse(bytes.isascii, self._tokens) if not self._text.isascii() else ()
        return b" ".join(others).decode("utf-8", "replace").casefold()

    @cached_property
    def words(self) -> frozenset[bytes]:
        """Every word, case folded, in UTF-8."""
        if not self._others:
            return frozenset(self._tokens)
        return frozenset(
            self._tokens.union(self._others.encode().split(), map(str.encode, WORD.findall(self._others)))
        )

    @cached_property
    def _has_unspaced(self) -> bool:
        return UNSPACED.search(self._others) is not None

    @cached_property
    def _squeezed(self) -> str:
        return "".join(self._text.casefold().split())

    def may_hold(self, traces: Traces) -> bool:
        """Whether one of the phrases may be read from the text. False is a proof, True is none."""
        return (
            len(self._text) > LONGEST
            or next(self._words_held(traces), None) is not None
            or self._may_hold_unspaced(traces)
        )

    def lines_with(self, traces: Traces) -> Iterator[int]:
        """Yield the numbers of the text's lines that may hold one of the phrases; other lines hold none."""
        if len(self._text) > LONGEST or self._may_hold_unspaced(traces):
            yield from range(self._text.count("\n") + 1)
            return
        held = frozenset(map(bytes.decode, self._words_held(traces)))
        if not held:
            return
        for number, line in enumerate(
            _unmarked(self._text.casefold()).decode("utf-8", "replace").split("\n")
        ):
            if not held.isdisjoint(line.split() if line.isascii() else WORD.findall(line)):
                yield number

    def _words_held(self, traces: Traces) -> Iterator[bytes]:
        """Yield the longest word of each phrase whose words all stand in the text."""
        words = self.words
        for word in words & traces.longest:
            if any(phrase <= words for phrase in traces.by_word[word]):
                yield word

    def _may_hold_unspaced(self, traces: Traces) -> bool:
        phrases = traces.unspaced if self._has_unspaced else traces.signs
        return any(phrase in self._squeezed for phrase in phrases)


def _unmarked(text: str) -> bytes:
    return text.encode("utf-8", "replace").translate(_MARKS)
