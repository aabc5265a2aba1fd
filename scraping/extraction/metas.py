"""Meta tags, scanned from the bytes of the head without a tree."""

import html
import re
from collections.abc import Callable
from typing import Final

from scraping.extraction.scan import places

MAX_METAS: Final = 400
_META: Final = re.compile(rb"<meta\b[^<>]{1,4000}>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(
    rb"""\b(property|name|itemprop|content|value)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)


def read_metas(body: bytes, decode: Callable[[bytes], str], end: int) -> dict[str, list[str]]:
    """Return the meta tags of a page's first `end` bytes: lower-case property or name to contents, in order."""
    metas: dict[str, list[str]] = {}
    for place in places(body, b"<meta", b"<M", end=end)[:MAX_METAS]:
        match = _META.match(body, place)
        if match is None:
            continue
        key = content = None
        for name, quoted, single, bare in _ATTRIBUTE.findall(match.group()):
            text = quoted or single or bare
            if name.lower() in {b"content", b"value"}:
                content = decode(text)
            elif key is None or name.lower() == b"property":
                key = decode(text).strip().lower()
        if key and content:
            metas.setdefault(key, []).append(html.unescape(content))
    return metas
