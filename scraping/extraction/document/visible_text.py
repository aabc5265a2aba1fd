"""What a person reads of an element: its text, and its text where it is an amount."""

import re
from typing import Final

from selectolax.lexbor import LexborNode

from scraping.extraction.document.spans import cents_mark

MAX_TEXT: Final = 5_000
"""Characters of one element's text."""
_SILENT: Final = frozenset({"script", "style", "noscript", "template", "svg", "select"})
_RAISED: Final = frozenset({"sup", "sub", "small"})
HIDDEN_NAME: Final = re.compile(
    r"(?:^|[\s_-])(?:hdn|hidden|sr-?only|visually-?hidden|screen-?reader(?:-text)?|off-?screen|vhidden|a11y-hidden)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Class names of text that only screen readers get."""
_SPACE: Final = re.compile(r"[\s\u00a0\u200b\u202f\ufeff]+")
_TWO_DIGITS: Final = re.compile(r"\s*\d{2}\s*\Z")
_ENDS_IN_NUMBER: Final = re.compile(r"\d\s*\Z")
_CENTS_NAMES: Final = re.compile(r"cent|fraction|decimal|penny|pence|kop|sup\b", re.IGNORECASE)


def visible_text(node: LexborNode, *, amount: bool = False) -> str:
    """Return an element's text, white space folded, scripts left out.

    With `amount`, raised or separately marked cents are joined by a dot: `173<sup>34</sup>` is 173.34.
    """
    parts: list[str] = []
    size = 0
    for piece, cents in _pieces(node, amount):
        if cents and parts and _ENDS_IN_NUMBER.search(parts[-1]) and _TWO_DIGITS.match(piece):
            parts[-1] = parts[-1].rstrip() + cents_mark(parts[-1]) + piece.strip()
        else:
            parts.append(piece)
        size += len(piece)
        if size > MAX_TEXT:
            break
    return _SPACE.sub(" ", "".join(parts) if amount else " ".join(parts)).strip()


def _pieces(root: LexborNode, amount: bool) -> list[tuple[str, bool]]:
    """Return (text, whether it stands in an element for cents) of the text nodes, in order."""
    found: list[tuple[str, bool]] = []
    stack: list[tuple[LexborNode, bool]] = [(root, False)]
    size = steps = 0
    while stack and size <= MAX_TEXT and steps < 3_000:
        steps += 1
        node, cents = stack.pop()
        if node.is_text_node:
            text = node.text_content or ""
            if text:
                found.append((text, cents))
                size += len(text)
            continue
        tag = node.tag or ""
        if tag in _SILENT or node.is_comment_node:
            continue
        if node is not root and not amount and HIDDEN_NAME.search(node.attributes.get("class") or ""):
            continue
        if amount and node is not root:
            cents = cents or tag in _RAISED or bool(_CENTS_NAMES.search(node.attributes.get("class") or ""))
            if tag in {"br", "div", "p", "li", "tr", "td"} and not cents:
                found.append((" ", False))
        children: list[tuple[LexborNode, bool]] = []
        child = node.first_child
        while child is not None and len(children) < 2_000:
            children.append((child, cents))
            child = child.next
        stack.extend(reversed(children))
    return found
