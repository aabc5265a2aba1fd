"""Trade item numbers: GTIN and ISBN, read strictly.

A code that is wrong by one digit names somebody else's product, so a code whose check digit does not hold, or
whose prefix says "only meaningful inside one shop", is no code at all.

Source: GS1 General Specifications, restricted circulation numbers; ISO 2108 (ISBN).
"""

import re
from typing import Final, Literal

from stdnum import ean, isbn

from reports.row import Gtin

_SEPARATORS: Final = re.compile(r"[\s\-\u2010-\u2015.]+")
_IN_STORE: Final = ("2", "02", "04")
_TYPES: Final[dict[int, Literal["gtin8", "gtin12", "gtin13", "gtin14"]]] = {
    8: "gtin8",
    12: "gtin12",
    13: "gtin13",
    14: "gtin14",
}
_SHORTEST: Final = 8
_LONGEST: Final = 40
"""Characters; shorter and longer text is no code."""


def read_gtin(text: str) -> Gtin | None:
    """Return the GTIN that `text` is, or None.

    Spaces and hyphens are dropped, an ISBN-10 becomes its 978 ISBN-13, a GTIN-14 of a single item (indicator
    0) becomes the GTIN-13 inside it. Check digits are verified, in-store prefixes rejected.
    """
    if not _SHORTEST <= len(text) <= _LONGEST:
        return None
    code = text if text.isdigit() else _without_label(_SEPARATORS.sub("", text))
    if len(code) == 10 and isbn.is_valid(code):  # an ISBN-10 may end in X
        code = isbn.to_isbn13(code)
    if not (code.isascii() and code.isdigit()) or len(code) not in _TYPES:
        return None
    if len(code) == 14 and code.startswith("0"):
        code = code[1:]
    if not code.strip("0") or ean.calc_check_digit(code[:-1]) != code[-1] or _in_store(code):
        return None
    return Gtin(type=_TYPES[len(code)], value=code)


def _without_label(code: str) -> str:
    if code.lower().startswith(("isbn", "ean", "upc", "gtin")):
        return code.lstrip("isbneaupcgtISBNEAUPCGT:")
    return code


def _in_store(code: str) -> bool:
    """Whether the number is of a restricted range, free for every shop to use as it likes."""
    if len(code) == 8:
        return code.startswith(("0", "2"))
    thirteen = code[1:] if len(code) == 14 else code.zfill(13)
    return thirteen.startswith(_IN_STORE)
