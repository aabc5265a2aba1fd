"""The definitions as beat sees them: read again every two seconds, with the Variables of the moment.

What is broken keeps its last good version, also over a restart: the good versions are kept beside the ledger.
"""

import hashlib
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import structlog

from jobs.catalogue import Catalogue
from jobs.errors import InvalidDefinition
from jobs.job import Job
from runs.agenda import Agenda
from runs.variables import StoredVariable, VariableStore
from tasks.catalogue import read_catalogue, read_variables, with_last_good
from tasks.context import Context

log = structlog.get_logger()

RELOAD_S: Final = 2.0
_SETTLED_LOOKS: Final = 2
"""Looks in a row that must agree before people hear of a mistake: an editor may be half-way through saving,
and of two beats one sees a change a moment later."""


class Definitions:
    """The catalogue, its good versions, and what is wrong with it."""

    def __init__(self, here: Context) -> None:
        self._here = here
        self._agenda = Agenda(here.redis)
        self._store = VariableStore(here.redis)
        self._look_at = 0.0
        self._variables: dict[str, StoredVariable] = {}
        self._seeded: float | None = None
        self._kept = False
        """Whether the good versions that Redis holds are those of this process."""
        self.catalogue: Catalogue | None = None
        self.complaint = ""
        """Every mistake, a line each; '' while all is well."""
        self.faults: dict[str, str] = {}
        """Jobs that the clock cannot deal with, and why: a fault of ours, which people must hear of as well."""
        self._looks = 0

    def forget(self) -> None:
        """Redis was emptied: it is given the Variables of the seed file and the good versions once more."""
        self._seeded = None
        self._kept = False
        self._look_at = 0.0

    def look(self) -> Catalogue | None:
        """Read what changed, if it is time to; return the catalogue."""
        if time.monotonic() < self._look_at:
            return self.catalogue
        self._look_at = time.monotonic() + RELOAD_S
        self._seed()
        self._variables = self._store.all()
        values = {name: stored.value for name, stored in self._variables.items()}
        before = catalogue = self.catalogue
        try:
            catalogue = read_catalogue(self._here.settings, before, values)
            if before is None:
                catalogue = with_last_good(self._here, catalogue, values)
            complaint = "\n".join([*map(str, catalogue.mistakes), *self.faults.values()])
        except InvalidDefinition as error:
            complaint = str(error)
        if catalogue is not None:
            self._keep_good(before, catalogue)
        self.catalogue = catalogue
        self._note(complaint)
        return catalogue

    def jobs(self) -> Mapping[str, Job]:
        """Return the jobs in force, none before they were first read."""
        return {} if self.catalogue is None else self.catalogue.jobs

    def settled_complaint(self) -> str | None:
        """Return what is wrong once it has been so for a moment; None until then."""
        return self.complaint if self._looks >= _SETTLED_LOOKS else None

    def changed_at(self, job: str, now: datetime) -> datetime:
        """Return since when a job's definition is what it is: its file's time, or that of a Variable in it."""
        if self.catalogue is None or job not in self.catalogue.files:
            return now
        file = self.catalogue.files[job]
        names = [name for name, _ in self.catalogue.entries[file].used]
        times = [self._variables[name].changed.at for name in names if name in self._variables]
        try:
            times.append(datetime.fromtimestamp(file.stat().st_mtime, UTC))
        except OSError:
            times.append(now)
        return min(max(times), now)

    def _note(self, complaint: str) -> None:
        self._looks = self._looks + 1 if complaint == self.complaint else 1
        if complaint and complaint != self.complaint:
            log.error("definitions_wrong", mistakes=complaint)
        elif self.complaint and not complaint:
            log.info("definitions_mended")
        self.complaint = complaint

    def _seed(self) -> None:
        """Save the Variables of the seed file that are not there yet, when the file is new or changed."""
        file = self._here.settings.variables
        if file is None:
            return
        try:
            changed = file.stat().st_mtime
            if changed == self._seeded:
                return
            since = datetime.fromtimestamp(changed, UTC)
            for change in self._store.seed(read_variables(file), f"seed file {file.name}", since):
                log.info("variable_seeded", name=change.name)
        except (InvalidDefinition, OSError) as error:
            log.error("variables_not_seeded", file=str(file), reason=str(error))
            return
        self._seeded = changed

    def _keep_good(self, before: Catalogue | None, now: Catalogue) -> None:
        old = before.entries if before is not None and self._kept else {}
        had = set(before.files.values()) if before is not None and self._kept else set()
        fresh: dict[str, str] = {}
        for path in now.files.values():  # a file that claims another's job is not in force
            entry = now.entries[path]
            new = old.get(path) is not entry or path not in had
            if entry.job is not None and new and not (entry.mistakes and self._kept):
                fresh[path.name] = entry.job.model_dump_json()
        names = {path.name for path in now.entries}
        gone = {path.name for path in old} - names
        if not self._kept:
            kept = self._agenda.good()
            fresh = {name: text for name, text in fresh.items() if kept.get(name) != text}
            gone = kept.keys() - names
        if fresh or gone:
            self._agenda.put_good(fresh, gone)
        self._kept = True


def digest(complaint: str) -> str:
    """Return a short name of a complaint, '' for none."""
    return hashlib.sha256(complaint.encode()).hexdigest()[:16] if complaint else ""
