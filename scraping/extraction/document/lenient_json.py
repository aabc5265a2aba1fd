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
    r'\s*+(?:"(?P<double>(?:[^"\\]|\\.)*)"'
    r"|'(?P<single>(?:[^'\\]|\\.)*)'"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/|<!--|-->|<!\[CDATA\[|\]\]>)"
    r"|(?P<open>[{\[])|(?P<close>[}\]])|(?P<comma>,)|(?P<semi>;)"
    r"|(?P<null>-?\b(?:NaN|Infinity|undefined)\b|\bvoid 0\b)|!(?P<flag>[01])"
    r"|(?P<key>[A-Za-z_$][\w$]*)"
    r"|(?P<word>[^\s{}\[\],;\"'/<:\-!]+|\S))",
    re.DOTALL,
)
_BEFORE_KEY: Final = frozenset({",", "{"})
_BEFORE_VALUE: Final = frozenset({",", "{", "["})
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
    for match in _TOKEN.finditer(text.rstrip()):
        kind = match.lastgroup or ""
        token = match[kind]
        if kind == "open":
            if len(stack) >= MAX_DEPTH:
                return chunks
            stack.append(_CLOSING[token])
            out.append(token)
        elif not stack:
            continue
        elif kind == "word":
            out.append(token)
        elif kind == "key":
            out.append(f'"{token}"' if stack[-1] == "}" and out[-1] in _BEFORE_KEY else token)
        elif kind == "comma":
            if out[-1] not in _BEFORE_VALUE:
                out.append(token)
        elif kind == "close":
            _drop_comma(out)
            out.append(stack.pop())
            if not stack:
                chunks.append("".join(out))
                out = []
        elif kind != "comment":
            out.append(_plain(kind, token))
    if stack:  # the end is missing: close what is open
        _drop_comma(out)
        chunks.append("".join(out) + "".join(reversed(stack)))
    return chunks


def _plain(kind: str, text: str) -> str:
    """Return a string, or what JavaScript alone has, as strict JSON writes it."""
    if kind == "double":
        return _string(text)
    if kind == "single":
        return _string(text.replace("\\'", "'").replace('"', '\\"'))
    if kind == "flag":
        return "false" if text == "1" else "true"
    return "null" if kind == "null" else ""


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
