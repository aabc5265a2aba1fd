"""Reading one answer: its head, its body up to a cap, where it redirects to, whether it is whole."""

from typing import Final

import aiohttp
from yarl import URL

from reports.errors import PageError
from scraping.limits import HEADER_BYTES

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


def check_head(response: aiohttp.ClientResponse) -> None:
    """Raise PageError `too_large` for a head above its cap."""
    size = sum(len(name) + len(value) for name, value in response.raw_headers)
    if size > HEADER_BYTES:
        raise PageError("too_large", f"the headers are larger than {HEADER_BYTES} bytes")


def redirect_of(response: aiohttp.ClientResponse) -> str | None:
    """Return where an answer sends us, absolute; None when it does not. Raises PageError `bad_url`."""
    if response.status not in _REDIRECTS:
        return None
    location = response.headers.get("Location")
    if not location:
        return None
    try:
        return str(response.url.join(URL(location)))
    except ValueError as error:
        raise PageError("bad_url", f"redirected to what is not a URL: {location[:200]!r}") from error


async def read_body(response: aiohttp.ClientResponse, cap: int) -> bytes:
    """Return the body as sent. Raises PageError `too_large` as soon as it exceeds `cap` bytes."""
    if (response.content_length or 0) > cap:
        raise PageError("too_large", f"the body is larger than {cap} bytes")
    parts: list[bytes] = []
    size = 0
    content = response.content
    while part := await content.readany():
        size += len(part)
        if size > cap:
            raise PageError("too_large", f"the body is larger than {cap} bytes")
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def check_whole(response: aiohttp.ClientResponse, body: bytes) -> None:
    """Raise PageError `connect` for HTML that only the connection's end delimits and that lacks its end tag.

    Such a body looks like an answer when its connection breaks; encoded ones show the cut by themselves.
    """
    head = response.headers
    delimited = "Content-Length" in head or "chunked" in head.get("Transfer-Encoding", "").lower()
    if delimited or response.status != 200 or head.get("Content-Encoding"):
        return
    if "html" in head.get("Content-Type", "").lower() and b"</html" not in body[-1024:].lower():
        raise PageError("connect", "the body was cut short: it has no length and ends before </html>")
