"""Variables as a file: what seeds them, what `variables export` writes and `variables import` reads.

NIGHTLY: {type: cron, value: "0 6 * * *", description: After the shops' own nightly import}
SHOP: shop.acme.example
"""

import io
from collections.abc import Iterable
from typing import Final, get_args

from ruamel.yaml import YAML

from jobs.document import Data, Document, KeyPath, parse_document, shown
from jobs.errors import InvalidDefinition, Mistake
from jobs.mistakes import choice
from jobs.variables import Variable, VariableType

_KEYS: Final = ("value", "type", "description")
_TYPES: Final[tuple[VariableType, ...]] = get_args(VariableType)


def parse_variables(text: str, file: str) -> tuple[Variable, ...]:
    """Return the Variables of a file, in its order. Raises InvalidDefinition with all mistakes at once."""
    if not text.strip():
        return ()
    document, mistakes = parse_document(text, file)
    found = [_variable(name, value, document, mistakes) for name, value in document.data.items()]
    if mistakes:
        raise InvalidDefinition(file, tuple(sorted(mistakes, key=lambda mistake: mistake.line)))
    return tuple(variable for variable in found if variable is not None)


def variables_text(variables: Iterable[Variable]) -> str:
    """Return Variables as `parse_variables` reads them."""
    data = {
        variable.name: {"type": variable.type, "value": variable.value, "description": variable.description}
        for variable in variables
    }
    out = io.StringIO()
    YAML(typ="safe", pure=True).dump(data, out)
    return out.getvalue() if data else ""


def _variable(name: str, given: Data, document: Document, mistakes: list[Mistake]) -> Variable | None:
    keys = given if isinstance(given, dict) else {"value": given}
    count = len(mistakes)
    for key in keys:
        if key not in _KEYS:
            allowed = choice(key, _KEYS, "a key of a Variable")
            mistakes.append(document.mistake((name, key), allowed, f"the key {key!r}"))
    kind = next((known for known in _TYPES if known == keys.get("type", "text")), None)
    if kind is None:
        allowed = choice(str(keys["type"]), _TYPES, "one of")
        mistakes.append(document.mistake((name, "type"), allowed, shown(keys["type"])))
    value = _text((name, "value"), keys.get("value"), document, mistakes)
    description = _text((name, "description"), keys.get("description", ""), document, mistakes)
    if len(mistakes) > count or kind is None:
        return None
    try:
        return Variable(name, value, kind, description)
    except ValueError as error:
        allowed, _, rest = str(error).rpartition(" (given: ")
        mistakes.append(document.mistake((name,), allowed or str(error), rest.rstrip(")")))
    return None


def _text(path: KeyPath, value: Data, document: Document, mistakes: list[Mistake]) -> str:
    """Return a plain value as its text: a Variable's value is what a definition would write."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    mistakes.append(document.mistake(path, "a plain value", shown(value)))
    return ""
