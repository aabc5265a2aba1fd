"""The catalogue as this installation has it: the folder of definitions, with the Variables that Redis holds."""

from collections.abc import Mapping
from pathlib import Path

from jobs.catalogue import NO_VARIABLES, Catalogue, load_catalogue
from jobs.errors import InvalidDefinition
from jobs.job import Job
from jobs.variable_file import parse_variables
from jobs.variables import Variable
from reports.columns import known_fields
from runs.variables import VariableStore
from tasks.context import Context
from tasks.settings import Settings


class UnknownJob(LookupError):  # noqa: N818 - the name says what it is
    """No valid definition has this name."""

    def __init__(self, job: str, known: tuple[str, ...]) -> None:
        super().__init__(job, known)
        self.job = job
        self.known = known

    def __str__(self) -> str:
        return f"no job {self.job!r}; there are: {', '.join(self.known) or 'none'}"


def read_catalogue(
    values: Settings, previous: Catalogue | None = None, variables: Mapping[str, str] = NO_VARIABLES
) -> Catalogue:
    """Return the jobs of the definitions folder. Raises InvalidDefinition when there is no such folder."""
    return load_catalogue(values.jobs, known_fields=known_fields(), variables=variables, previous=previous)


def current_catalogue(here: Context) -> Catalogue:
    """Return the jobs as they are now, Variables filled in. Raises InvalidDefinition, redis.ConnectionError."""
    return read_catalogue(here.settings, variables=variable_values(here))


def variable_values(here: Context) -> dict[str, str]:
    """Return the values of all Variables."""
    return {name: stored.value for name, stored in VariableStore(here.redis).all().items()}


def find_job(catalogue: Catalogue, job: str) -> Job:
    """Return a job's definition.

    Raises InvalidDefinition when a file of its name is wrong, UnknownJob when no file says it.
    """
    if job in catalogue.jobs:
        return catalogue.jobs[job]
    for file, mistakes in catalogue.broken.items():
        if Path(file).stem == job:
            raise InvalidDefinition(file, mistakes)
    raise UnknownJob(job, tuple(sorted(catalogue.jobs)))


def read_variables(file: Path) -> tuple[Variable, ...]:
    """Return the Variables of a file. Raises InvalidDefinition with all mistakes, OSError."""
    return parse_variables(file.read_text("utf-8"), str(file))
