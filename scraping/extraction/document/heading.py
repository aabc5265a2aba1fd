"""The text of a heading as a person reads it: without what only screen readers get, links, and codes."""

import re
from collections.abc import Callable
from typing import Final

from scraping.extraction.document.spans import clean
from scraping.extraction.language.words import fold, words

LEAST_OWN: Final = 4
"""Characters at least, that a heading has besides its links and codes."""
_UNSEEN: Final = re.compile(
    r"<(\w+)\b[^>]*\bclass\s*=\s*[\"'][^\"'>]*\b(?:hdn|sr-?only|visually-?hidden|screen-?reader(?:-text)?|off-?(?:screen|left))\b[^>]*>[^<]*</\1\s*>",
    re.IGNORECASE,
)
_LINK: Final = re.compile(r"<(a|button)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_CODE: Final = re.compile(
    r"<(\w+)\b[^>]*\bclass\s*=\s*[\"'][^\"'>]*(?<![a-z])(?:sku|code|articul|article|artikel|item-?(?:no|number)|product-?(?:id|no|number)|reference)(?![a-z])[^>]*>[^<]*</\1\s*>",
    re.IGNORECASE,
)
_LABELLED: Final = re.compile(r"[\s(\[,|-]*\b([^\W\d][\w.\s-]{1,24}?)\s*[:#№]\s*[\w./-]{2,24}[)\]]?\s*\Z")
"""A code at the heading's end, behind its label: "(Art. No.: 12345)"."""
_LOOSE: Final = " \t-–—·•|:,"  # noqa: RUF001
"""What joins a name to what stands beside it."""


def heading_text(inner: str, is_titled: Callable[[str], bool]) -> str:
    """Return the text of a heading's HTML; `is_titled` tells whether the page's title holds a text, folded.

    Links in it ("log in", "show the original") and codes are left out where the title does without them. A brand
    that is a link in front of the name stands in the title too, and so it stays.
    """
    if "<" not in inner:
        text = clean(inner)
        return _without_code(text) if _may_be_labelled(text) and not is_titled(fold(text)) else text
    inner = _UNSEEN.sub(" ", inner)
    text = clean(inner)
    if is_titled(fold(text)):
        return text
    low = inner.lower()
    if "<a" in low or "<button" in low:
        own = clean(_LINK.sub(" ", inner)).strip(_LOOSE)
        if len(own) >= LEAST_OWN and is_titled(fold(own)):
            inner, text = _LINK.sub(" ", inner), own
    if "class" in low:
        own = clean(_CODE.sub(" ", inner)).strip(_LOOSE)
        text = own if len(own) >= LEAST_OWN else text
    return _without_code(text)


def _may_be_labelled(text: str) -> bool:
    return ":" in text or "#" in text or "№" in text


def _without_code(text: str) -> str:
    match = _LABELLED.search(text)
    if match is None or match.start() < LEAST_OWN:
        return text
    label = fold(match[1]).rstrip(" .")
    known = (
        label in words("sku_label") or f"{label}." in words("sku_label") or label in words("loose_sku_label")
    )
    return text[: match.start()].rstrip(_LOOSE) if known else text
