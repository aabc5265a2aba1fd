"""A message as one channel takes it: its subject told once, its text no longer than the service allows. Pure."""

from typing import Final

from reports.message import Message
from reports.rendering import harmless

CUT: Final = "… cut here: the rest is longer than this channel takes."
# What the services document, where Apprise counts more strictly than they do.
_TAKES: Final = {
    "MSTeams": 20_000,
    "Power Automate / Workflows (for MSTeams)": 20_000,  # 28 KB with what is around it
    "Cisco Webex Teams": 7_000,
    "Rocket.Chat": 5_000,
}
_OURS: Final = 0.9
"""Share of a message that is ours: Apprise puts the title above the text and marks off what would be Markdown."""


def subject_and_text(message: Message, service: str, most_chars: int) -> tuple[str, str]:
    """Return title and body for a chat whose messages hold `most_chars`, by Apprise's count.

    The most important stands first, so a text that is too long loses whole lines at its end, and says so.
    """
    title = harmless(message.subject, 160)
    first, _, rest = message.text.partition("\n")
    body = rest.lstrip("\n") if first.strip() == title and rest.strip() else message.text
    return title, _fitted(body, int(_TAKES.get(service, most_chars) * _OURS) - len(title))


def _fitted(text: str, most_chars: int) -> str:
    if len(text) <= most_chars:
        return text
    room = most_chars - len(CUT) - 1
    kept = text[: max(0, room)].rpartition("\n")[0].rstrip()
    return f"{kept}\n{CUT}"
