"""A page as it came over the wire: what fetching hands to extraction."""

from datetime import datetime

import msgspec


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to one URL, redirects followed, body decoded from its Content-Encoding."""

    url: str
    """Asked."""
    final_url: str
    """Reached."""
    status: int
    body: bytes
    content_type: str = ""
    """The header as sent, charset included."""
    fetched_at: datetime
    """UTC."""
    elapsed_ms: int = 0


class Answer(msgspec.Struct, frozen=True):
    """A page with what the visit learned beside it."""

    page: Page
    etag: str | None = None
    last_modified: str | None = None
    retry_after_s: float | None = None
    no_store: bool = False
    """The server forbids to keep anything of it."""
