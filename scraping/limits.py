"""How far one visit may go: times, bytes, hops, ports. Pure."""

from dataclasses import dataclass, replace
from typing import Final

from jobs.definition import Fetch

WIRE_BYTES: Final = 10_000_000
"""Largest body as sent, before it is decoded."""
DECODED_BYTES: Final = 20_000_000
HEADER_BYTES: Final = 65_536
"""All header fields of one answer together."""
MAX_REDIRECTS: Final = 10
_CLOSE_S: Final = 0.01  # so that a page whose time has just begun costs no copy
HTML: Final = "text/html,application/xhtml+xml,*/*;q=0.5"
ANYTHING: Final = "*/*"


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one visit. Times in seconds, sizes in bytes."""

    connect_s: float = 10.0
    read_s: float = 20.0
    """Longest silence of the server."""
    total_s: float = 60.0
    """The whole visit: redirects, retries and the waits between them included."""
    retries: int = 2
    wire_bytes: int = WIRE_BYTES
    decoded_bytes: int = DECODED_BYTES
    ports: frozenset[int] = frozenset({80, 443})
    redirects: int = MAX_REDIRECTS
    accept: str = HTML
    cut: int | None = None
    """Read a body no further than this many bytes and take what came; None: a longer body is refused."""

    @classmethod
    def of(cls, fetch: Fetch) -> "Limits":
        """Return the limits that a definition sets for its pages."""
        return cls(
            connect_s=fetch.connect_timeout.total_seconds(),
            read_s=fetch.read_timeout.total_seconds(),
            total_s=fetch.timeout.total_seconds(),
            retries=fetch.retries,
            # A definition may ask for larger pages; their wire bytes are then no more than the decoded ones.
            wire_bytes=max(WIRE_BYTES, fetch.max_bytes // 2)
            if fetch.max_bytes > DECODED_BYTES
            else WIRE_BYTES,
            decoded_bytes=fetch.max_bytes,
            ports=frozenset(fetch.ports),
        )

    def at_most(self, seconds: float) -> "Limits":
        """Return these limits with the whole visit bounded by `seconds`."""
        return self if seconds >= self.total_s - _CLOSE_S else replace(self, total_s=seconds)
