"""Variables: named, typed, described values that definitions refer to as `${NAME}`.

A cron expression, an address, a limit that several jobs share is written once. Substitution happens before
a definition is validated, so a value is held to the rules of the place where it lands. `$${NAME}` stands for
the text `${NAME}` itself. The values live with the ledger (runs); here is what they are.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final, Literal
from urllib.parse import urlsplit

from jobs.addresses import NOT_SHOWN, REFER_INSTEAD, may_hold_credential
from jobs.document import Data, Document, KeyPath
from jobs.errors import Mistake
from jobs.units import check_cron, check_zone, parse_duration

VariableType = Literal["text", "integer", "number", "boolean", "duration", "cron", "timezone", "address"]

NAME_PATTERN: Final = r"^[A-Z][A-Z0-9_]{0,62}$"
MAX_VALUE_CHARS: Final = 10_000
_REFERENCE: Final = re.compile(r"\$(\$)?\{([^}]*)\}")


@dataclass(frozen=True)
class Variable:
    """One Variable. `value` is text, as a definition would write it, and holds to `type`."""

    name: str
    """Capital letters, digits and _."""
    value: str
    type: VariableType = "text"
    description: str = ""

    def __post_init__(self) -> None:
        """Refuse what no definition could use. Raises ValueError with what is allowed."""
        if not re.fullmatch(NAME_PATTERN, self.name):
            message = f"a name of capital letters, digits and _ (given: {self.name!r})"
            raise ValueError(message)
        if may_hold_credential(self.value):  # Variables are shown, and every change of them is kept
            message = f"{REFER_INSTEAD} (given: {NOT_SHOWN})"
            raise ValueError(message)
        check_value(self.type, self.value)


def check_value(kind: VariableType, value: str) -> None:
    """Raise ValueError saying what is allowed unless `value` is of `kind`."""
    if len(value) > MAX_VALUE_CHARS:
        message = f"at most {MAX_VALUE_CHARS:,} characters"
        raise ValueError(message)
    try:
        _CHECKS[kind](value)
    except ValueError as error:
        message = (
            f"{error} (given: {value!r})" if str(error) else f"a value of type {kind} (given: {value!r})"
        )
        raise ValueError(message) from error


def _integer(value: str) -> None:
    if not re.fullmatch(r"[+-]?\d{1,18}", value):
        raise ValueError("a whole number")


def _number(value: str) -> None:
    if not re.fullmatch(r"[+-]?\d{1,18}(\.\d{1,18})?", value):
        raise ValueError("a number such as 0.25")


def _boolean(value: str) -> None:
    if value not in {"true", "false"}:
        raise ValueError("true or false")


def _address(value: str) -> None:
    parts = urlsplit(value)
    if not parts.scheme or not (parts.netloc or parts.path):
        raise ValueError("an address such as https://shop.example/feed.xml")


_CHECKS: Final[Mapping[VariableType, Callable[[str], object]]] = {
    "text": lambda _: None,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "duration": parse_duration,
    "cron": check_cron,
    "timezone": check_zone,
    "address": _address,
}


def references(data: Data) -> frozenset[str]:
    """Return the names of the Variables that `data` refers to."""
    if isinstance(data, str):
        return frozenset(name for escape, name in _REFERENCE.findall(data) if not escape)
    if isinstance(data, list):
        return frozenset().union(*(references(item) for item in data))
    if isinstance(data, dict):
        return frozenset().union(*(references(item) for item in data.values()))
    return frozenset()


def substitute(document: Document, values: Mapping[str, str]) -> tuple[Document, list[Mistake]]:
    """Return the document with every `${NAME}` replaced, and a mistake for each name that no Variable has.

    A value that is one reference and nothing else may land where a number or true/false is asked.
    """
    mistakes: list[Mistake] = []
    replaced = {
        key: _replace(value, (key,), document, values, mistakes) for key, value in document.data.items()
    }
    return replace(document, data=replaced), mistakes


def _unknown(name: str, values: Mapping[str, str]) -> str:
    """Return what is said of a name that no Variable has, or could have."""
    near = get_close_matches(name.upper(), values, n=3)
    hint = f"nearest: {', '.join(near)}" if near else ""
    if re.fullmatch(NAME_PATTERN, name):
        return f"there is no Variable {name}; {hint and f'{hint}; else '}set it: shelfbeat variables set {name} VALUE"
    words = "the name of a Variable, of capital letters, digits and _; $${…} where no Variable is meant"
    return "; ".join(part for part in (words, hint) if part)


def _replace(
    value: Data, path: KeyPath, document: Document, values: Mapping[str, str], mistakes: list[Mistake]
) -> Data:
    if isinstance(value, list):
        return [_replace(item, (*path, i), document, values, mistakes) for i, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _replace(item, (*path, key), document, values, mistakes) for key, item in value.items()}
    if not isinstance(value, str) or "${" not in value:
        return value

    def one(match: re.Match[str]) -> str:
        escape, name = match.groups()
        if escape:
            return match.group()[1:]
        if name not in values:
            mistakes.append(document.mistake(path, _unknown(name, values), match.group()))
            return ""
        return values[name]

    return _REFERENCE.sub(one, value)
