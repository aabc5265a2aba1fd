"""JSON that scripts carry for the page's own code: found by scanning bytes.

Three shapes: `<script type="application/json">`, `window.__STATE__ = {…}`, and JSON in quotes for JSON.parse.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from scraping.extraction.lenient_json import Json, read_json_values

MAX_STATES: Final = 60
MAX_STATE_BYTES: Final = 3_000_000
_SCRIPT: Final = re.compile(rb"<script\b([^>]{0,1000})>", re.IGNORECASE)
_JSON_TYPE: Final = re.compile(
    rb"type\s*=\s*[\"']?(?:application|text)/(?:json|x-magento-init|x-json)", re.IGNORECASE
)
_NAME: Final = re.compile(rb"\b(?:id|data-[\w-]+)\s*=\s*[\"']?([\w.:/-]+)")
_ASSIGNED: Final = re.compile(
    rb"(?:window\.|self\.|var\s+|let\s+|const\s+|^|[;\s])([\w$.]{2,60}(?:\[[\"'][\w.-]+[\"']\])?)\s*=\s*(?=[{\[]\s*[\"{\[])"
)
_PARSED: Final = re.compile(rb"([\w$.]{2,60})\s*=\s*JSON\.parse\(\s*([\"'])")
_WORTH: Final = re.compile(rb"price|sku|stock|avail", re.IGNORECASE)


def read_states(body: bytes, decode: Callable[[bytes], str]) -> list[tuple[str, Json]]:
    """Return (name, value) of the embedded JSON that may speak of a product, in page order."""
    found: list[tuple[str, Json]] = []
    for name, chunk in _chunks(body):
        if len(found) >= MAX_STATES:
            break
        if len(chunk) <= MAX_STATE_BYTES and _WORTH.search(chunk):
            found.extend((name, value) for value in read_json_values(decode(chunk))[:1] if value)
    return found


def _chunks(body: bytes) -> Iterator[tuple[str, bytes]]:
    for match in _SCRIPT.finditer(body):
        attributes = match.group(1)
        if b"ld+json" in attributes:
            continue
        end = body.find(b"</script", match.end())
        script = body[match.end() : end if end != -1 else len(body)]
        if _JSON_TYPE.search(attributes):
            name = _NAME.search(attributes)
            yield (name.group(1).decode("ascii", "replace") if name else "json"), script
        elif len(script) > 40 and b"src=" not in attributes[:200]:
            yield from _assigned(script)


def _assigned(script: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the object or array literals that a script assigns, read as JSON where they are that."""
    position = 0
    while match := _ASSIGNED.search(script, position):
        end = literal_end(script, match.end())
        if end is None:
            break
        yield match.group(1).decode("ascii", "replace"), script[match.end() : end]
        position = end
    for match in _PARSED.finditer(script):
        quote = match.group(2)
        end = script.find(quote + b")", match.end())
        if end != -1:
            text = script[match.end() : end].replace(b"\\'", b"'")
            try:
                plain = (
                    json.loads(b'"' + text.replace(b'\\"', b'"').replace(b'"', b'\\"') + b'"')
                    if quote == b"'"
                    else json.loads(b'"' + text + b'"')
                )
            except ValueError:
                continue
            yield match.group(1).decode("ascii", "replace"), plain.encode()


_STEP: Final = re.compile(rb"""[{}\[\]]|"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\.)*'""", re.DOTALL)


def literal_end(script: bytes, start: int) -> int | None:
    """Return where the object or array literal at `start` ends; None where it does not."""
    depth = 0
    for match in _STEP.finditer(script, start):
        token = match.group()
        if token in {b"{", b"["}:
            depth += 1
        elif token in {b"}", b"]"}:
            depth -= 1
            if depth <= 0:
                return match.end()
    return None
