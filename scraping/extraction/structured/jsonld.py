"""JSON-LD: scripts found by scanning bytes, so that most pages need no parse at all."""

import re
from typing import Final

from scraping.extraction.document.document import Document
from scraping.extraction.document.lenient_json import Json, read_json_values
from scraping.extraction.document.scan import element_close, find, holds, rfind

MAX_SCRIPTS: Final = 60
_WORTH: Final = (
    b"roduct",
    b"ffer",
    b"Vehicle",
    b"Car",
    b"Book",
    b"Application",
    b"Event",
    b"VideoGame",
)
"""A script with one of these may hold a product."""
_OPENING: Final = re.compile(rb"<script[^>]*", re.IGNORECASE)
"""A script's tag up to its type."""
_CRUMBS: Final = b"readcrumb"


def jsonld_values(document: Document, *, crumbs: bool) -> list[tuple[str, Json]]:
    """Return (path, value) of the JSON-LD on the page that may speak of a product, in page order; with `crumbs` also
    of what may say where it stands in the shop."""
    values: list[tuple[str, Json]] = []
    for index, script in enumerate(_scripts(document.body)):
        if holds(script, *_WORTH) or (crumbs and holds(script, _CRUMBS)):
            read = read_json_values(document.decode(script))
            for number, value in enumerate(read):
                suffix = f".{number}" if len(read) > 1 else ""
                values.append((f"script[{index}]{suffix}", value))
    return values


def _scripts(body: bytes) -> list[bytes]:
    """Return what stands in the `ld+json` scripts, in order; those inside an HTML comment are not markup."""
    found: list[bytes] = []
    position = find(body, b"ld+json")
    while position != -1 and len(found) < MAX_SCRIPTS:
        start = body.find(b">", position, position + 2_000)
        if start == -1:
            break
        opened = body.rfind(b"<", max(0, position - 500), position)
        end = start
        if opened != -1 and _OPENING.fullmatch(body, opened, position):
            close = element_close(body, b"script", start)
            end = close if close != -1 else len(body)
            if not _commented_out(body, opened, end):
                found.append(body[start + 1 : end])
        position = find(body, b"ld+json", end)
    return found


def _commented_out(body: bytes, start: int, end: int) -> bool:
    """Whether the script stands between <!-- and --> outside any other script."""
    opened = rfind(body, b"<!--", max(0, start - 20_000), start)
    if opened == -1 or body.find(b"-->", opened, start) != -1:
        return False
    if rfind(body, b"</script", opened, start) != -1 and body.find(b"<script", opened, start) == -1:
        return False  # the <!-- belongs to an earlier script
    return body.find(b"-->", end) != -1
