"""Whether an aside is the product's buy box, as some shops build it, and not what its tag says."""

from typing import Final

from selectolax.lexbor import LexborNode

from scraping.extraction.language.words import fold, phrases

MOST_PRESSED: Final = 24
"""Links and buttons of an aside that are looked at."""


def takes_an_order(aside: LexborNode) -> bool:
    """Whether an aside is the product's buy box: it has a button to buy, and none of them twice, as cards have."""
    pressed = aside.css("button,a,input[type=submit]")[:MOST_PRESSED]
    labels = [
        fold(node.text(deep=True, separator=" ", strip=True) or node.attributes.get("value") or "")
        for node in pressed
    ]
    orders = [label for label in labels if phrases("buy").begins(label)]
    return 0 < len(orders) == len(set(orders))
