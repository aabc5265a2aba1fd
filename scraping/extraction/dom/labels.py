"""Facts that stand behind a label: "SKU: 123", <th>Brand</th><td>…</td>, <dt>EAN</dt><dd>…</dd>."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from reports.codes import read_gtin
from reports.row import Gtin
from scraping.extraction.document.document import Document
from scraping.extraction.document.vocabulary import Traces
from scraping.extraction.language.words import fold, words
from scraping.extraction.reading import Context, Reading, Value
from scraping.extraction.structured.facts import clean_brand

Reader = Callable[[str], Value | None]
Labels = dict[str, list[tuple[str, Reader]]]
LABEL: Final = re.compile(r"label “([^:#”]{2,30})")
"""The way to a value behind a label, and the label in it."""
MOST_WORDS: Final = 10
LONGEST_LABEL: Final = 40
LONGEST_VALUE: Final = 60
_SPLIT: Final = re.compile(r"\s*[:#\uff1a]\s*|\s+[-\u2013]\s+")
_BARS: Final = re.compile(r"\s[|\u00b7\u2022]\s")
_BULLETS: Final = "|\u00b7\u2022 "
MOST_PARTS: Final = 6
_SEPARATORS: Final = frozenset(":#\uff1a-\u2013")
_CODE: Final = re.compile(r"(?:[^\W_][\w./\-]{1,30}|[A-Z](?= \d))(?: ?[\w./\-]{1,20}){0,2}\Z")
_CAPITALS: Final = re.compile(r"[A-Z][A-Z_\-]{1,20}\Z")
_LONG_CODE: Final = re.compile(r"(?:\D*\d){3}")
_MODEL: Final = re.compile(r"(?=.*\d)(?=.*[A-Z])[A-Z0-9][A-Z0-9/.\-]{4,24}\Z")
_BRACKETS: Final = re.compile(r"\s*\([^()]*\)")
_HAS_DIGIT: Final = re.compile(r"\d")


def say_labelled(reading: Reading, document: Document, context: Context) -> None:
    """Add brand, sku, mpn and gtin from labels; the first valid value of each stays.

    A label's value stands in the same of the page's texts, or in the next.
    """
    table, ends = _labels()
    sought = {"brand", "sku", "mpn", "gtin"} & context.wanted
    prose = document.prose
    nothing: set[str] = set()
    for position, line in prose.lines_with(_traces(frozenset(sought))):
        if _BARS.search(line):
            _say_parts(reading, line, context)
        if len(line) > LONGEST_LABEL + LONGEST_VALUE or line in nothing:
            continue
        label, value = _parted(line) if not _SEPARATORS.isdisjoint(line) else (line.casefold(), "")
        label = label.lstrip(_BULLETS)
        kinds = table.get(label)
        if kinds is None and label.rpartition(" ")[2].strip(":.#()") in ends:
            kinds = _kinds_of(label, table, ends) if line.count(" ") <= MOST_WORDS else None
        if not kinds and _HAS_DIGIT.search(line):
            kinds, value = _unseparated(line, table)
        if not kinds:
            nothing.add(line)  # menus and cards say the same many times
            continue
        for field, reader in kinds:
            if field in reading.found or not context.wants(field):
                continue
            text = value or _next_value(prose.lines, position)
            found = reader(text) if text else None
            if found is not None:
                reading.say(field, found, f"label “{line[:30]}”")
        if kinds and sought <= reading.found.keys():
            return


def _say_parts(reading: Reading, line: str, context: Context) -> None:
    """Add what the parts of a line with bars in it label: "Art. no: 0501882 | EAN: 3850123456782"."""
    table, _ = _labels()
    for part in _BARS.split(line)[:MOST_PARTS] if len(line) <= LONGEST_VALUE * 3 else ():
        label, value = _parted(part.strip())
        for field, reader in table.get(label, ()) if value else ():
            if field not in reading.found and context.wants(field):
                reading.say(field, reader(value), f"label “{part.strip()[:30]}”")


def _unseparated(line: str, table: Labels) -> tuple[list[tuple[str, Reader]], str]:
    """Return what a line labels without a sign between label and code: "Réf. 12345678"."""
    head, _, tail = line.strip().rpartition(" ")
    kinds = [one for one in table.get(fold(head).rstrip(" :.#"), []) if one[0] != "brand"]
    return (kinds, tail) if _LONG_CODE.match(tail) else ([], "")


def _next_value(lines: list[str], position: int) -> str:
    """Return the text behind a label, past one that only separates them."""
    for text in lines[position + 1 : position + 3]:
        if value := text.strip(" :\uff1a#"):
            return value
    return ""


@lru_cache(maxsize=16)
def _traces(fields: frozenset[str]) -> Traces:
    """Return what the page must hold to label one of the fields."""
    table, _ = _labels()
    return Traces(label for label, kinds in table.items() if any(field in fields for field, _ in kinds))


def _kinds_of(label: str, table: Labels, ends: frozenset[str]) -> list[tuple[str, Reader]]:
    """Return what a text labels that is not in the table as it stands: "… item number" of a shop's own making."""
    if not label or len(label) > LONGEST_LABEL:
        return []
    label = label.rstrip(" :.#")
    if "(" in label:
        label = _BRACKETS.sub("", label).strip()
    parts = label.split()
    if not 0 < len(parts) <= 6 or (parts[-1].strip(".#()") not in ends and label not in table):
        return []
    for candidate in (
        " ".join(parts),
        *(" ".join(parts[-length:]) for length in (3, 2) if length < len(parts) <= 4),
    ):
        if candidate in table:
            return table[candidate]
    return []


