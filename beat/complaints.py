"""Telling the operators of wrong definitions: once per change, and once when all is mended."""

from typing import Final

from beat.definitions import Definitions, digest
from reports.message import Message
from runs.agenda import Agenda
from tasks.context import Context
from tasks.people.notices import plain_message, tell_operators

_NAMED: Final = 20


class Complaints:
    """Holds what is wrong now against what the operators were told of."""

    def __init__(self, here: Context, definitions: Definitions) -> None:
        self._here = here
        self._agenda = Agenda(here.redis)
        self._definitions = definitions
        self._seen: set[str] = set()

    def tick(self) -> None:
        """Tell what changed, if it did and has settled."""
        complaint = self._definitions.settled_complaint()
        if complaint:
            self._complain(complaint)
        elif complaint is not None and self._seen:
            self._all_is_well()

    def _complain(self, complaint: str) -> None:
        now = digest(complaint)
        self._seen.add(now)
        number, told = self._agenda.open_complaint()
        # Two beats may see different files: each tells its own once, whatever the other told last.
        if told != now and not tell_operators(self._here, f"definitions-{number}-{now}", _wrong(complaint)):
            self._agenda.put_complaint(number, now)

    def _all_is_well(self) -> None:
        """Tell it only when what operators heard last is what this beat saw itself: another may still see worse."""
        number, told = self._agenda.complaint()
        if told in self._seen:
            if tell_operators(self._here, f"definitions-{number}-mended", _mended()):
                return
            self._agenda.end_complaint()
        self._seen.clear()


def _wrong(complaint: str) -> Message:
    mistakes = complaint.splitlines()
    lines = [
        "A job whose file is wrong runs on as it was before, where a good version was seen; a new one does not run.",
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
