"""The host of a URL: what batches are grouped by, what sites' rules and the fleet's pace go by."""

from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """Return the host of a URL in small letters; '' for what has none. Never raises."""
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""
