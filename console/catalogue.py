"""The catalogue as the command reads it: Redis is asked for Variables only where a definition refers to one."""

from dataclasses import replace
from pathlib import Path

from console.reach import reach
from jobs.catalogue import Catalogue
from tasks.catalogue import read_catalogue, read_variables, variable_values
from tasks.settings import settings


def catalogue(folder: Path | None = None, variables: Path | None = None) -> Catalogue:
    """Return the jobs of a folder (default: SHELFBEAT_JOBS), Variables from Redis, or from a file where given.

    Raises InvalidDefinition, OSError, and redis.ConnectionError where Variables are needed and Redis is not up.
    """
    values = settings() if folder is None else replace(settings(), jobs=folder)
    if variables is not None:
        given = {variable.name: variable.value for variable in read_variables(variables)}
        return read_catalogue(values, variables=given)
    found = read_catalogue(values)
    if any(entry.used for entry in found.entries.values()):
        found = read_catalogue(values, variables=variable_values(reach()))
    return found
