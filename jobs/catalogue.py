"""The catalogue: every job that a folder of definitions promises, and every mistake in it.

    folder ── scan ──> text ── YAML ──> data ── Variables ──> data ── models ──> Job
                          └────────── mistakes, all at once, with file, line and key ──────┘

A wrong file never stops the others. What was good before and is broken now keeps its last good version.
A file that did not change, and whose Variables did not, is not read again.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError

from jobs.definition import Report
from jobs.document import parse_document, read_text
from jobs.errors import InvalidDefinition, Mistake
from jobs.job import Job
from jobs.maintenance import Maintenance
from jobs.message import (
    Part,
    Seen,
    TemplateFault,
    TryTemplate,
    changed_at,
    template_mistakes,
    with_template_files,
)
from jobs.mistakes import to_mistakes
from jobs.variables import references, substitute


class NoFolder(InvalidDefinition):
    """The folder of the definitions is not there."""

    def __str__(self) -> str:
        return f"There is no folder {self.file}. Make it, or set SHELFBEAT_JOBS to the one there is"


SUFFIXES: Final = (".yaml", ".yml")
NO_VARIABLES: Final[Mapping[str, str]] = MappingProxyType({})


def any_template(_part: Part, _source: str) -> TemplateFault | None:
    """Take every template for good."""
    return None


_JOB_LINE: Final = re.compile(r"""^job:[ \t]*["']?([a-z0-9][a-z0-9_-]*)""", re.MULTILINE)
Stamp = tuple[int, ...]
"""What of a file's metadata changes when its content does."""


@dataclass(frozen=True)
class _Rules:
    """What definitions are held to beside the models."""

    known_fields: frozenset[str]
    variables: Mapping[str, str]
    try_template: TryTemplate


@dataclass(frozen=True)
class Entry:
    """One file of the folder, as it was read."""

    path: Path
    stamp: Stamp
    job: Job | None
    """The definition; while the file is broken, its last good version, if one was seen."""
    mistakes: tuple[Mistake, ...] = ()
    job_line: int = 1
    used: tuple[tuple[str, str | None], ...] = ()
    """The Variables it refers to, with the values they had."""
    templates: Seen = ()
    """The template files it refers to."""
    claims: str = ""
    """The name of the job that the file says, be the rest right or not; '' where it cannot be told."""
    good_since: datetime | None = None
    """Since when the last good version of a broken file is in force, where another process kept it."""


@dataclass(frozen=True)
class Catalogue:
    """All jobs of a folder by name, and the files that a person must mend."""

    folder: Path
    jobs: Mapping[str, Job]
    broken: Mapping[str, tuple[Mistake, ...]]
    """Mistakes by file."""
    last_good: frozenset[str]
    """Names of jobs that run on an earlier version, because their file is broken now."""
    files: Mapping[str, Path]
    """The file of each job."""
    entries: Mapping[Path, Entry]
    """What the next load needs to skip what did not change."""

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """Every mistake of every file."""
        return tuple(mistake for found in self.broken.values() for mistake in found)


def load_catalogue(
    folder: Path,
    *,
    known_fields: frozenset[str],
    variables: Mapping[str, str] = NO_VARIABLES,
    try_template: TryTemplate = any_template,
    previous: Catalogue | None = None,
) -> Catalogue:
    """Return the jobs of `folder`: its `*.yaml` and `*.yml` files, hidden ones left out.

    `known_fields` are the names that columns may have, `variables` the values of `${NAME}`; `try_template` says
    what is wrong with a message's template. With the catalogue loaded before, only changed files are read. Raises
    NoFolder, and InvalidDefinition for what is no folder.
    """
    rules = _Rules(known_fields, variables, try_template)
    before = previous.entries if previous is not None and previous.folder == folder else {}
    entries: dict[Path, Entry] = {}
    for path, stamp in _scan(folder):
        old = before.get(path)
        if old is None or old.stamp != stamp or _used_changed(old, variables):
            entries[path] = _read(path, stamp, rules, old)
        else:
            entries[path] = old
    return _assemble(folder, entries, previous)


def load_definition(
    source: Path | str,
    *,
    known_fields: frozenset[str],
    variables: Mapping[str, str] = NO_VARIABLES,
    try_template: TryTemplate = any_template,
) -> Report:
    """Return the one report in a file (a Path) or a text. Raises InvalidDefinition with all mistakes."""
    text = read_text(source) if isinstance(source, Path) else source
    file = str(source) if isinstance(source, Path) else "(text)"
    if isinstance(text, Mistake):
        raise InvalidDefinition(file, (text,))
    read = _parse(text, file, _Rules(known_fields, variables, try_template))
    if not isinstance(read.job, Report) or read.mistakes:
        raise InvalidDefinition(file, read.mistakes)
    return read.job


