"""Changing Variables: held to their type, and to what every definition that uses them allows, before they are saved."""

import getpass
import socket
from collections.abc import Iterable, Mapping

import structlog

from jobs.catalogue import Catalogue
from jobs.errors import InvalidDefinition, Mistake
from jobs.variables import Variable
from runs.variables import Change, VariableStore
from tasks.catalogue import read_catalogue, variable_values
from tasks.context import Context

log = structlog.get_logger()


class WouldBreak(Exception):  # noqa: N818 - the name says what it is
    """The change would make definitions wrong that are right now. Holds what would be wrong."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__(mistakes)
        self.mistakes = mistakes

    def __str__(self) -> str:
        lines = "\n".join(str(mistake) for mistake in self.mistakes)
        return f"not saved, because it would break definitions:\n{lines}"


def whoami() -> str:
    """Return who changes something here: the user of this machine."""
    return f"{getpass.getuser()}@{socket.gethostname()}"


def save(
    here: Context, variables: Iterable[Variable], by: str, *, force: bool = False
) -> tuple[list[Change], tuple[Mistake, ...]]:
    """Save Variables, all or none; returns what changed, and what that breaks. Raises WouldBreak unless forced."""
    wanted = list(variables)
    before = variable_values(here)
    after = before | {variable.name: variable.value for variable in wanted}
    broken = _broken(here, before, after, force=force)
    changes = VariableStore(here.redis).put(wanted, by)
    for change in changes:
        log.info("variable_changed", name=change.name, by=by)
    return changes, broken


def take_away(
    here: Context, name: str, by: str, *, force: bool = False
) -> tuple[Change | None, tuple[Mistake, ...]]:
    """Take a Variable away; None when there is none, and what that breaks. Raises WouldBreak unless forced."""
    before = variable_values(here)
    after = {key: value for key, value in before.items() if key != name}
    broken = _broken(here, before, after, force=force)
    return VariableStore(here.redis).take(name, by), broken


def users(here: Context, name: str) -> list[str]:
    """Return the jobs whose definitions refer to a Variable."""
    return sorted(
        job
        for job, names in variables_by_job(_catalogue(here, variable_values(here))).items()
        if name in names
    )


def variables_by_job(catalogue: Catalogue | None) -> dict[str, set[str]]:
    """Return the Variables that each job's definition refers to."""
    if catalogue is None:
        return {}
    return {job: {name for name, _ in catalogue.entries[file].used} for job, file in catalogue.files.items()}


def _broken(
    here: Context, before: Mapping[str, str], after: Mapping[str, str], *, force: bool
) -> tuple[Mistake, ...]:
    """Return the mistakes that only the change makes. Raises WouldBreak of them unless forced."""
    now, then = _catalogue(here, before), _catalogue(here, after)
    if now is None or then is None:
        return ()
    mistakes = tuple(mistake for mistake in then.mistakes if mistake not in set(now.mistakes))
    # A definition that is wrong already may go wrong in another way: it is only to be mended.
    new = tuple(mistake for mistake in mistakes if mistake.file not in now.broken)
    if new and not force:
        raise WouldBreak(new)
    return new


def _catalogue(here: Context, values: Mapping[str, str]) -> Catalogue | None:
    try:
        return read_catalogue(here.settings, variables=values)
    except InvalidDefinition:  # there is no folder of definitions on this machine
        return None
