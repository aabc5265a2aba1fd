"""A range of a sheet as text, for a list of URLs that people keep there."""

import re
from collections.abc import Iterator
from typing import Final

from exporters.errors import PublishRefused
from exporters.google.answers import AnswerLost, Rejected
from exporters.google.client import GoogleClient, Json
from reports.errors import Unavailable

_WINDOW_ROWS: Final = 20_000
_RESOLVED: Final = re.compile(
    r"(?P<tab>.+!)?(?P<left>[A-Z]+)(?P<top>\d+)(?::(?P<right>[A-Z]+)(?P<bottom>\d+))?"
)


class NoSuchRange(PublishRefused):
    """The spreadsheet has no such range."""


def read_range(spreadsheet: str, a1: str, google: GoogleClient) -> Iterator[list[str]]:
    """Yield the rows of a range, their cells as they are shown; empty rows may be left out, empty ends are.

    Streams in windows of 20,000 rows, each a request: memory does not grow with the range. Raises NoAccess,
    NoSuchRange when a person must act, Unavailable when asking again may help.
    """
    # Google says where a range is (`URLs!A2:A`, a name, a whole tab), cut to the tab's size, without its cells.
    place = _asked(spreadsheet, a1, google, fields="valueRanges.range")["range"]
    for window in windows(place, _WINDOW_ROWS):
        for row in _asked(spreadsheet, window, google).get("values", []):
            yield [str(cell) for cell in row]


def windows(place: str, rows: int) -> Iterator[str]:
    """Yield the parts of a range as Google writes it, of at most `rows` rows each."""
    found = _RESOLVED.fullmatch(place)
    if found is None or found["bottom"] is None:
        yield place
        return
    last = int(found["bottom"])
    for top in range(int(found["top"]), last + 1, rows):
        yield f"{found['tab'] or ''}{found['left']}{top}:{found['right']}{min(last, top + rows - 1)}"


def _asked(spreadsheet: str, a1: str, google: GoogleClient, fields: str | None = None) -> Json:
    try:
        answer = google.values(spreadsheet, [a1], render="FORMATTED_VALUE", fields=fields)
    except Rejected as error:
        msg = f"Google: {error.detail}"
        raise NoSuchRange(msg, "Write the range as URLs!A2:A, with the tab's name.") from error
    except AnswerLost as error:
        raise Unavailable("Google Sheets", str(error)) from error
    found: Json
    (found,) = answer["valueRanges"]
    return found
