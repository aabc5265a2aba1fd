"""The composition root: what a process needs to do its work, built once, after the fork, at first use."""

import functools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError
from redis import Redis

from exporters.google.pace import RedisPace
from jobs.definition import Report
from jobs.job import Job
from jobs.maintenance import Maintenance
from jobs.secrets import Provider
from runs.ledger import Ledger
from runs.record import Run
from runs.store import RunStore
from tasks.redis_address import connect
from tasks.secrets import secret_providers
from tasks.settings import Settings, WrongSetting, settings

if TYPE_CHECKING:
    from exporters.google.client import GoogleClient


@dataclass(frozen=True)
class Context:
    """The clients and stores of one process."""

    settings: Settings
    redis: Redis
    ledger: Ledger
    secrets: tuple[Provider, ...]

    @functools.cached_property
    def google(self) -> "GoogleClient":
        """The client of Sheets and Drive, built at its first use: its libraries are half of what a command loads."""
        from exporters.google.client import GoogleClient  # noqa: PLC0415 - see above

        return GoogleClient(
            credentials=self.settings.google_credentials,
            sheets_api_root=self.settings.sheets_api_root,
            drive_api_root=self.settings.drive_api_root,
            pace=RedisPace(self.redis),
        )

    def job(self, run_id: str) -> Job:
        """Return the definition as frozen when the run was claimed. Raises UnreadableDefinition."""
        return job_from_json(self.ledger.definition(run_id))

    def job_or_name(self, run: Run) -> Job:
        """Return the definition as frozen; where this version cannot read it, a job that has its name and no more."""
        try:
            return self.job(run.id)
        except UnreadableDefinition:
            return Job(job=run.job)

    def report(self, run_id: str) -> Report:
        """Return the definition of a report's run as frozen when it was claimed. Raises UnreadableDefinition."""
        job = self.job(run_id)
        if not isinstance(job, Report):
            message = f"{run_id} is a run of {job.job}, which is no report"
            raise UnreadableDefinition(message)
        return job

    def store(self, run_id: str) -> RunStore:
        """Return the run's URLs and rows."""
        return RunStore(self.redis, run_id)


class UnreadableDefinition(Exception):  # noqa: N818 - the name says what it is
    """A definition that another version kept breaks a rule of this one. Names keys, never values: one may be secret."""


@functools.lru_cache(maxsize=16)  # each batch of a run asks, and a long definition takes 70 ms
def job_from_json(text: str) -> Job:
    """Return a definition, of whatever kind, from `model_dump_json`; keys of a newer version are left aside.

    Raises UnreadableDefinition.
    """
    kind = Maintenance if '"maintenance":' in text and '"urls":' not in text else Report
    try:
        return kind.model_validate_json(text, extra="ignore")
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        keys = ", ".join(".".join(str(part) for part in fault["loc"]) or "the whole" for fault in faults)
        message = f"the definition as it was kept does not fit this version of Shelfbeat: {keys}"
        raise UnreadableDefinition(message) from None


def context() -> Context:
    """Return this process' context; a forked child builds its own."""
    return _context(os.getpid())


@functools.lru_cache(maxsize=1)
def _context(_pid: int) -> Context:
    values = settings()
    try:
        redis = connect(values.redis_url)
    except ValueError as error:
        raise WrongSetting("SHELFBEAT_REDIS_URL", str(error)) from error
    return Context(
        settings=values,
        redis=redis,
        ledger=Ledger(redis),
        secrets=secret_providers(values),
    )
