"""The words for why there is no page. A row's `failure` is one of these, or `http_<status>`."""

from typing import Final

FAILURES: Final = frozenset(
    {
        "timeout",
        "not_asked",
        "dns",
        "connect",
        "tls",
        "too_large",
        "robots",
        "forbidden_host",
        "bad_url",
        "not_html",
        "parse",
        "internal",
    }
)


def http_failure(status: int) -> str:
    """Return the failure word of an HTTP status, `http_404`."""
    return f"http_{status}"
