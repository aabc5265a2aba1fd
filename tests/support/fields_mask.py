"""The `fields` parameter of Google's APIs: `sheets(properties(sheetId),basicFilter),spreadsheetUrl`."""

import re
from typing import Any

_TOKENS = re.compile(r"[A-Za-z_*]+|[(),./]")
Mask = dict[str, Any]


def masked(value: Any, mask: str) -> Any:
    """Return the value with only what the mask names; a part that the value lacks is left out."""
    return _keep(value, parsed(mask))


def parsed(mask: str) -> Mask:
    """Return a mask as nested names; nothing inside a name means all of it."""
    return _parse(_TOKENS.findall(mask))


def _parse(tokens: list[str]) -> Mask:
    mask: Mask = {}
    while tokens:
        token = tokens.pop(0)
        if token == ")":
            break
        if token == ",":
            continue
        at = mask.setdefault(token, {})
        while tokens and tokens[0] in "./":
            tokens.pop(0)
            at = at.setdefault(tokens.pop(0), {})
        if tokens and tokens[0] == "(":
            tokens.pop(0)
            at.update(_parse(tokens))
    return mask


def _keep(value: Any, mask: Mask) -> Any:
    if not mask or "*" in mask:
        return value
    if isinstance(value, list):
        return [_keep(item, mask) for item in value]
    if isinstance(value, dict):
        return {key: _keep(item, mask[key]) for key, item in value.items() if key in mask}
    return value