@lru_cache(maxsize=1)
def _labels() -> tuple[Labels, frozenset[str]]:
    """Return {folded label: what it labels} from words.toml, and the last words of labels of several words."""
    kinds: list[tuple[str, str, Reader]] = [
        ("gtin", "gtin_label", gtin_of),
        ("mpn", "mpn_label", code_with_digit),
        ("mpn", "model_label", _model),
        ("sku", "sku_label", _sku),
        ("sku", "loose_sku_label", _long_code),
        ("brand", "brand_label", _brand),
    ]
    table: Labels = {}
    for field, kind, reader in kinds:
        for label in words(kind):
            table.setdefault(label.rstrip(" :.#"), []).append((field, reader))
    return table, frozenset(label.split()[-1].strip(".#()") for label in table)


def labels(field: str, text: str) -> bool:
    """Whether a text is a label of one field's values."""
    return any(one == field for one, _ in _labels()[0].get(fold(text).rstrip(" :.#"), ()))


def _parted(text: str) -> tuple[str, str]:
    """Return (folded label, value) of one text: "EAN: 6935364088101." has both, "EAN:" only the first."""
    parts = _SPLIT.split(text, maxsplit=1)
    value = parts[1].strip() if len(parts) > 1 else ""
    return fold(parts[0]).rstrip(" :.#"), value


def gtin_of(text: str) -> tuple[Gtin, ...] | None:
    """Return the trade item number of a text, its check digit verified."""
    gtin = read_gtin(text.rstrip(" ."))
    return (gtin,) if gtin is not None else None


def _code(text: str) -> str | None:
    code = text.strip().rstrip(".,;")
    if len(code) > LONGEST_VALUE or not _CODE.match(code) or code.casefold() in words("no_code"):
        return None
    return code


def code_with_digit(text: str) -> str | None:
    """Return a text that is a product's code and holds a digit."""
    code = _code(text)
    return code if code and _HAS_DIGIT.search(code) else None


def _sku(text: str) -> str | None:
    """Return a code with a digit, or a word of capitals: OTL."""
    code = _code(text)
    return code if code and (_HAS_DIGIT.search(code) or _CAPITALS.match(code)) else None


def _long_code(text: str) -> str | None:
    code = _code(text)
    return code if code and _LONG_CODE.match(code) else None


def _model(text: str) -> str | None:
    """Return a model where it is a code and no name: digits and capitals in one word."""
    code = _code(text)
    return code if code and _MODEL.match(code) else None


def _brand(text: str) -> str | None:
    return (
        clean_brand(text) if len(text) <= LONGEST_VALUE and not text.rstrip().endswith((":", "?")) else None
    )
