"""JSON that scripts carry for the page's own code: found by scanning bytes.

Shapes: `<script type="application/json">`, `window.__STATE__ = {…}`, `dataLayer.push({…})`, and JSON in quotes for
JSON.parse.
"""

import json
import re
from collections.abc import Callable
from typing import Final

import orjson

from scraping.extraction.document.lenient_json import Json, read_json_values
from scraping.extraction.document.scan import find, holds, places

MAX_SCRIPTS: Final = 1_000
MAX_STATES: Final = 60
MAX_STATE_BYTES: Final = 3_000_000
MAX_LENIENT_BYTES: Final = 400_000
"""Bytes of JavaScript literals that are no JSON: reading them costs 100 times as much."""
MAX_LITERALS: Final = 200
_SCRIPTS: Final = (b"<script", b"<S")
_LONGEST_TAG: Final = 1_000
_LONGEST_NAME: Final = 130
"""Bytes in front of a literal among which the name stands that it is assigned to."""
_JSON_TYPE: Final = re.compile(
    rb"type\s*=\s*[\"']?(?:application|text)/(?:json|x-magento-init|x-json)", re.IGNORECASE
)
_NAME: Final = re.compile(rb"\b(?:id|data-[\w-]+)\s*=\s*[\"']?([\w.:/-]+)")
_START: Final = re.compile(
    rb"=\s*(?=[{\[]\s*[\"'{\[\w])|\b(push|gtag|fbq)\((?:\s*[\"']\w+[\"']\s*,){0,2}\s*(?=\{\s*[\"'\w])"
)
_NAME_BEFORE: Final = re.compile(rb"([\w$.]{1,60}(?:\[[\"'][\w.-]{1,60}[\"']\])?)\s*\Z")
_NAMED_DATA: Final = re.compile(
    r"data|layer|state|product|config|push|gtag|fbq|ecomm|utag|meta|item|offer|sku|variant", re.IGNORECASE
)
"""Names under which shops keep facts; other literals with bare keys are code."""
_PARSE: Final = b"JSON.parse("
_ASSIGNED: Final = re.compile(rb"([\w$.]{1,60})\s*=\s*\Z")
_QUOTE: Final = re.compile(rb"\s*([\"'])")
_STEP: Final = re.compile(rb"""[{}\[\]]|"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\.)*'""", re.DOTALL)
_PRICED: Final = re.compile(rb"[Pp]rice|[Ss]ku\b|[Ss]tock")
_DECODER: Final = json.JSONDecoder(strict=False)
Worth = Callable[[bytes], bool]
_WORTH: Final = (b"rice", b"RICE", b"sku", b"Sku", b"SKU", b"tock", b"vailab")


def read_states(
    body: bytes, decode: Callable[[bytes], str], worth: Worth | None = None
) -> list[tuple[str, Json]]:
    """Return (name, value) of the embedded JSON in page order: of all of it, or of scripts that hold a fact of some
    product and are `worth` it."""
    found: list[tuple[str, Json]] = []
    lenient_left = MAX_LENIENT_BYTES
    position = 0
    for opened in places(body, *_SCRIPTS)[:MAX_SCRIPTS]:
        start = body.find(b">", opened, opened + _LONGEST_TAG) + 1
        if opened < position or not start or body[opened : opened + len(b"<script")].lower() != b"<script":
            continue
        if len(found) >= MAX_STATES:
            break
        end = find(body, b"</script", start)
        position = end if end != -1 else len(body)
        attributes = body[opened + len(b"<script") : start - 1]
        end = min(position, start + MAX_STATE_BYTES)
        if b"ld+json" in attributes:
            continue
        script = body[start:end]
        if worth is not None and not (holds(script, *_WORTH) and worth(script)):
            continue
        if _JSON_TYPE.search(attributes):
            name = _NAME.search(attributes)
            values = [
                (name.group(1).decode("ascii", "replace") if name else "json", value)
                for value in read_json_values(decode(script))[:1]
            ]
        else:
            values, spent = _assigned(script, decode, lenient_left, worth)
            lenient_left -= spent
        found += [(name, value) for name, value in values if isinstance(value, dict | list) and value]
    return found


def _assigned(
    script: bytes, decode: Callable[[bytes], str], lenient_left: int, worth: Worth | None
) -> tuple[list[tuple[str, Json]], int]:
    """Return the (name, value) that a script assigns, and how many bytes had to be read leniently."""
    found: list[tuple[str, Json]] = []
    position = spent = 0
    for _ in range(MAX_LITERALS):
        match = _START.search(script, position)
        if match is None:
            break
        name = _name_before(script, match)
        position = match.end()
        strict = script[position : position + 20].lstrip(b"{[ \r\n\t")[:1] in (b'"', b"{", b"[")
        if not strict and not _NAMED_DATA.search(name):
            continue
        value, end = _strict_literal(script, position)
        if end is None and spent < lenient_left:
            end = literal_end(script, position, lenient_left - spent)
            chunk = script[position : end if end is not None else position]
            spent += len(chunk)
            if _PRICED.search(chunk) and (worth is None or worth(chunk)):
                value = next(iter(read_json_values(decode(chunk))), None)
        if end is not None:
            position = end
            found.append((name, value))
    return found + _parsed(script), spent


def _name_before(script: bytes, match: re.Match[bytes]) -> str:
    """Return what a literal is assigned to, or handed to."""
    if match.group(1):
        return match.group(1).decode("ascii")
    name = _NAME_BEFORE.search(script[max(0, match.start() - _LONGEST_NAME) : match.start()])
    return name.group(1).decode("ascii", "replace") if name else "state"


def _strict_literal(script: bytes, start: int) -> tuple[Json, int | None]:
    """Return (value, end) of a literal that is JSON; (None, None) of another."""
    rest = script[start:].rstrip(b"; \r\n\t").replace(b":undefined", b":null")
    try:
        return orjson.loads(rest), len(script)
    except ValueError:
        pass
    try:
        text = rest.decode("utf-8")
        value, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None, None
    grown = rest.count(b":null", 0, end) - script.count(b":null", start, start + end)
    return value, start + len(text[:end].encode("utf-8")) + max(0, grown) * 5


def _parsed(script: bytes) -> list[tuple[str, Json]]:
    """Return what the script hands to JSON.parse in quotes."""
    found: list[tuple[str, Json]] = []
    for place in places(script, _PARSE):
        given = _ASSIGNED.search(script[max(0, place - _LONGEST_NAME) : place])
        opening = _QUOTE.match(script, place + len(_PARSE))
        end = script.find(opening[1] + b")", opening.end()) if given and opening else -1
        if given is None or opening is None or end == -1:
            continue
        quote, literal = opening[1], script[opening.end() : end]
        if quote == b"'":
            literal = literal.replace(b"\\'", b"'").replace(b'\\"', b'"').replace(b'"', b'\\"')
        try:
            text = orjson.loads(b'"' + literal + b'"')
        except ValueError:
            continue
        name = given[1].decode("ascii", "replace")
        found += [(name, value) for value in read_json_values(str(text))[:1]]
    return found


def literal_end(script: bytes, start: int, limit: int) -> int | None:
    """Return where the object or array literal at `start` ends; None where it does not within `limit` bytes."""
    depth = 0
    for match in _STEP.finditer(script, start, start + limit):
        token = match.group()
        if token in {b"{", b"["}:
            depth += 1
        elif token in {b"}", b"]"}:
            depth -= 1
            if depth <= 0:
                return match.end()
    return None
