"""Telling the operators of wrong definitions: once per change, and once when all is mended."""

from typing import Final

from beat.definitions import Definitions, digest
from reports.message import Message
from runs.agenda import Agenda
from tasks.context import Context
from tasks.notices import plain_message, tell_operators

_NAMED: Final = 20


class Complaints:
    """Holds what is wrong now against what the operators were told of."""

    def __init__(self, here: Context, definitions: Definitions) -> None:
        self._here = here
        self._agenda = Agenda(here.redis)
        self._definitions = definitions

    def tick(self) -> None:
        """Tell what changed, if it did and has settled."""
        complaint = self._definitions.settled_complaint()
        if complaint is None:
            return
        (number, told), now = self._agenda.complaint(), digest(complaint)
        if told == now:
            return
        message = _wrong(complaint) if complaint else _mended()
        if not tell_operators(self._here, f"definitions-{number}-{now or 'mended'}", message):
            self._agenda.put_complaint(number, now)


def _wrong(complaint: str) -> Message:
    mistakes = complaint.splitlines()
    lines = [
        "Jobs whose file is wrong run on as they were before, where a good version was seen; a new one does not run.",
        "",
        *mistakes[:_NAMED],
        *([f"… and {len(mistakes) - _NAMED} more"] if len(mistakes) > _NAMED else []),
        "",
        "See all of them: shelfbeat jobs check",
    ]
    count = f"{len(mistakes)} mistakes" if len(mistakes) > 1 else "a mistake"
    return plain_message(f"Shelfbeat: {count} in the definitions", lines, "delivered_with_gaps")


def _mended() -> Message:
    return plain_message(
        "Shelfbeat: the definitions are right again", ["All of them are in force."], "recovered"
    )
