"""Where a page turns from its product to others: "You may also like", in the languages of shops."""

from functools import lru_cache
from typing import Final

from scraping.extraction.document.outline import Outline
from scraping.extraction.language.words import UNSPACED, fold, phrases, words

LONGEST: Final = 60
"""Characters of a heading over other products, at the most."""
_LINKED: Final = frozenset({"a", "li", "nav", "button", "label", "option"})
"""Elements whose texts lead somewhere: a tab "Similar products" is no heading over them."""

_TITLES: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})


def start_of_others(outline: Outline, first: int, end: int) -> int:
    """Return the index of the first text in [first:end] that heads other products, else `end`."""
    for position in range(first, end):
        text, element = outline.texts[position].text, outline.texts[position].element
        if (
            len(text) <= LONGEST
            and _may_head(text)
            and phrases("others_heading").begins(fold(text))
            and not any(outline.elements[one].tag in _LINKED for one in outline.ancestors(element, 3))
        ):
            return position
    return end


def is_title(outline: Outline, position: int) -> bool:
    """Whether a text is a heading by its element, so that what follows surely is beneath it, and no tab's name."""
    return any(
        outline.elements[one].tag in _TITLES for one in outline.ancestors(outline.texts[position].element, 3)
    )


def _may_head(text: str) -> bool:
    """Whether a text begins as one of the phrases does. A look before the work."""
    first = text.split(maxsplit=1)[0].casefold().rstrip(",:")
    return first in _first_words() or (not text.isascii() and UNSPACED.search(text) is not None)


@lru_cache(maxsize=1)
def _first_words() -> frozenset[str]:
    return frozenset(phrase.split()[0].rstrip(",") for phrase in words("others_heading"))
