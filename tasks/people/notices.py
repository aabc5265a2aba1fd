"""Messages about the service itself or about several runs: composed here, delivered and recorded as all are."""

import html
import re
from collections.abc import Sequence
from typing import Final

from reports.message import Kind, Message
from reports.rendering import one_line
from tasks.context import Context
from tasks.steps.deliver import deliver_all

_TRIES: Final = 10


def plain_message(subject: str, lines: Sequence[str], kind: Kind) -> Message:
    """Return a message of some lines; an empty one parts paragraphs."""
    blocks = "\n".join(lines).split("\n\n")
    body = "".join(f"<p>{html.escape(block).replace(chr(10), '<br>')}</p>" for block in blocks)
    return Message(one_line(subject, 160), "\n".join([subject, "", *lines]), body, kind)


def tell_operators(here: Context, notice: str, message: Message) -> bool:
    """Send a message to the operators; returns whether some channel is to be tried again.

    `notice` names it: under the same name nothing is sent twice, whichever beat asks.
    """
    return deliver_all(here, notice, "notice", message, here.settings.operators, most_attempts=_TRIES)


def signature(kind: str, step: str, reason: str) -> str:
    """Return what failures of the same kind have in common: names, numbers and addresses left out."""
    plain = re.sub(r"https?://\S+|'[^']*'|\"[^\"]*\"|\S*\d\S*", "…", reason)
    return f"{kind}/{step}/{one_line(plain, 80)}"
