"""Meta tags, scanned from the bytes of the head without a tree."""

import html
import re
from collections.abc import Callable
from typing import Final

from scraping.extraction.document.scan import places

MAX_METAS: Final = 400
_META: Final = re.compile(rb"<meta\b[^<>]{1,4000}>", re.IGNORECASE)
_PLAIN_META: Final = re.compile(rb"""<meta\s+(?:property|name)="([^"<>]+)"\s+content="([^"<>]+)"\s*/?>""")
"""As nearly all of them are written."""
_ATTRIBUTE: Final = re.compile(
    rb"""\b(property|name|itemprop|content|value)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)


def read_metas(body: bytes, decode: Callable[[bytes], str], end: int) -> dict[str, list[str]]:
    """Return the meta tags of a page's first `end` bytes: lower-case property or name to contents, in order."""
    metas: dict[str, list[str]] = {}
    for place in places(body, b"<meta", b"<M", end=end)[:MAX_METAS]:
        plain = _PLAIN_META.match(body, place)
        named, said = plain.groups() if plain is not None else _attributes(body, place)
        key = decode(named).strip().lower()
        if key and said:
            metas.setdefault(key, []).append(html.unescape(decode(said)))
    return metas


def _attributes(body: bytes, place: int) -> tuple[bytes, bytes]:
    """Return (property or name, content) of the meta tag at a place; empty where it has none."""
    match = _META.match(body, place)
    key: bytes | None = None
    content = b""
    for name, quoted, single, bare in _ATTRIBUTE.findall(match.group()) if match is not None else ():
        text = quoted or single or bare
        if name.lower() in {b"content", b"value"}:
            content = text
        elif key is None or name.lower() == b"property":
            key = text
    return key or b"", content
