"""A range of a sheet as text, for a list of URLs that people keep there."""

from exporters.errors import PublishRefused
from exporters.google import GoogleClient
from exporters.google_answers import AnswerLost, Rejected
from reports.errors import Unavailable


class NoSuchRange(PublishRefused):
    """The spreadsheet has no such range."""


def read_range(spreadsheet: str, a1: str, google: GoogleClient) -> list[list[str]]:
    """Return the cells of an A1 range as they are shown, row by row; empty ends are left out, as Google does.

    Raises NoAccess, NoSuchRange when a person must act, Unavailable when asking again may help.
    """
    try:
        answer = google.values(spreadsheet, [a1], render="FORMATTED_VALUE")
    except Rejected as error:
        msg = f"Google: {error.detail}"
        raise NoSuchRange(msg, "Write the range as URLs!A2:A, with the tab's name.") from error
    except AnswerLost as error:
        raise Unavailable("Google Sheets", str(error)) from error
    (found,) = answer["valueRanges"]
    return [[str(cell) for cell in row] for row in found.get("values", [])]
