"""Why a URL has no product, in words for whoever reads the report, and whether another day may tell more. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Final

from reports.row import Row

SETTLED: Final = frozenset(
    {
        "http_404",
        "http_410",
        "bad_url",
        "robots",
        "forbidden_host",
        "not_html",
        "not_found",
        "listing",
        "other",
    }
)
"""What is known of such a URL is all there is to know: it sells no product, or we may not look."""
_LASTING: Final = SETTLED | {"too_large", "js_required"}
"""Asked once more at once, the page would say the same."""
_DISALLOWED: Final = "robots.txt disallows"

_WORDS: Final[Mapping[str, str]] = {
    "timeout": "The page did not answer in time",
    "not_asked": "Not asked, the time was up",
    "dns": "The shop's address was not found",
    "connect": "The shop could not be reached",
    "tls": "The shop's certificate was not accepted",
    "too_large": "The page is too large",
    "robots": "The shop's robots.txt asks not to read it",
    "forbidden_host": "The address leads into a private network",
    "bad_url": "This is not the address of a page",
    "not_html": "The address leads to a file, not to a page",
    "parse": "The page could not be read",
    "internal": "A fault on our side",
    "not_found": "The shop has no such page any more",
    "blocked": "The shop turns automatic visitors away",
    "consent": "A cookie or age notice stands before the page",
    "js_required": "The page shows its product only to a browser with JavaScript",
    "listing": "A page of several products, not of one",
    "other": "Not a product's page",
}
_OWN_WORDS: Final = frozenset({"timeout", "not_asked", "too_large", "bad_url", "not_html"})
"""Failures whose detail is a sentence of ours that a reader understands too."""


def reason(row: Row) -> str:
    """Return in one word why a row has no product: its failure, else what the page is."""
    return row.failure or row.page_type or "unknown"


def may_give_product(row: Row) -> bool:
    """Return whether asking once more may give the product that a row lacks."""
    if row.is_product:
        return False
    if row.failure == "robots":  # what was not read may be read
        return not (row.failure_detail or "").startswith(_DISALLOWED)
    return reason(row) not in _LASTING


def words_of(word: str) -> str:
    """Return what a reason means: `The shop has no such page any more (404)` for `http_404`."""
    status = re.fullmatch(r"http_(\d+)", word)
    if status is None:
        return _WORDS.get(word, "Unknown")
    return f"{_words_of_status(int(status[1]))} ({status[1]})"


def counted_reasons(failures: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return what people read of the rows without a product: words and how many, the most frequent first."""
    return [(said, number) for said, number, _ in joined_reasons(failures)]


def joined_reasons(failures: Mapping[str, int]) -> list[tuple[str, int, str]]:
    """Return sentences, how many URLs each is true of, and the reasons that it tells; the most frequent first.

    `http_404` and `not_found` are one reason to a reader.
    """
    found, reasons = Counter[str](), defaultdict[str, list[str]](list)
    for word, number in failures.items():
        said = words_of(word).partition(" (")[0]
        found[said] += number
        reasons[said].append(word)
    return [(said, number, ", ".join(reasons[said])) for said, number in found.most_common()]


def plain_reason(row: Row) -> str | None:
    """Return in a sentence why a row has no product; None for a product."""
    if row.is_product:
        return None
    said = words_of(reason(row))
    if row.failure == "robots" and may_give_product(row):
        said = "The shop's robots.txt could not be read"
    if row.failure in _OWN_WORDS and row.failure_detail:
        return f"{said}: {row.failure_detail}"
    return said


def _words_of_status(status: int) -> str:
    if status in {404, 410}:
        return _WORDS["not_found"]
    if status in {401, 403, 451}:
        return _WORDS["blocked"]
    if status in {429, 430}:
        return "The shop asks for fewer visits"
    if status < 400:
        return "The address only leads elsewhere"
    return "The shop answers with an error"
