"""Jobs of the service itself: what keeps it clean and accounts for it."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from jobs.job import Job
from jobs.model import CURRENCY_PATTERN, Model
from jobs.units import Duration

Work = Literal["clean-up", "usage-summary", "delivery-reconciliation", "history-upkeep"]

Price = Annotated[Decimal, Field(ge=0)]


class PriceCard(Model):
    """What the service costs whoever runs it."""

    currency: str = Field(default="EUR", pattern=CURRENCY_PATTERN)
    per_1000_pages: Price = Decimal(0)
    per_gigabyte: Price = Decimal(0)
    """Of pages as they came, compressed."""
    per_worker_hour: Price = Decimal(0)


class Maintenance(Job):
    """A job of the service itself. A file with the name of a built-in job replaces it."""

    maintenance: Work
    """What it does."""
    category: str = "Maintenance"
    deadline: Duration = timedelta(hours=2)
    keep_files: Duration | None = None
    """`clean-up`: how long files of reports are kept; default: for ever."""
    prices: PriceCard = PriceCard()
    """`usage-summary`: what pages, bytes and hours cost."""


BUILT_IN: tuple[Maintenance, ...] = (
    Maintenance(
        job="clean-up",
        maintenance="clean-up",
        catchup="last",
        schedule="40 2 * * *",
        description="Drops what expired runs left behind: notes in Redis, unfinished files, staging tabs",
    ),
    Maintenance(
        job="delivery-reconciliation",
        maintenance="delivery-reconciliation",
        catchup="last",
        schedule="20 1 * * *",
        description="Holds what was delivered the day before against what the channels answered",
    ),
    Maintenance(
        job="usage-summary",
        maintenance="usage-summary",
        catchup="last",
        schedule="30 6 1 * *",
        description="Pages, bytes, worker-hours and cost by customer in the month before",
    ),
    Maintenance(
        job="history-upkeep",
        maintenance="history-upkeep",
        catchup="last",
        schedule="10 3 * * *",
        description="Compacts the history of prices and drops what is older than it is kept",
    ),
)
"""The built-in jobs but the self-test, which is a report."""