def _scan(folder: Path) -> list[tuple[Path, Stamp]]:
    """Return the definition files in the order of their names; what is no regular file is none."""
    try:
        with os.scandir(folder) as items:
            named = [item for item in items if item.name.endswith(SUFFIXES) and item.name[0] != "."]
            found = [(Path(item.path), _stamp(item)) for item in named]
    except FileNotFoundError as error:
        raise NoFolder(folder, (Mistake(str(folder), 0, "(the folder)", "a folder", "nothing"),)) from error
    except OSError as error:
        allowed = "a folder of definitions; make it, or set SHELFBEAT_JOBS to the one there is"
        wrong = Mistake(str(folder), 0, "(the folder)", allowed, error.strerror or str(error))
        raise InvalidDefinition(folder, (wrong,)) from error
    return sorted(pair for pair in found if pair[1])


def _stamp(item: os.DirEntry[str]) -> Stamp:
    """Return the stamp of a file; of what is no regular file, or a link to nothing, an empty one."""
    try:
        if not item.is_file():
            return ()
        stat = item.stat()
    except FileNotFoundError:  # removed since the folder was listed
        return ()
    return (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)


def _used_changed(entry: Entry, variables: Mapping[str, str]) -> bool:
    return any(variables.get(name) != value for name, value in entry.used) or any(
        changed_at(path) != at for path, at in entry.templates
    )


def _read(path: Path, stamp: Stamp, rules: _Rules, old: Entry | None) -> Entry:
    """Read one file; when it is broken, keep the version that was good before."""
    text = read_text(path)
    if isinstance(text, Mistake):
        entry = Entry(path, stamp, None, (text,))
    else:
        entry = replace(_parse(text, str(path), rules), path=path, stamp=stamp)
    if entry.mistakes and old is not None:
        return replace(entry, job=old.job, good_since=old.good_since)
    return entry


def _parse(text: str, file: str, rules: _Rules) -> Entry:
    document, mistakes = parse_document(text, file)
    used = tuple((name, rules.variables.get(name)) for name in sorted(references(document.data)))
    document, unknown = substitute(document, rules.variables)
    written = with_template_files(document, Path(file).parent)
    document = written.document
    mistakes += [*unknown, *written.mistakes]
    job: Job | None = None
    # What YAML itself could not read would only be told again as keys that are missing.
    if document.data:
        model = Maintenance if "maintenance" in document.data else Report
        try:
            job = model.model_validate(document.data, context={"known_fields": rules.known_fields})
        except ValidationError as error:
            told = {mistake.key for mistake in mistakes}
            found = to_mistakes(error.errors(), document, model)
            mistakes += [mistake for mistake in found if mistake.key not in told]
        if isinstance(job, Report):
            mistakes += template_mistakes(job.message, written, rules.try_template)
    wrong = tuple(sorted(mistakes, key=lambda mistake: mistake.line))
    line = document.line(("job",))
    claims = document.data.get("job")
    said = claims if isinstance(claims, str) else _claimed(text)
    return Entry(Path(file), (), None if wrong else job, wrong, line, used, written.files, said)


def _claimed(text: str) -> str:
    """Return the job's name of a text that is no YAML, as far as its line can be read."""
    found = _JOB_LINE.search(text)
    return found[1] if found else ""


def _assemble(folder: Path, entries: dict[Path, Entry], previous: Catalogue | None) -> Catalogue:
    """Put jobs under their names. One that two files claim stays with the one that had it, else with none."""
    claims: dict[str, list[Entry]] = {}
    for entry in entries.values():
        if entry.job is not None:
            claims.setdefault(entry.job.job, []).append(entry)
    broken = {str(entry.path): entry.mistakes for entry in entries.values() if entry.mistakes}
    jobs: dict[str, Job] = {}
    files: dict[str, Path] = {}
    for name, claimants in sorted(claims.items()):
        owner = claimants[0] if len(claimants) == 1 else _owner(name, claimants, previous)
        for entry in claimants:
            if len(claimants) > 1 and entry is not owner:
                others = [other for other in claimants if other is not entry]
                broken[str(entry.path)] = (*entry.mistakes, _same_name(name, entry, others))
        if owner is not None and owner.job is not None:
            jobs[name], files[name] = owner.job, owner.path
    last_good = frozenset(name for name, path in files.items() if entries[path].mistakes)
    return Catalogue(folder, jobs, broken, last_good, files, entries)


def _owner(name: str, claimants: Sequence[Entry], previous: Catalogue | None) -> Entry | None:
    had = previous.files.get(name) if previous is not None else None
    return next((entry for entry in claimants if entry.path == had), None)


def _same_name(name: str, entry: Entry, others: Sequence[Entry]) -> Mistake:
    places = ", ".join(f"{other.path}:{other.job_line}" for other in others)
    return Mistake(
        str(entry.path), entry.job_line, "job", f"a name of its own; {places} has it too", repr(name)
    )
