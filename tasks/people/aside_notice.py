"""Telling the operators that messages were kept aside: once a day, while there are new ones."""

from typing import Final

from reports.message import Message
from runs.aside import Aside, Kept
from tasks.context import Context
from tasks.people.notices import plain_message, tell_operators

_NAMED: Final = 5


class AsideNotice:
    """Remembers the day that was told of; the deliveries in Redis keep a second beat from telling it again."""

    def __init__(self, here: Context) -> None:
        self._here = here
        self._told = ""

    def tick(self) -> None:
        """Tell the operators if there are messages of a day that they have not heard of."""
        kept = Aside(self._here.redis).messages(newest=_NAMED)
        if not kept or not self._here.settings.operators:
            return
        notice = f"messages-kept-aside-{kept[0].at:%Y%m%d}"
        if notice == self._told:
            return
        if not tell_operators(self._here, notice, _message(kept)):
            self._told = notice


def _message(kept: list[Kept]) -> Message:
    lines = [
        "Messages came that no worker could read, or that name a task which the running version does not have.",
        "They are kept in Redis, in the list sb:aside. Runs are not hurt: what they miss is sent again.",
        "",
        "The newest:",
        *(f"{item.at:%Y-%m-%d %H:%M:%S} UTC, queue {item.queue}: {item.why}" for item in kept),
        "",
        "Two versions of Shelfbeat at once? Update every worker. A program of yours? It writes to our queues.",
    ]
    return plain_message("Shelfbeat: messages were kept aside", lines, "delivered_with_gaps")
