"""The catalogue as the command reads it: as it is in force, which for a broken file is what beat runs of it.

Redis is asked only where a definition refers to a Variable or is broken.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from redis.exceptions import RedisError

from console.output import errors
from jobs.catalogue import Catalogue
from jobs.job import Job
from tasks.catalogue import current_catalogue, find_job, read_catalogue, read_variables, variable_values
from tasks.reach import reach
from tasks.settings import Settings, settings


class Readable(NamedTuple):
    """What can be said of the definitions, whether Redis is up or not."""

    catalogue: Catalogue
    unknown: Mapping[Path, str]
    """Files that say nothing without Redis, and the Variables that they refer to."""


def catalogue() -> Catalogue:
    """Return the jobs that are in force.

    Raises InvalidDefinition, OSError, and redis.ConnectionError where Variables are needed and neither Redis nor
    SHELFBEAT_VARIABLES has them.
    """
    values = settings()
    found = read_catalogue(values)
    if not found.broken and not _use_variables(found):
        return found
    try:
        return current_catalogue(reach(), found)
    except RedisError as error:
        if found.broken:
            errors.print("Redis is away, so what is in force of a broken file is not known", soft_wrap=True)
        return _without_redis(values, found, error)


def catalogue_of_files(folder: Path | None = None, variables: Path | None = None) -> Catalogue:
    """Return what the files of a folder (default: SHELFBEAT_JOBS) say, whatever beat runs of the broken ones.

    Variables are those of Redis, or of a file where given. Raises as `catalogue` does.
    """
    values = _with_folder(folder)
    if variables is not None:
        return read_catalogue(values, variables=_of_file(variables))
    found = read_catalogue(values)
    if not _use_variables(found):
        return found
    try:
        return read_catalogue(values, found, variable_values(reach()))
    except RedisError as error:
        return _without_redis(values, found, error)


def readable_catalogue() -> Readable:
    """Return what of the jobs can be known now. Raises InvalidDefinition, OSError."""
    try:
        return Readable(catalogue(), {})
    except RedisError:
        return without_variables()


def without_variables(folder: Path | None = None) -> Readable:
    """Return what the definitions say that refer to no Variable. Raises InvalidDefinition, OSError."""
    found = read_catalogue(_with_folder(folder))
    unknown = {
        path: ", ".join(name for name, _ in entry.used) for path, entry in found.entries.items() if entry.used
    }
    broken = {file: mistakes for file, mistakes in found.broken.items() if Path(file) not in unknown}
    return Readable(replace(found, broken=broken), unknown)


def job_in_force(found: Catalogue, name: str) -> Job:
    """Return a job as it is in force, and say beside the answer where that is not what its file says.

    Raises InvalidDefinition, UnknownJob.
    """
    job = find_job(found, name)
    tell_last_good(found, [name])
    return job


def tell_last_good(found: Catalogue, names: Iterable[str]) -> None:
    """Say beside the answer which of these jobs run on the last good version of a broken file."""
    for name in sorted(found.last_good.intersection(names)):
        errors.print(_last_good_words(found, name), style="yellow", soft_wrap=True)


def _last_good_words(found: Catalogue, name: str) -> str:
    entry = found.entries[found.files[name]]
    more = f" and {len(entry.mistakes) - 1} more" if len(entry.mistakes) > 1 else ""
    since = f" of {entry.good_since:%Y-%m-%d %H:%M} UTC" if entry.good_since else ""
    wrong = f"line {entry.mistakes[0].line}, {entry.mistakes[0].key}{more}"
    return f"{entry.path.name} is broken ({wrong}): its last good version{since} is in force"


def _with_folder(folder: Path | None) -> Settings:
    return settings() if folder is None else replace(settings(), jobs=folder)


def _use_variables(found: Catalogue) -> bool:
    return any(entry.used for entry in found.entries.values())


def _without_redis(values: Settings, found: Catalogue, away: RedisError) -> Catalogue:
    """Return the jobs with the Variables that beat would begin with. Raises `away` where there are none."""
    if not _use_variables(found):
        return found
    if values.variables is None:
        raise away
    errors.print(f"Redis is away: Variables are those of {values.variables}", soft_wrap=True)
    return read_catalogue(values, found, _of_file(values.variables))


def _of_file(file: Path) -> dict[str, str]:
    return {variable.name: variable.value for variable in read_variables(file)}
