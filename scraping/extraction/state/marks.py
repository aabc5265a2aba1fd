"""What must stand in the bytes of embedded JSON that speaks of the page's product: other JSON is not parsed.

False is a proof, as far as names and codes are written in letters: a mark is a run of ASCII letters and digits, which
no escape and no tag breaks up. A name or code without one leaves the proof open, and all is parsed.
"""

import re
from collections.abc import Iterable
from typing import Final

from scraping.extraction.document.scan import LOWER, holds, translate
from scraping.extraction.language.words import fold

SHARED: Final = 8
"""Letters that two names begin with alike, where they name one product."""
LEAST_MARK: Final = 3
"""Letters of a mark: shorter ones stand everywhere."""
_RUN: Final = re.compile(r"[a-z0-9]+")
_DIGIT: Final = re.compile(r"\d")
_PLATFORMS: Final = (b"variants", b"optionPrices")
"""Keys of the products of shop systems, which are found by their shape."""
_PRICE_BOX: Final = re.compile(rb"final[^a-z0-9]{0,3}price")


class Marks:
    """Bytes, lower case, of which one stands in all JSON that may speak of the product."""

    def __init__(
        self, names: Iterable[str], codes: Iterable[str], tokens: Iterable[str], *, priced: bool
    ) -> None:
        """Take what the product is called, its codes, parts of the page's address, and whether its price is known."""
        self._priced = priced
        self._open = False
        found: set[bytes] = set()
        for text in (*(_beginning(name) for name in names), *codes):
            mark = max(_RUN.findall(text), key=len, default="")
            self._open = self._open or len(mark) < LEAST_MARK
            found.add(mark.encode())
        for token in tokens:
            word = token.casefold()
            if not word.isascii():
                self._open = True
            elif _DIGIT.search(word):
                found.add(max(_RUN.findall(word), key=len).encode())
            else:  # a word of the address is a code only where it stands alone in quotes
                found.update(word.encode() + quote for quote in (b'"', b"'", b"\\"))
        self._marks = tuple(sorted(found, key=len, reverse=True))

    def may_stand_in(self, script: bytes) -> bool:
        """Whether the JSON of a script may speak of the product."""
        if self._open or holds(script, *_PLATFORMS):
            return True
        low = translate(script, LOWER)
        return holds(low, *self._marks) or (self._priced and _PRICE_BOX.search(low) is not None)


def _beginning(name: str) -> str:
    """Return what any name alike begins with; nothing where its letters are not compared as they stand."""
    folded = fold(name)
    return folded[:SHARED] if folded == " ".join(name.lower().split()) else ""
