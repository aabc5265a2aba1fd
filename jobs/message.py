"""A job's own words for its report: templates in its definition, or in files beside it that are read with it.

The texts travel with the definition, so a run keeps the words that it began with, as it keeps everything else.
What a template may say is known further up; the loader is given a function that tries one out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final, Literal, NamedTuple, get_args

from pydantic import Field, WithJsonSchema

from jobs.document import Data, Document, KeyPath, shown
from jobs.errors import Mistake
from jobs.model import Model

Part = Literal["subject", "text", "html"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
KEY: Final = "message"
MOST_CHARS: Final = 100_000

_FILE: Final = {
    "type": "object",
    "properties": {"file": {"type": "string", "description": "Path, from the folder of the definitions."}},
    "required": ["file"],
    "additionalProperties": False,
}
Template = Annotated[
    str,
    Field(min_length=1, max_length=MOST_CHARS),
    WithJsonSchema({"anyOf": [{"type": "string"}, _FILE]}),
]


class MessageTemplates(Model):
    """Jinja2 templates that replace the built-in ones, each a text or `file:` and its path."""

    subject: Template | None = None
    """One line."""
    text: Template | None = None
    """For chats, and for mail programs that show no HTML."""
    html: Template | None = None


class TemplateFault(NamedTuple):
    """What is wrong with a template. Lines count from 1; 0 is the template as a whole."""

    line: int
    what: str


TryTemplate = Callable[[Part, str], TemplateFault | None]
Seen = tuple[tuple[Path, int], ...]
"""Files that were read, with the time of their last change in ns, 0 for one that is not there."""


@dataclass(frozen=True)
class Written:
    """A definition with the texts of its template files in their places."""

    document: Document
    mistakes: tuple[Mistake, ...]
    files: Seen
    places: dict[Part, Path]
    """Parts whose text is a file's."""


def with_template_files(document: Document, folder: Path) -> Written:
    """Return the definition with each `{file: path}` under `message` replaced by the text of that file."""
    block = document.data.get(KEY)
    if not isinstance(block, dict):
        return Written(document, (), (), {})
    texts: dict[str, Data] = dict(block)
    mistakes, files, places = list[Mistake](), list[tuple[Path, int]](), dict[Part, Path]()
    for part in PARTS:
        given = block.get(part)
        if given is None or isinstance(given, str):
            continue
        del texts[part]
        name = given.get("file") if isinstance(given, dict) and set(given) == {"file"} else None
        if not isinstance(name, str):
            mistakes.append(document.mistake((KEY, part), "a template, or {file: its path}", shown(given)))
            continue
        path = folder / name
        files.append((path, changed_at(path)))
        try:
            texts[part] = path.read_text("utf-8")
            places[part] = path
        except (OSError, UnicodeDecodeError, ValueError) as error:  # ValueError: a NUL in the name
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            wrong = document.mistake((KEY, part, "file"), "a file of UTF-8 text", f"{path}: {why}")
            mistakes.append(wrong)
    filled = replace(document, data={**document.data, KEY: texts})
    return Written(filled, tuple(mistakes), tuple(files), places)


def changed_at(path: Path) -> int:
    """Return when a file was last changed, in ns; 0 for one that cannot be seen."""
    try:
        return path.stat().st_mtime_ns
    except (OSError, ValueError):
        return 0


def template_mistakes(templates: MessageTemplates, written: Written, tried: TryTemplate) -> list[Mistake]:
    """Return what is wrong with a job's templates, each with the line that it stands in."""
    mistakes = []
    for part in PARTS:
        source = getattr(templates, part)
        fault = tried(part, source) if source is not None else None
        if fault is not None:
            mistakes.append(_mistake(part, source, fault, written))
    return mistakes


def _mistake(part: Part, source: str, fault: TemplateFault, written: Written) -> Mistake:
    path: KeyPath = (KEY, part)
    lines = source.splitlines()
    given = shown(lines[fault.line - 1].strip() if 0 < fault.line <= len(lines) else f"{len(lines)} lines")
    allowed = f"a template that works; {fault.what}"
    if part in written.places:
        return Mistake(str(written.places[part]), max(1, fault.line), f"{KEY}.{part}", allowed, given)
    wrong = written.document.mistake(path, allowed, given)
    first = written.document.blocks.get(path)
    return wrong if first is None or not fault.line else replace(wrong, line=first + fault.line - 1)
