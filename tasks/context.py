"""The composition root: what a process needs to do its work, built once, after the fork, at first use."""

import functools
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from redis import Redis

from exporters.pace import RedisPace
from jobs.definition import Report
from jobs.job import Job
from jobs.maintenance import Maintenance
from jobs.secrets import Provider
from runs.ledger import Ledger
from runs.store import RunStore
from tasks.redis_address import connect
from tasks.secrets import secret_providers
from tasks.settings import Settings, settings

if TYPE_CHECKING:
    from exporters.google import GoogleClient


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
        from exporters.google import GoogleClient  # noqa: PLC0415 - see above

        return GoogleClient(
            credentials=self.settings.google_credentials,
            sheets_api_root=self.settings.sheets_api_root,
            drive_api_root=self.settings.drive_api_root,
            pace=RedisPace(self.redis),
        )

    def job(self, run_id: str) -> Job:
        """Return the definition as frozen when the run was claimed."""
        return job_from_json(self.ledger.definition(run_id))

    def report(self, run_id: str) -> Report:
        """Return the definition of a report's run as frozen when it was claimed."""
        return Report.model_validate_json(self.ledger.definition(run_id), extra="ignore")

    def store(self, run_id: str) -> RunStore:
        """Return the run's URLs and rows."""
        return RunStore(self.redis, run_id)


def job_from_json(text: str) -> Job:
    """Return a definition, of whatever kind, from `model_dump_json`; keys of a newer version are left aside."""
    kind = Maintenance if '"maintenance":' in text and '"urls":' not in text else Report
    return kind.model_validate_json(text, extra="ignore")


def context() -> Context:
    """Return this process' context; a forked child builds its own."""
    return _context(os.getpid())


@functools.lru_cache(maxsize=1)
def _context(_pid: int) -> Context:
    values = settings()
    redis = connect(values.redis_url)
    return Context(
        settings=values,
        redis=redis,
        ledger=Ledger(redis),
        secrets=secret_providers(values),
    )
