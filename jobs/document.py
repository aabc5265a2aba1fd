"""A definition file as plain data, with the line of every key: YAML 1.2 in, no objects, no surprises.

Nothing is run or fetched, aliases may not grow the document (`MAX_NODES`), a key may stand once. Times and
dates stay the text they are.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.nodes import Node, ScalarNode, SequenceNode

from jobs.addresses import without_login
from jobs.errors import Mistake

MAX_BYTES: Final = 1_000_000  # a longer list of URLs belongs in a file of its own
MAX_NODES: Final = 100_000  # ten lines of nested aliases can mean a billion values
MAX_DEPTH: Final = 50

_SIGNS: Final = ("*", "@", "`", "%")
"""What no plain value may begin with: `* 6 * * *`, `@daily`."""
_KEY: Final = re.compile(r"([\w-]+):\s+\Z")

_TAG: Final = "tag:yaml.org,2002:"

KeyPath = tuple[str | int, ...]
Data = None | bool | int | float | str | list["Data"] | dict[str, "Data"]

WHOLE: Final = "(the file)"
"""The key of a mistake that is the whole file's."""


@dataclass(frozen=True)
class Document:
    """The data of one file and where each part of it stands."""

    file: str
    data: dict[str, Data]
    lines: dict[KeyPath, int]
    """Line, from 1, of every key and list item."""
    blocks: dict[KeyPath, int] = field(default_factory=dict)
    """First line of every text that is written as a block (`|`), whose lines are the file's."""

    def line(self, path: KeyPath) -> int:
        """Return the line of `path`, or of the nearest part above it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1

    def mistake(self, path: KeyPath, allowed: str, given: str) -> Mistake:
        """Return a mistake at `path`."""
        return Mistake(self.file, self.line(path), dotted(path), allowed, given)


def dotted(path: KeyPath) -> str:
    """Return `publish.files.0`."""
    return ".".join(str(part) for part in path) or WHOLE


def shown(value: object) -> str:
    """Return a value as people recognise it, on one line and not too long, no login in it."""
    text = (
        "nothing"
        if value is None
        else "true"
        if value is True
        else "false"
        if value is False
        else without_login(repr(value))
    )
    return text if len(text) <= 80 else text[:77] + "…"


def read_text(path: Path) -> str | Mistake:
    """Return the text of a definition file, or why it cannot be one."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return Mistake(str(path), 1, WHOLE, "a readable file", error.strerror or str(error))
    if len(raw) > MAX_BYTES:
        return Mistake(
            str(path), 1, WHOLE, f"at most {MAX_BYTES:,} bytes; put a long list of URLs into a file", "more"
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Mistake(str(path), line, WHOLE, "UTF-8 text", f"byte 0x{raw[error.start]:02x}")


def parse_document(text: str, file: str) -> tuple[Document, list[Mistake]]:
    """Return the document and the mistakes of its form: syntax, repeated keys, no mapping at the top."""
    try:
        yaml = YAML(typ="safe", pure=True)
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        return _empty(file), [_no_yaml(text, file, error)]
    except (YAMLError, ValueError) as error:  # a control character; a NUL
        return _empty(file), [Mistake(file, 1, WHOLE, "YAML", str(error).splitlines()[0])]
    except RecursionError:
        return _empty(file), [Mistake(file, 1, WHOLE, f"at most {MAX_DEPTH} levels", "more")]
    if root is None:
        return _empty(file), [Mistake(file, 1, WHOLE, "keys and values, job: first", "an empty file")]
    reader = _Reader(file, yaml.constructor)
    data = reader.value(root, ())
    if not isinstance(data, dict):
        line = root.start_mark.line + 1
        wrong = Mistake(file, line, WHOLE, "keys and values, job: first", shown(data))
        return _empty(file), [*reader.mistakes, wrong]
    return Document(file, data, reader.lines, reader.blocks), reader.mistakes


def _no_yaml(text: str, file: str, error: MarkedYAMLError) -> Mistake:
    """Return what is wrong with the syntax, in words of their own for what people do most often."""
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    problem = " ".join(part for part in (error.context, error.problem) if part)
    for mark in (error.problem_mark, error.context_mark):
        before, sign = _around(text, mark)
        if sign == "\t":
            return Mistake(file, line, WHOLE, "blanks; YAML takes no tab here", "a tab")
        if sign in _SIGNS:
            named = _KEY.search(before)
            key, what = (named[1], named[1]) if named else (WHOLE, "value")
            allowed = (
                f'put the {what} into quotes, "{sign}…"; without them YAML takes {sign} for a sign of its own'
            )
            return Mistake(file, line, key, allowed, f"a value that begins with {sign}")
        if sign == ":":
            allowed = 'YAML: a text with ": " in it stands in quotes, keys of one place stand in one column'
            return Mistake(file, line, WHOLE, allowed, problem)
    return Mistake(file, line, WHOLE, "YAML", problem)


def _around(text: str, mark: StreamMark | None) -> tuple[str, str]:
    """Return what stands before a mark in its line, and the character at it."""
    lines = text.split("\n")
    line = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    return (line[: mark.column], line[mark.column : mark.column + 1]) if mark is not None else ("", "")


def _empty(file: str) -> Document:
    return Document(file, {}, {})


class _Reader:
    """Turns composed nodes into plain data, noting lines and mistakes on the way."""

    def __init__(self, file: str, scalars: SafeConstructor) -> None:
        self.file = file
        self.lines: dict[KeyPath, int] = {}
        self.blocks: dict[KeyPath, int] = {}
        self.mistakes: list[Mistake] = []
        self._scalars = scalars
        self._nodes = 0
        self._above: list[Node] = []

    def value(self, node: Node, path: KeyPath) -> Data:
        """Return the data under `node`."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            if self._nodes == MAX_NODES + 1:
                self._wrong(node, path, f"at most {MAX_NODES:,} values, aliases written out", "more")
            return None
        if len(self._above) >= MAX_DEPTH or any(node is above for above in self._above):
            self._wrong(node, path, f"at most {MAX_DEPTH} levels, and no alias inside its own anchor", "more")
            return None
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        self._above.append(node)
        try:
            if isinstance(node, SequenceNode):
                return self._list(node, path)
            return self._mapping(node, path)
        finally:
            self._above.pop()

    def _wrong(self, node: Node, path: KeyPath, allowed: str, given: str) -> None:
        self.mistakes.append(Mistake(self.file, node.start_mark.line + 1, dotted(path), allowed, given))

    def _scalar(self, node: ScalarNode, path: KeyPath) -> Data:
        kind = (node.tag or "").removeprefix(_TAG)
        text: str = node.value
        if node.style == "|":
            self.blocks[path] = node.start_mark.line + 2
        if kind in {"str", "timestamp"}:
            if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
                self._wrong(node, path, "text of whole characters", "half of a surrogate pair")
            return text
        if kind == "null":
            return None
        try:
            if kind == "bool":
                return bool(self._scalars.construct_yaml_bool(node))
            if kind == "int":
                return int(self._scalars.construct_yaml_int(node))
            if kind == "float":
                return float(self._scalars.construct_yaml_float(node))
        except (ValueError, KeyError, ConstructorError):
            self._wrong(node, path, f"a {kind}", shown(text))
            return None
        self._wrong(node, path, "a plain value without a tag", str(node.tag))
        return None

    def _list(self, node: SequenceNode, path: KeyPath) -> Data:
        items: list[Data] = []
        for index, item in enumerate(node.value):
            self.lines[(*path, index)] = item.start_mark.line + 1
            items.append(self.value(item, (*path, index)))
        return items

    def _mapping(self, node: Node, path: KeyPath) -> Data:
        found: dict[str, Data] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self._wrong(key_node, path, "a plain key", "a list or mapping as key")
                continue
            key: str = key_node.value
            if key in first:
                self._wrong(
                    key_node, (*path, key), f"the key once; it stands in line {first[key]} too", "again"
                )
                continue
            first[key] = line
            self.lines[(*path, key)] = line
            found[key] = self.value(value_node, (*path, key))
        return found
