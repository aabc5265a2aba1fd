"""Sizes and other choices of one product: what is said of one of them is not said of the product."""

from typing import Final

from scraping.extraction.document.outline import Element, Outline

LEAST_SIZES: Final = 3
LONGEST_SIZE: Final = 6
"""Characters of a size: "XXL", "38", "40/42"."""
LONGEST_SIZE_BOX: Final = 30
_SIZE_TAGS: Final = frozenset({"button", "label", "a", "div", "span", "small"})


def is_one_of_many(outline: Outline, index: int) -> bool:
    """Whether a text stands in one entry of a list of several: a size that is sold out, others are not."""
    near = outline.ancestors(index, 3)
    entry = next((one for one in near if outline.elements[one].tag == "li"), None)
    if entry is not None:
        return len(_alike(outline, entry)) >= LEAST_SIZES
    for entry in near:
        if outline.elements[entry].tag not in _SIZE_TAGS or outline.length(entry) > LONGEST_SIZE_BOX:
            return False
        others = [one.index for one in _alike(outline, entry) if one.index != entry]
        if sum(1 for one in others if 0 < outline.length(one) <= LONGEST_SIZE) >= LEAST_SIZES - 1:
            return True
    return False


def _alike(outline: Outline, index: int) -> list[Element]:
    """Return the children of an element's parent with its tag, itself among them."""
    tag, parent = outline.elements[index].tag, outline.elements[index].parent
    found: list[Element] = []
    for element in outline.elements[parent + 1 :]:
        if element.start >= outline.elements[parent].end:
            break
        if element.tag == tag and element.parent == parent:
            found.append(element)
    return found
