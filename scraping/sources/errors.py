"""A source of URLs that only a person can mend."""

from typing import Final
from urllib.parse import urlsplit

from jobs.errors import InvalidDefinition, Mistake

_ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip


class UnusableSource(InvalidDefinition):
    """The source was reached, or can never be, and does not give URLs. Raised at once, not retried.

    `key` is the source's place in the definition (`urls.2`), `source` its kind and address.
    """

    def __init__(self, key: str, source: str, detail: str) -> None:
        super().__init__(source, (Mistake("the definition", 1, key, detail, source),))
        self.args = (key, source, detail)  # all arguments up: errors cross processes
        self.key = key
        self.detail = detail

    def __str__(self) -> str:
        index = int(self.key.rpartition(".")[2])
        which = f"{_ORDINALS[index]} list" if index < len(_ORDINALS) else f"list number {index + 1}"
        return f"the {which} of URLs ({self.file}): {self.detail}"


class UnusableContent(Exception):  # noqa: N818 - becomes an UnusableSource where the source is known
    """What was read is not what the source should hold. The sentence says what is wrong."""


class NoSuchColumn(UnusableContent):
    """A table has not the column that was named, or none was named where it has several."""


class Unreachable(Exception):  # noqa: N818 - becomes an Unavailable where the source is known
    """The source did not answer this time; it may the next. The sentence says what happened."""


def shown_address(address: str) -> str:
    """Return an address fit for messages: no credentials, no query, which may carry tokens."""
    if "://" not in address:
        return address
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}{'?…' if parts.query else ''}"
