"""The catalogue as the command reads it: Redis is asked for Variables only where a definition refers to one."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from redis.exceptions import RedisError

from console.output import errors
from jobs.catalogue import Catalogue
from tasks.catalogue import read_catalogue, read_variables, variable_values
from tasks.reach import reach
from tasks.settings import Settings, settings


class Readable(NamedTuple):
    """What can be said of the definitions, whether Redis is up or not."""

    catalogue: Catalogue
    unknown: Mapping[Path, str]
    """Files that say nothing without Redis, and the Variables that they refer to."""


def catalogue(folder: Path | None = None, variables: Path | None = None) -> Catalogue:
    """Return the jobs of a folder (default: SHELFBEAT_JOBS), Variables from Redis, or from a file where given.

    Raises InvalidDefinition, OSError, and redis.ConnectionError where Variables are needed and neither Redis nor
    SHELFBEAT_VARIABLES has them.
    """
    values = settings() if folder is None else replace(settings(), jobs=folder)
    if variables is not None:
        return read_catalogue(values, variables=_of_file(variables))
    found = read_catalogue(values)
    if any(entry.used for entry in found.entries.values()):
        found = read_catalogue(values, variables=_current(values))
    return found


def readable_catalogue() -> Readable:
    """Return what of the jobs can be known now. Raises InvalidDefinition, OSError."""
    try:
        return Readable(catalogue(), {})
    except RedisError:
        found = read_catalogue(settings())
    unknown = {
        path: ", ".join(name for name, _ in entry.used) for path, entry in found.entries.items() if entry.used
    }
    broken = {file: mistakes for file, mistakes in found.broken.items() if Path(file) not in unknown}
    return Readable(replace(found, broken=broken), unknown)


def _current(values: Settings) -> dict[str, str]:
    """Return the Variables of Redis; where it is away, those that beat would begin with."""
    try:
        return variable_values(reach())
    except RedisError:
        if values.variables is None:
            raise
        errors.print(f"Redis is away: Variables are those of {values.variables}", soft_wrap=True)
        return _of_file(values.variables)


def _of_file(file: Path) -> dict[str, str]:
    return {variable.name: variable.value for variable in read_variables(file)}
