"""Texts as a person reads them: entities decoded, white space folded, raised cents as decimals, blocks apart."""

import html
import re
from collections.abc import Iterable
from typing import Final

_TAGS: Final = re.compile(r"<[a-zA-Z/!][^<>]{0,500}>")
_TWO_DIGITS: Final = re.compile(r"\s*\d{2}(?!\d)")
_ENDS_IN_NUMBER: Final = re.compile(r"\d\s*\Z")
_GROUPED: Final = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3})+\s*\Z")
"""A number with its thousands grouped by dots: "1.499"."""


def cents_mark(number: str) -> str:
    """Return what joins cents to the text that ends in a number: no dot where dots group its thousands."""
    return "," if _GROUPED.search(number) else "."


def join_texts(parts: Iterable[tuple[str, bool, bool]]) -> str:
    """Return (text, starts a block, is raised or marked as cents) parts as one line.

    `173<sup>34</sup>` is read 173.34, not 17334; other numbers that touch stay two: `<s>$141.99</s><b>21% off</b>`.
    """
    out = ""
    for text, block, cents in parts:
        if cents and _TWO_DIGITS.match(text) and _ENDS_IN_NUMBER.search(out):
            out = out.rstrip() + cents_mark(out) + text.strip()
        elif out and (block or (text[:1].isdigit() and out[-1].isdigit())):
            out += " " + text
        else:
            out += text
    return one_line(out)


def one_line(text: str) -> str:
    """Return a text with its white space folded, spaces of no width included."""
    if not text.isascii():
        text = text.replace("\u200b", " ").replace("\ufeff", " ")
    return " ".join(text.split())


def clean(text: str) -> str:
    """Return text with entities decoded (twice: shops escape twice), tags dropped and white space folded."""
    if text.isalnum():
        return text  # most codes and brands are one word
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAGS.sub(" ", text)
    if not text.isascii():
        text = text.replace("\u200b", " ").replace("\ufeff", " ")
    return " ".join(text.split())
