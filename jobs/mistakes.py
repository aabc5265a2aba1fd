"""pydantic's errors as mistakes: file, line, key, what is allowed, what was given."""

import types
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from jobs.addresses import NOT_SHOWN
from jobs.definition import Report
from jobs.document import Data, Document, KeyPath, dotted, shown
from jobs.errors import Mistake
from jobs.model import CELL_PATTERN, CURRENCY_PATTERN, HOST_PATTERN, JOB_PATTERN, SPREADSHEET_PATTERN
from jobs.url_sources import SOURCE_KINDS

# Words for pydantic's error types; {name} is filled from the error's own context.
_ALLOWED: Final[Mapping[str, str]] = {
    "string_type": "a text; put a number or true/false into quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list",
    "dict_type": "keys and values",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "too_short": "at least {min_length} item",
    "string_too_short": "a text that is not empty",
    "string_pattern_mismatch": "a text that matches {pattern}",
    "date_type": "a day such as 2026-12-31",
    "date_parsing": "a day such as 2026-12-31",
    "date_from_datetime_parsing": "a day such as 2026-12-31",
    "date_from_datetime_inexact": "a day such as 2026-12-31",
}

_PATTERNS: Final[Mapping[str, str]] = {
    JOB_PATTERN: "small letters, digits, - and _, at most 63, a letter or digit first",
    HOST_PATTERN: "a host in small letters, without scheme and path, such as shop.example",
    CURRENCY_PATTERN: "a currency of ISO 4217, such as EUR",
    CELL_PATTERN: "a cell such as A1",
    SPREADSHEET_PATTERN: "the id of a spreadsheet, or its address",
}


_FEW: Final = 30
"""Names that may be listed in full."""


def to_mistakes(
    errors: Sequence[ErrorDetails], document: Document, model: type[BaseModel] = Report
) -> tuple[Mistake, ...]:
    """Return every error as a mistake with its line, in the order of the file."""
    found = [_mistake(error, document, model) for error in errors if not _told_twice(error)]
    return tuple(sorted(found, key=lambda mistake: mistake.line))


def _told_twice(error: ErrorDetails) -> bool:
    """Whether it says that a list is short only because all its items are wrong: their mistakes tell it."""
    return error["type"] == "too_short" and bool(error["input"])


def _mistake(error: ErrorDetails, document: Document, model: type[BaseModel]) -> Mistake:
    path = _written_path(error["loc"])
    given = shown(error["input"])
    if error["type"] == "missing":
        return Mistake(
            document.file, document.line(path[:-1]), dotted(path), "this key, it is required", "nothing"
        )
    path = path[: _depth(path, document.data)]
    if _may_be_secret(path):
        given = NOT_SHOWN
    if error["type"] == "extra_forbidden":
        given = f"the key {path[-1]!r}"
    return document.mistake(path, _allowed(error, path, model), given)


def _may_be_secret(path: KeyPath) -> bool:
    """Whether what stands there could be an address that opens a channel: it is told without being repeated."""
    return path[:1] in {("notify",), ("monitor",)} or (
        path[:1] == ("escalation",) and not {"on", "after"} & set(path)
    )


def _depth(path: KeyPath, data: Data) -> int:
    """Return how far a path leads through what was written: a column written as its name has no key `field`."""
    for depth, part in enumerate(path):
        try:
            data = data[part]  # type: ignore[index]  # what does not fit raises
        except (TypeError, KeyError, IndexError):
            return depth
    return len(path)


def _allowed(error: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    given = error["input"]
    if kind == "string_pattern_mismatch" and context["pattern"] in _PATTERNS:
        return _PATTERNS[context["pattern"]]
    if kind == "extra_forbidden":
        return choice(str(path[-1]), _keys_at(error["loc"][:-1], model), "a key of this place")
    if kind in {"model_type", "model_attributes_type"}:
        return f"keys and values: {', '.join(_keys_at(error['loc'], model))}"
    if kind == "source_kind":
        names = list(given) if isinstance(given, dict) else []
        near = [match for name in names for match in get_close_matches(str(name), SOURCE_KINDS, n=1)]
        return error["msg"] + (f"; nearest: {', '.join(near)}" if near else "")
    if kind == "unknown_name":
        return choice(str(given), context["expected"], error["msg"])
    if kind == "literal_error":
        names = [part.strip(" '") for part in context["expected"].replace(" or ", ", ").split(",")]
        return choice(str(given), names, "one of")
    if kind == "value_error":
        return str(context["error"])
    words = _ALLOWED.get(kind)
    return words.format(**context) if words else error["msg"]


def choice(given: str, names: Sequence[str], what: str) -> str:
    """Return a sentence with the nearest names first, and all of them where they are few."""
    begun = [name for name in names if len(given) >= 3 and name.startswith(given)]
    near = list(dict.fromkeys(begun + get_close_matches(given, names, n=3, cutoff=0.6)))[:3]
    parts = [what if what != "one of" else f"one of {', '.join(names)}"]
    if near:
        parts.append(f"nearest: {', '.join(near)}")
    if what != "one of" and (len(names) <= _FEW or not near):
        parts.append(f"allowed: {', '.join(names)}")
    return "; ".join(parts)


def no_such(what: str, given: str, known: Sequence[str]) -> str:
    """Return the sentence about a name that nothing has: the nearest names, and all of them where they are few."""
    near = get_close_matches(given, known, n=3)
    hints = [f"nearest: {', '.join(near)}"] if near else []
    if len(known) <= _FEW:
        hints.append(f"there are: {', '.join(known) or 'none'}")
    return "; ".join([f"no {what} {given!r}", *(hints or [f"there are {len(known):,}"])])


def _written_path(loc: tuple[str | int, ...]) -> KeyPath:
    """Return the path as the file has it, without the marks that pydantic adds for unions and keys."""
    parts = [part for part in loc if part != "[key]"]
    if len(parts) > 2 and parts[0] == "urls":
        del parts[2]  # the kind of source that was chosen
    return tuple(parts)


def _keys_at(loc: tuple[str | int, ...], model: type[BaseModel]) -> list[str]:
    """Return the keys that the part of `model` at `loc` has, `loc` as pydantic gives it."""
    kind: Any = model
    for part in loc:
        kind = _step(kind, part)
    models = [
        option for option in _options(kind) if isinstance(option, type) and issubclass(option, BaseModel)
    ]
    return list(models[0].model_fields) if models else []


def _step(kind: Any, part: str | int) -> Any:
    """Return the annotation one step further down."""
    options = _options(kind)
    if len(options) > 1 and part in SOURCE_KINDS:  # the mark of the chosen source
        return next(option for option in options if part in option.model_fields)
    for option in options:
        if isinstance(option, type) and issubclass(option, BaseModel):
            if isinstance(part, str) and part in option.model_fields:
                return option.model_fields[part].annotation
        elif get_origin(option) is tuple:
            return get_args(option)[0]
        elif get_origin(option) is dict:
            return get_args(option)[1]
    return None


def _options(kind: Any) -> list[Any]:
    """Return the members of a union, else the type itself; Annotated taken off."""
    if get_origin(kind) is Annotated:
        return _options(get_args(kind)[0])
    if get_origin(kind) in {Union, types.UnionType}:
        return [option for member in get_args(kind) for option in _options(member)]
    return [kind]
