"""JSON as shops write it: read what a strict parser refuses, in linear time and bounded depth.

Mends JavaScript literals (bare keys, single quotes), control characters and bad escapes in strings,
comments, CDATA and HTML comment wrappers, trailing and doubled commas, entities instead of quotes, NaN, a
missing end, and several values in one script.
"""

import html
import re
from typing import Final

import orjson

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

MAX_DEPTH: Final = 200
"""Levels; deeper text is no product but an attack."""
MAX_CHARACTERS: Final = 4_000_000

MAX_MENDED: Final = 400_000
"""Characters of damaged JSON that are mended; it costs 0.5 s a million."""
_TOKEN: Final = re.compile(
    r'"(?P<double>(?:[^"\\]|\\.)*)"'
    r"|'(?P<single>(?:[^'\\]|\\.)*)'"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/|<!--|-->|<!\[CDATA\[|\]\]>)"
    r"|(?P<open>[{\[])|(?P<close>[}\]])|(?P<comma>,)|(?P<semi>;)"
    r"|(?P<null>-?\b(?:NaN|Infinity|undefined)\b|\bvoid 0\b)|!(?P<flag>[01])"
    r"|(?P<key>[A-Za-z_$][\w$]*)"
    r"|(?P<word>[^\s{}\[\],;\"'/<:\-!]+|\S)",
    re.DOTALL,
)
_LITERALS: Final = frozenset({"true", "false", "null"})
_CONTROL: Final = re.compile(r"[\x00-\x1f]")
_ESCAPE: Final = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_LONE_SURROGATE: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_GOOD_ESCAPES: Final = frozenset('"\\/bfnrt')
_CLOSING: Final = {"{": "}", "[": "]"}
_NAMED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def read_json_values(text: str) -> list[Json]:
    """Return the JSON values in `text`, damaged or not; [] where there is nothing to read."""
    if len(text) > MAX_CHARACTERS:
        return []
    try:
        return [orjson.loads(text)]
    except ValueError:
        pass
    quick = _unwrapped(text).replace(":undefined", ":null")
    try:
        return [orjson.loads(quick)]
    except ValueError:
        pass
    if len(text) > MAX_MENDED:
        return []
    if '"' not in text and "&quot;" in text:
        text = html.unescape(text)
    return [value for chunk in _mended(text) for value in _strict(chunk)]


def _unwrapped(text: str) -> str:
    """Return text without the comment and CDATA marks that old pages put around scripts."""
    text = text.strip().removeprefix("//").lstrip().removeprefix("<![CDATA[").removeprefix("<!--")
    text = text.rstrip("; \r\n\t").removesuffix("]]>").removesuffix("-->").rstrip().removesuffix("//")
    return text.rstrip("; \r\n\t")


def _strict(chunk: str) -> list[Json]:
    try:
        return [orjson.loads(chunk)]
    except ValueError:
        return []


def _mended(text: str) -> list[str]:
    """Return the top-level objects and arrays of `text`, each as strict JSON."""
    chunks: list[str] = []
    out: list[str] = []
    stack: list[str] = []
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind == "open":
            if len(stack) >= MAX_DEPTH:
                return chunks
            stack.append(_CLOSING[token])
            out.append(token)
        elif not stack or kind == "comment":
            continue
        elif kind == "close":
            _drop_comma(out)
            out.append(stack.pop())
            if not stack:
                chunks.append("".join(out))
                out = []
        elif kind == "comma":
            if out[-1] not in {",", "{", "["}:
                out.append(token)
        else:
            out.append(_plain(match, bare_key=stack[-1] == "}" and out[-1] in {",", "{"}))
    if stack:  # the end is missing: close what is open
        _drop_comma(out)
        chunks.append("".join(out) + "".join(reversed(stack)))
    return chunks


def _plain(match: re.Match[str], *, bare_key: bool) -> str:
    """Return a token as strict JSON writes it; a bare name in a key's place is quoted."""
    kind, token = match.lastgroup, match.group()
    if kind == "double":
        return _string(match["double"])
    if kind == "single":
        return _string(match["single"].replace("\\'", "'").replace('"', '\\"'))
    if kind == "null":
        return "null"
    if kind == "flag":
        return "false" if match["flag"] == "1" else "true"
    if kind == "key" and (bare_key or token not in _LITERALS):
        return f'"{token}"' if bare_key else token
    return "" if kind == "semi" else token


def _drop_comma(out: list[str]) -> None:
    if out and out[-1] == ",":
        out.pop()


def _string(body: str) -> str:
    """Return the string literal with control characters escaped and unknown escapes made plain."""
    if "\\" in body:
        body = _ESCAPE.sub(_escape, body)
        body = _LONE_SURROGATE.sub("", body)
    if not body.isprintable():
        body = _CONTROL.sub(lambda match: _NAMED.get(match.group(), " "), body)
    return f'"{body}"'


def _escape(match: re.Match[str]) -> str:
    letter = match.group(1)
    if letter[0] in _GOOD_ESCAPES or len(letter) == 5:
        return match.group()
    return letter if letter != "u" else ""
