"""What every job has: a name, when it is due, and who is told."""

from datetime import date, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from jobs.addresses import REFER_INSTEAD
from jobs.model import JOB_PATTERN, Model, NoticeAddress
from jobs.secrets import is_reference
from jobs.units import Duration, check_cron, check_zone

Trouble = Literal["failed", "late", "never_started", "held", "at_risk"]
"""What people are called for."""


def _monitor_address(value: str) -> str:
    # Whoever has the address of a check can say that all is well.
    if not is_reference(value):
        raise PydanticCustomError("keep_secret", REFER_INSTEAD)
    return value


class Escalation(Model):
    """Who is told beside the job's own people, of what, and when."""

    to: tuple[NoticeAddress, ...] = Field(min_length=1)
    """`secret:NAME` references to Apprise addresses; e-mail without a password may stand as it is."""
    on: tuple[Trouble, ...] = Field(default=("failed", "late", "never_started", "held"), min_length=1)
    after: Duration = timedelta(0)
    """Only when nobody has put it right by then."""


class Job(Model):
    """A job that beat schedules."""

    job: str = Field(pattern=JOB_PATTERN)
    """Name of the job: small letters, digits, - and _."""
    customer: str = ""
    category: str = "Reports"
    description: str = ""
    schedule: Annotated[str, AfterValidator(check_cron)] | None = None
    """Cron expression, five fields; without it the job runs when triggered."""
    timezone: Annotated[str, AfterValidator(check_zone)] = "UTC"
    """IANA name."""
    start: date | None = None
    """First day, in the job's time zone, on which it comes due."""
    deadline: Duration = timedelta(hours=1)
    """Time from due to told, at the most."""
    catchup: Literal["skip", "last", "all"] = "skip"
    """Runs missed while nothing was up: skip those later than the deadline, only the last, or all."""
    overlap: Literal["skip", "queue", "cancel_old"] = "skip"
    """What to do when the run before is still under way."""
    notify: tuple[NoticeAddress, ...] = ()
    """Who is told of everything: `secret:NAME` references to Apprise addresses; e-mail without a password may
    stand as it is."""
    escalation: tuple[Escalation, ...] = ()
    """Who else is told when something is wrong."""
    monitor: Annotated[str, AfterValidator(_monitor_address)] | None = None
    """`secret:NAME`: the address of a check at an outside monitor (healthchecks.io and alike) that is pinged at
    start, success and failure."""

    @property
    def zone(self) -> ZoneInfo:
        """The job's time zone."""
        return ZoneInfo(self.timezone)
