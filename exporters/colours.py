"""Which words of a report stand out, and how: shared by workbook and sheet so that both look the same."""

from typing import Final, Literal, NamedTuple

Colour = Literal["red", "green", "grey"]
RED: Final[Colour] = "red"
GREEN: Final[Colour] = "green"
GREY: Final[Colour] = "grey"


class Highlight(NamedTuple):
    """Cells of a field that contain `text` are filled with `colour`."""

    text: str
    colour: Colour


_HIGHLIGHTS: Final[dict[str, tuple[Highlight, ...]]] = {
    # The first that matches wins, in a workbook as in a sheet.
    "changes": (
        Highlight("out of stock", RED),
        Highlight("price down", GREEN),
        Highlight("price up", RED),
        Highlight("back in stock", GREEN),
        Highlight("newly failing", GREY),
    ),
    "availability": (Highlight("out_of_stock", RED), Highlight("discontinued", GREY)),
}


def highlights(field: str) -> tuple[Highlight, ...]:
    """Return what stands out in a column of this field, most important first."""
    return _HIGHLIGHTS.get(field, ())
