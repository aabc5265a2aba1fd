"""Hidden tabs that dead attempts have left, where no later publish comes to remove them."""

from exporters.google.answers import AnswerLost, Rejected
from exporters.google.client import GoogleClient
from exporters.sheets.state import FIELDS, look
from reports.errors import Unavailable


def remove_leftovers(spreadsheet: str, google: GoogleClient) -> int:
    """Delete the staging tabs of dead attempts from a spreadsheet and return how many there were.

    Waits for its turn as the spreadsheet's one writer, so a staging tab in use is never touched. Raises
    NoAccess when a person must act, Unavailable when it may work later.
    """
    with google.pace.writer(spreadsheet, f"leftovers of {spreadsheet}") as lease:
        try:
            dead = look(google.spreadsheet(spreadsheet, FIELDS), "", "").leftovers
            if dead:
                lease.renew()
                google.batch_update(spreadsheet, [{"deleteSheet": {"sheetId": tab.id}} for tab in dead])
        except (AnswerLost, Rejected) as error:
            raise Unavailable("Google Sheets", str(error)) from error
        return len(dead)
