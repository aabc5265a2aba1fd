"""The words of a page's texts, to prove that a phrase stands nowhere on it, before any of it is parsed.

The proof is by words: a phrase can be read from texts, however they are joined, only where each of its words
stands in them. Thai, kana and Han know no words: their phrases are looked for with all white space left out.
"""

import html
import string
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

from scraping.extraction.document.lazy import lazy
from scraping.extraction.document.scan import Words, find, find_any, translate
from scraping.extraction.language.availability import stock_phrases
from scraping.extraction.language.words import UNSPACED, WORD, fold, words

LONGEST: Final = 1_000_000
"""Bytes of texts beyond which nothing is proven: no shop's page has as many, and their words cost too much."""
_MARKS: Final = string.punctuation.replace("_", "") + string.whitespace
_PLAIN: Final = bytes.maketrans(
    (_MARKS + string.ascii_uppercase).encode(), (" " * len(_MARKS) + string.ascii_lowercase).encode()
)
"""Marks and white space of ASCII to spaces, its capitals to lower case."""

_KINDS: Final = (
    "buy", "buy_alone", "notify", "sku_label", "loose_sku_label", "mpn_label", "model_label", "gtin_label",
    "brand_label",
)  # fmt: skip
"""What is looked for in a page's texts beside phrases of stock."""
_AMPERSAND: Final = ord("&")
_BEGINS_UNSPACED: Final = bytes((0xE0, *range(0xE3, 0xEA)))
"""What the letters of UNSPACED begin with in UTF-8."""


@lru_cache(maxsize=1)
def sought_words() -> frozenset[bytes]:
    """Return every word of a phrase that is looked for in a page's texts."""
    phrases = chain(stock_phrases(), *map(words, _KINDS))
    return frozenset(word.encode() for phrase in phrases for word in WORD.findall(fold(phrase)))


@lru_cache(maxsize=1)
def _plain_words() -> Words:
    return Words(filter(bytes.isascii, sought_words()))


class Traces:
    """Phrases, looked up by the longest word of each."""

    def __init__(self, phrases: Iterable[str]) -> None:
        """Raises ValueError for a phrase of other words than `sought_words`: no vocabulary would have them."""
        by_word: dict[bytes, list[frozenset[bytes]]] = {}
        unspaced: list[str] = []
        for phrase in map(fold, phrases):
            parts = frozenset(word.encode() for word in WORD.findall(phrase))
            if UNSPACED.search(phrase) or not parts:
                unspaced.append("".join(phrase.split()))
            elif parts <= sought_words():
                by_word.setdefault(max(parts, key=lambda word: (len(word), word)), []).append(parts)
            else:
                message = f"{phrase!r} is of no kind whose words are looked for"
                raise ValueError(message)
        self.by_word = by_word
        self.unspaced = tuple(unspaced)
        self.signs = tuple(phrase for phrase in unspaced if phrase.isascii())
        """Phrases of nothing but marks of ASCII."""


class Vocabulary:
    """Which of the words that are sought stand in texts in UTF-8, entities as they are."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._texts = texts
        self._joined = b"\n".join(texts)

    @lazy
    def _others(self) -> str:
        """The texts that hold an entity or other letters than those of ASCII, case folded."""
        if not self._joined.isascii():
            others = [text for text in self._texts if _AMPERSAND in text or not text.isascii()]
        elif find(self._joined, b"&") != -1:
            others = [text for text in self._texts if _AMPERSAND in text]
        else:
            return ""
        return _decoded(b"\n".join(others)).casefold()

    @lazy
    def _words(self) -> frozenset[bytes]:
        """The words that are sought and stand in the texts, or are an entity's name in them, case folded."""
        words = _plain_words().among(translate(self._joined, _PLAIN))
        if self._others:
            words |= sought_words().intersection(map(str.encode, WORD.findall(self._others)))
        return words

    @lazy
    def _has_unspaced(self) -> bool:
        may_be = find_any(self._joined, _BEGINS_UNSPACED) != -1 or find(self._joined, b"&#") != -1
        return may_be and UNSPACED.search(self._others) is not None

    @lazy
    def _squeezed(self) -> str:
        return "".join(_decoded(self._joined).casefold().split())

    @property
    def is_endless(self) -> bool:
        """Whether there are more texts than anything is proven of."""
        return len(self._joined) > LONGEST

    def may_hold(self, traces: Traces) -> bool:
        """Whether one of the phrases may be read from the texts. False is a proof, True is none."""
        return self.is_endless or bool(self.held(traces)) or self.may_hold_unspaced(traces)

    def held(self, traces: Traces) -> list[bytes]:
        """Return the longest word of each phrase whose words all stand in the texts."""
        words = self._words
        return [word for word in words if any(phrase <= words for phrase in traces.by_word.get(word, ()))]

    def may_hold_unspaced(self, traces: Traces) -> bool:
        """Whether a phrase that knows no words may be read from the texts."""
        phrases = traces.unspaced if self._has_unspaced else traces.signs
        return any(phrase in self._squeezed for phrase in phrases)


def _decoded(text: bytes) -> str:
    return html.unescape(text.decode("utf-8", "replace"))
