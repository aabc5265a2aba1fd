"""How wide a column is, in characters: shared by workbook and sheet so that both look the same."""

from typing import Final

_WIDE: Final = {
    "url": 48.0, "final_url": 48.0, "name": 40.0, "changes": 24.0, "category": 32.0, "feed_detail": 48.0,
}  # fmt: skip
_USUAL: Final = 16.0
_PIXELS_A_CHARACTER: Final = 7
_PADDING_PIXELS: Final = 5


def characters(field: str) -> float:
    """Return the width of a field's column, as workbooks count it."""
    return _WIDE.get(field, _USUAL)


def pixels(field: str) -> int:
    """Return the same width in pixels, as sheets count it."""
    return round(characters(field) * _PIXELS_A_CHARACTER) + _PADDING_PIXELS
