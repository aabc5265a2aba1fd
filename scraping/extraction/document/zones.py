"""What an element's names say of it: that it holds other products, is struck through, hidden, or shows cents."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

ASIDE_TAGS: Final = frozenset({"nav", "footer", "aside"})
STRUCK_TAGS: Final = frozenset({"s", "del", "strike"})
HINTS: Final = frozenset(
    {
        "class", "id", "data-test", "data-testid", "data-test-id", "data-qa", "data-qa-id", "data-qa-qualifier",
        "data-auto", "data-aut-id", "data-selenium", "data-ref", "data-zta", "data-comp", "data-component", "data-at",
        "data-automation", "data-automation-id", "data-cy", "data-price-type", "data-hook",
    }
)  # fmt: skip
"""Attributes by which shops name an element."""
HINTS_IN_BYTES: Final = frozenset(map(str.encode, HINTS))
_OTHERS: Final = (
    "related", "recommend", "similar", "carousel", "upsell", "crosssell", "minicart", "minibasket", "cartdrawer",
    "recently", "bundle", "accessor", "complement", "productlist", "productgrid", "productcard", "producttile",
    "breadcrumb", "megamenu", "navigation", "alternativ", "suggestion", "suggestedprod",
    "suggesteditem", "autosuggest", "addbuy", "swiperslide", "slickslide",
    "itemlist", "stickycart", "lastseen", "viewed", "frequently", "cookie", "newsletter", "owlitem", "teaser",
    "youmay", "productcompare", "addtocompare", "comparelist", "comparison", "wishlist", "banner",
)  # fmt: skip
"""Parts of names, dashes and underscores left out, of what holds other products or none."""
_OTHER_TOKENS: Final = frozenset(
    {"nav", "menu", "menus", "review", "reviews", "also", "owl", "facet", "facets", "filter", "filters"}
)
_FOOTER: Final = re.compile(
    r"(?<![\w-])(?!(?:[a-z]+[-_])*(?:prod|buy|box|price|purchase|item|form|offer)[a-z]*[-_]*footer)[\w-]*footer"
)
"""Names of a page's footer; a box with the price and the button has one, too, named for the box."""
_OVER_PAGE: Final = re.compile(
    r"(?<![\w-])(?:modal|popup|dialog|offcanvas)(?:-(?:content|body|dialog|title|header|inner|wrapper|window))?(?![\w-])"
)
"""Names of what opens over the page when something is clicked: "Added to cart", "Sorry, sold out"."""
_TOKEN_BOUND: Final = re.compile(r"[\s_-]+")
_STRUCK_NAME: Final = re.compile(r"strike|line-through|crossed|linethrough|\btachado|durchgestrichen")
_HIDDEN_NAME: Final = re.compile(
    r"(?<![\w:-])(?:hidden|d-none|hide|is-hidden|ng-hide|uk-hidden|u-hidden|idnone|displaynone|no-display)(?![\w-])"
)
_SHOWN_NAME: Final = re.compile(
    r"(?<![\w-])(?:sm|md|lg|xl|2xl):(?:block|flex|grid|table|contents|inline)|(?<![\w-])d-(?:sm|md|lg|xl|xxl)-(?:block|flex|grid|table|inline)"
)
"""Names of what is hidden on small screens only."""
_CENTS_NAME: Final = re.compile(r"cent(?!er|ral|re)|fraction|decimal|penny|pence|kop[ei]")
_HIDDEN_STYLE: Final = re.compile(r"display\s*:\s*none|(?<![\w-])visibility\s*:\s*hidden", re.IGNORECASE)


ASIDE: Final = 1
"""Stands among other products, in navigation or in the footer."""
STRUCK: Final = 2
HIDDEN: Final = 4
CENTS: Final = 8
"""Shows the digits behind the point."""
UNSEEN: Final = ASIDE | HIDDEN
_OF_TAG: Final = (
    dict.fromkeys(ASIDE_TAGS, ASIDE)
    | dict.fromkeys(STRUCK_TAGS, STRUCK)
    | dict.fromkeys(("sup", "sub", "small"), CENTS)
)


@lru_cache(maxsize=20_000)
def zone_of(hint: str) -> int:
    """Return what an element's names, lower case, say of it: a sum of ASIDE, STRUCK, HIDDEN, CENTS."""
    tokens = _TOKEN_BOUND.split(hint)
    squeezed = "".join(tokens)
    aside = (
        not _OTHER_TOKENS.isdisjoint(tokens)
        or any(word in squeezed for word in _OTHERS)
        or ("footer" in hint and bool(_FOOTER.search(hint)))
        or bool(_OVER_PAGE.search(hint))
    )
    return (
        (ASIDE if aside else 0)
        | (STRUCK if _STRUCK_NAME.search(hint) else 0)
        | (HIDDEN if _HIDDEN_NAME.search(hint) and not _SHOWN_NAME.search(hint) else 0)
        | (CENTS if _CENTS_NAME.search(hint) else 0)
    )


def zone_of_style(style: str) -> int:
    """Return what an element's own style says of it: a sum of HIDDEN and STRUCK."""
    hidden = HIDDEN if _HIDDEN_STYLE.search(style) else 0
    return hidden | STRUCK if "line-through" in style else hidden


def named_zone(tag: str, attributes: Mapping[str, str | None]) -> tuple[str, int]:
    """Return (the names among an element's attributes, lower case; what it says of itself: a sum as of `zone_of`).

    A custom element's tag is a name of it, too.
    """
    zone = _OF_TAG.get(tag, 0)
    names: list[str] = []
    for key, value in attributes.items():
        if key in HINTS:
            if value:
                names.append(value)
        elif key == "hidden":
            zone |= HIDDEN
        elif key == "style" and value:
            zone |= zone_of_style(value)
    if "-" in tag:
        names.append(tag)
    hint = " ".join(names).lower()[:500]
    if hint:
        zone |= zone_of(hint)
    return hint, zone & ~HIDDEN if tag == "body" else zone
