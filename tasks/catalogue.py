"""The catalogue as this installation has it: the folder of definitions, with the Variables that Redis holds."""

import functools
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from jobs.catalogue import NO_VARIABLES, Catalogue, load_catalogue
from jobs.definition import Report
from jobs.errors import InvalidDefinition
from jobs.job import Job
from jobs.maintenance import BUILT_IN
from jobs.message import Part, TemplateFault
from jobs.mistakes import no_such
from jobs.secrets import is_reference
from jobs.variable_file import parse_variables
from jobs.variables import Variable
from reports.columns import known_fields
from runs.agenda import Agenda
from runs.variables import VariableStore
from tasks.context import Context, UnreadableDefinition, job_from_json
from tasks.settings import Settings

log = structlog.get_logger()

NOWHERE: Final = "https://self-test.invalid/product"
"""A page that cannot exist: RFC 2606 keeps the name free."""


class UnknownJob(LookupError):  # noqa: N818 - the name says what it is
    """No valid definition has this name."""

    def __init__(self, job: str, known: tuple[str, ...]) -> None:
        super().__init__(job, known)
        self.job = job
        self.known = known

    def __str__(self) -> str:
        return no_such("job", self.job, self.known)


def read_catalogue(
    values: Settings, previous: Catalogue | None = None, variables: Mapping[str, str] = NO_VARIABLES
) -> Catalogue:
    """Return the jobs of the definitions folder, and the built-in ones that no file there replaces.

    Raises InvalidDefinition when there is no such folder.
    """
    found = load_catalogue(
        values.jobs,
        known_fields=known_fields(),
        variables=variables,
        try_template=_try_template,
        previous=previous,
    )
    return replace(found, jobs={**built_in(values), **found.jobs})


def _try_template(part: Part, source: str) -> TemplateFault | None:
    from reports.template_trial import try_template  # noqa: PLC0415 - Jinja, which only jobs with their own words need

    return try_template(part, source)


@functools.lru_cache(maxsize=4)
def built_in(values: Settings) -> Mapping[str, Job]:
    """Return the built-in jobs, the same objects each time: a new one would be taken for a changed one."""
    return {job.job: job for job in (*BUILT_IN, _self_test(values))}


def _self_test(values: Settings) -> Report:
    """Return the tiny report that goes through every step each hour.

    Without a page of yours its only URL is one that cannot exist, and its row says so: all steps, no network.
    """
    return Report.model_validate(
        {
            "job": "self-test",
            "category": "Maintenance",
            "description": "A tiny report through every step",
            "schedule": "17 * * * *",
            "deadline": "10m",
            "urls": [{"list": [values.self_test_url or NOWHERE]}],
            "fetch": {} if values.self_test_url else {"retries": 0, "robots": "ignore"},
            "publish": {"files": ["jsonl"]},
            "gates": {"min_coverage": 1, "otherwise": "hold"} if values.self_test_url else {},
            "monitor": _own_monitor(values.self_test_monitor),
        }
    )


def _own_monitor(address: str) -> str | None:
    """Return the self-test's monitor as a reference: an address in the environment is found there by its name."""
    if not address:
        return None
    return address if is_reference(address) else "secret:SHELFBEAT_SELF_TEST_MONITOR"


def current_catalogue(here: Context, read: Catalogue | None = None) -> Catalogue:
    """Return the jobs as they are in force now, Variables filled in; `read` is what was read of them before.

    Raises InvalidDefinition, redis.ConnectionError.
    """
    values = variable_values(here)
    return with_last_good(here, read_catalogue(here.settings, read, values), values)


def with_last_good(here: Context, catalogue: Catalogue, variables: Mapping[str, str]) -> Catalogue:
    """Return the catalogue with the version of each broken file that a beat last saw right and kept."""
    if not catalogue.broken:
        return catalogue
    agenda = Agenda(here.redis)
    good, since = agenda.good(), agenda.good_since()
    entries = dict(catalogue.entries)
    for path, entry in catalogue.entries.items():
        if entry.mistakes and entry.job is None and path.name in good:
            try:
                job = job_from_json(good[path.name])
            except UnreadableDefinition as error:  # good for an older version, and for this one no more
                log.warning("good_version_not_readable", file=path.name, reason=str(error))
            else:
                entries[path] = replace(entry, job=job, good_since=since.get(path.name))
    # Of two files that claim one job, the one that was in force has it.
    had = {
        entry.job.job: path
        for path, entry in entries.items()
        if entry.job and path.name in good and json.loads(good[path.name]).get("job") == entry.job.job
    }
    recalled = replace(catalogue, entries=entries, files={**catalogue.files, **had})
    return read_catalogue(here.settings, recalled, variables)


def variable_values(here: Context) -> dict[str, str]:
    """Return the values of all Variables."""
    return {name: stored.value for name, stored in VariableStore(here.redis).all().items()}


def find_job(catalogue: Catalogue, job: str) -> Job:
    """Return a job's definition.

    Raises InvalidDefinition when a file of its name is wrong, UnknownJob when no file says it.
    """
    if job in catalogue.jobs:
        return catalogue.jobs[job]
    for path, entry in catalogue.entries.items():
        if str(path) in catalogue.broken and job in {path.stem, entry.claims}:
            raise InvalidDefinition(path, catalogue.broken[str(path)])
    raise UnknownJob(job, tuple(sorted(catalogue.jobs)))


def read_variables(file: Path) -> tuple[Variable, ...]:
    """Return the Variables of a file. Raises InvalidDefinition with all mistakes, OSError."""
    return parse_variables(file.read_text("utf-8"), str(file))
