"""Last touches that need the whole page: the name as the page's heading shows it, codes in their right fields."""

import re
from typing import Final
from urllib.parse import urlsplit

from scraping.extraction.addresses import address_key, query_values
from scraping.extraction.document.document import Document
from scraping.extraction.document.spans import clean
from scraping.extraction.language.words import WORD, fold

LEAST_SHARE: Final = 0.25
"""Part of the markup's name that a shorter heading must hold to stand for it."""
LEAST_HEADING: Final = 5
LEAST_ALIKE: Final = 0.75
"""Part of a heading's words that the markup's name has, from which it is the same name."""
LEAST_ALIKE_TITLE: Final = 0.5
"""The same where the name is only a title for sharing."""
LONGEST_PREFIX: Final = 40
_SEPARATOR: Final = re.compile(r"\s+[|–—·•»:]\s+|\s+-\s+")  # noqa: RUF001
_GOES_ON: Final = re.compile(r"\s*(?:[-–—,(|/·:]\s*)\S.{0,48}\Z")  # noqa: RUF001
LEAST_SHARED: Final = 8
_NO_LETTERS: Final = re.compile(r"[\W_]+")


def refine_name(document: Document, name: str, *, marketing: bool) -> tuple[str, bool]:
    """Return (name, whether it is the heading's): the heading, where it is the markup's name, only shorter,
    with a word in front, or going on behind a dash, a comma or a bracket.

    Shops add colour and size to the name in markup, and slogans to og:title (`marketing`).
    """
    if marketing:
        name = shared_title(document, without_shop(document, name))
    known = fold(name)
    best: str | None = None
    for heading in document.each_heading():
        folded = fold(heading) if heading != name else known
        if folded == known:
            return heading, True
        long_enough = len(folded) >= 3 and (marketing or len(folded) >= LEAST_SHARE * len(known))
        if folded.endswith(known) and _within(known, folded) and len(folded) - len(known) <= LONGEST_PREFIX:
            return heading, True  # most often the brand stands in front
        if folded.startswith(known) and _GOES_ON.match(folded, len(known)):
            return heading, True
        if long_enough and _within(folded, known) and (best is None or len(heading) > len(best)):
            best = heading
    if best is None:
        best = _reordered(document, known, marketing=marketing)
    if best is None and len(document.headings) == 1:
        heading, title = document.headings[0], document.folded_title
        if len(heading) >= LEAST_HEADING and _within(fold(heading), title) and not _within(known, title):
            return heading, True  # the page's title and heading agree on another name than the markup's
    return (best, True) if best is not None else (name, False)


def _reordered(document: Document, known: str, *, marketing: bool) -> str | None:
    """Return the heading that says the same with other words between, or in another order; None where none does."""
    names = set(WORD.findall(known))
    best: tuple[float, str] | None = None
    for heading in document.headings:
        words = set(WORD.findall(fold(heading)))
        share = len(words & names) / len(words) if words else 0.0
        enough = LEAST_ALIKE_TITLE if marketing else LEAST_ALIKE
        alike = len(words & names) / (len(words) + len(names))
        if share >= enough and len(words) * 2 >= len(names) and (best is None or alike > best[0]):
            best = (alike, heading)
    return best[1] if best is not None else None


def _within(part: str, whole: str) -> bool:
    """Whether a folded text stands in another, at word bounds."""
    place = whole.find(part)
    if place == -1:
        return False
    end = place + len(part)
    return not (place and whole[place - 1].isalnum() and part[0].isalnum()) and not (
        end < len(whole) and whole[end].isalnum() and part[-1].isalnum()
    )


def without_shop(document: Document, title: str) -> str:
    """Return a title without the shop's name at its end: "Kettle | ACME" is "Kettle"."""
    parts = _SEPARATOR.split(title)
    if len(parts) == 1:
        return title
    site = next(iter(document.metas.get("og:site_name", [])), "")
    host = (urlsplit(document.url).hostname or "").removeprefix("www.").split(".")[0]
    shop = {_letters(fold(text)) for text in (site, host) if len(text) > 2}
    kept = len(parts)
    while kept > 1 and any(
        (last := _letters(fold(parts[kept - 1]))) and (one in last or last in one) for one in shop
    ):
        kept -= 1
    if kept == len(parts):
        return title
    end = title.rfind(parts[kept - 1]) + len(parts[kept - 1])
    return title[:end].strip()


def shared_title(document: Document, name: str) -> str:
    """Return what og:title and the page's title have in common, where one only adds a slogan: "[Shop] Kettle"."""
    title = clean(document.title)
    place = title.casefold().find(name.casefold())
    if place != -1 or not title:
        return name
    for part in sorted(_SEPARATOR.split(title), key=len, reverse=True)[:1]:
        shared = without_shop(document, title) if fold(without_shop(document, title)) in fold(name) else part
        if len(shared) >= LEAST_SHARED and len(shared) * 2 >= len(name) and _within(fold(shared), fold(name)):
            return shared
    return name


def codes_in_place(
    document: Document, sku: str | None, mpn: str | None
) -> tuple[str | None, str | None, str | None]:
    """Return (sku, mpn, warning): a shop's own number is no manufacturer's part number.

    A number that the page's address carries, and one equal to the sku, is the shop's.
    """
    if mpn is None:
        return sku, mpn, None
    if sku is not None and _letters(sku.casefold()) == _letters(mpn.casefold()):
        return sku, None, f"mpn {mpn} is the shop's own sku"
    if mpn.isdigit() and _in_address(document, mpn) and not (sku and _in_address(document, sku)):
        return mpn, None, f"mpn {mpn} is the shop's own number: it stands in the page's address"
    return sku, mpn, None


def _letters(text: str) -> str:
    """Return the letters and digits of a text."""
    return text if text.isalnum() else _NO_LETTERS.sub("", text)


def _in_address(document: Document, code: str) -> bool:
    """Whether a code is a whole part of one of the page's addresses."""
    folded = code.casefold()
    pattern = re.compile(rf"(?<![a-z0-9]){re.escape(folded)}(?![a-z0-9])")
    return any(pattern.search(address_key(url)) or folded in query_values(url) for url in document.addresses)
