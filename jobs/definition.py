"""The definition of a report, typed: what a file in the jobs folder may say, and nothing else.

Unknown keys are errors, everywhere. The models carry every description and limit, so the JSON Schema made of
them (`shelfbeat jobs schema`) completes and checks the file in an editor.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from jobs.units import Duration, Share

FileFormat = Literal["xlsx", "csv", "jsonl"]

DEFAULT_COLUMNS: Final[tuple[str, ...]] = (
    "url",
    "name",
    "brand",
    "sku",
    "gtin",
    "mpn",
    "price",
    "list_price",
    "discount_percent",
    "currency",
    "availability",
    "previous_price",
    "changes",
    "failure",
)

_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)  # CronSim checks an expression against some instant


class Model(BaseModel):
    """Frozen, and strict about keys: a typo is an error, not a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class ListSource(Model):
    """URLs written into the definition."""

    list: tuple[str, ...] = Field(min_length=1)


class FileSource(Model):
    """A text, CSV, TSV or XLSX file; local path or http(s)."""

    file: str
    column: str | None = None
    """Heading of the column that holds the URLs; a text file has none."""
    sheet: str | None = None
    """Tab of an XLSX file; default: the first."""


class SitemapSource(Model):
    """A sitemap or sitemap index, also gzipped; local path or http(s)."""

    sitemap: str
    include: tuple[str, ...] = ()
    """Regular expressions; a `<loc>` must match one of them."""
    exclude: tuple[str, ...] = ()
    """Regular expressions; a `<loc>` must match none of them."""


class FeedSource(Model):
    """A merchant product feed: RSS or Atom with g: names, CSV or TSV; local path or http(s)."""

    feed: str


class SheetSource(Model):
    """A range of a Google Sheet."""

    sheet: str
    """Spreadsheet id."""
    range: str = "A2:A"
    """A1 notation, the tab included where it is not the first: `URLs!B2:B`."""


UrlSource = ListSource | FileSource | SitemapSource | FeedSource | SheetSource


class Fetch(Model):
    """How pages are fetched."""

    batch_size: int = Field(default=250, ge=1, le=5_000)
    """URLs a batch, and so a task."""
    concurrency: int = Field(default=32, ge=1, le=512)
    """Pages under way at once in one batch."""
    per_host: int = Field(default=16, ge=1, le=512)
    """Connections to one host at once, over the whole fleet."""
    rate: float | None = Field(default=None, gt=0)
    """Requests per second to one host, over the whole fleet; default: no limit but the others."""
    delay: Duration = timedelta(0)
    """Least time between two requests to one host."""
    connect_timeout: Duration = timedelta(seconds=10)
    read_timeout: Duration = timedelta(seconds=20)
    timeout: Duration = timedelta(seconds=60)
    """The whole page, redirects and retries of the connection included."""
    retries: int = Field(default=2, ge=0, le=10)
    """Further tries for what can pass: connection faults, time-outs, 429, 502, 503, 504."""
    max_bytes: int = Field(default=20_000_000, ge=1_000, le=100_000_000)
    """Largest decoded body."""
    robots: Literal["obey", "ignore"] = "obey"
    """`ignore` is for a customer's own shop."""
    ports: tuple[int, ...] = (80, 443)
    second_pass: bool = False
    """Ask once more, at the end of the run, for pages that failed for a passing reason."""


class Rule(Model):
    """Where one field stands on the pages of one host. Give exactly one of css, xpath, jsonpath."""

    css: str | None = None
    xpath: str | None = None
    jsonpath: str | None = None
    """Into the page's embedded state (JSON in scripts)."""
    attribute: str | None = None
    """Attribute of the element that `css` finds; default: its text."""
    regex: str | None = None
    """Keep the first group, or the whole match."""
    cents: bool = False
    """The number is in hundredths."""
    decimal: Literal[".", ","] | None = None
    """Decimal separator, where the page's locale would mislead."""

    @model_validator(mode="after")
    def _one_way(self) -> "Rule":
        if sum(way is not None for way in (self.css, self.xpath, self.jsonpath)) != 1:
            message = "exactly one of css, xpath, jsonpath"
            raise ValueError(message)
        return self


RuleField = Literal[
    "name",
    "brand",
    "sku",
    "mpn",
    "gtin",
    "product_id",
    "price",
    "list_price",
    "currency",
    "availability",
    "condition",
    "seller",
    "category",
    "images",
    "rating",
    "review_count",
    "stock_quantity",
]


class SiteRules(Model):
    """What is known of one host's pages."""

    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    """ISO 4217, where the pages leave it open."""
    fields: dict[RuleField, Rule] = {}


class Column(Model):
    """One column of the report."""

    field: str
    heading: str | None = None


class SheetTarget(Model):
    """A tab of a Google spreadsheet."""

    spreadsheet: str
    """Id, as in the spreadsheet's address."""
    tab: str = "Report"
    start: str = Field(default="A1", pattern="^[A-Z]{1,3}[1-9][0-9]*$")
    """Cell of the first heading."""


class Publish(Model):
    """Where the report goes. At least one of files and sheet."""

    files: tuple[FileFormat, ...] = ()
    sheet: SheetTarget | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> "Publish":
        if not self.files and self.sheet is None:
            message = "at least one of files and sheet"
            raise ValueError(message)
        return self


class Gates(Model):
    """When a report is good enough to publish."""

    min_coverage: Share = 0.0
    """Products read, of all URLs."""
    min_fields: dict[str, Share] = {}
    """Rows with a value, of all products, per field."""
    max_product_fall: Share | None = None
    """Fewer products than in earlier runs."""
    max_price_changes: Share | None = None
    """Products whose price changed since the previous run."""
    allow_currency_change: bool = True
    otherwise: Literal["warn", "hold"] = "warn"
    """What to do when a gate fails: publish with a warning, or hold the run and ask."""


class Report(Model):
    """A report: the main kind of job. Only job, urls and publish are required."""

    job: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")
    """Name of the job: small letters, digits, - and _."""
    customer: str = ""
    category: str = "Reports"
    description: str = ""
    schedule: str | None = None
    """Cron expression, five fields; without it the job runs when triggered."""
    timezone: str = "UTC"
    """IANA name."""
    deadline: Duration = timedelta(hours=1)
    """Time from due to told, at the most."""
    catchup: Literal["skip", "last", "all"] = "skip"
    """Runs missed while nothing was up: skip those later than the deadline, only the last, or all."""
    overlap: Literal["skip", "queue", "cancel_old"] = "skip"
    """What to do when the run before is still under way."""
    urls: tuple[UrlSource, ...] = Field(min_length=1)
    fetch: Fetch = Fetch()
    sites: dict[str, SiteRules] = {}
    """Per host: what is known of its pages."""
    columns: tuple[Column, ...] = tuple(Column(field=name) for name in DEFAULT_COLUMNS)
    publish: Publish
    gates: Gates = Gates()
    notify: tuple[str, ...] = ()
    """Apprise addresses, or `secret:NAME` references to them."""

    @field_validator("columns", mode="before")
    @classmethod
    def _short_columns(cls, value: object) -> object:
        """Let a column be its field's name alone."""
        if isinstance(value, list | tuple):
            return [{"field": item} if isinstance(item, str) else item for item in value]
        return value

    @field_validator("schedule")
    @classmethod
    def _cron(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                CronSim(value, _ANY_TIME)
            except CronSimError as error:
                message = f"a cron expression of five fields, such as 0 6 * * * ({error})"
                raise ValueError(message) from error
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value not in available_timezones():
            message = "an IANA time zone, such as Europe/Berlin"
            raise ValueError(message)
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The job's time zone."""
        return ZoneInfo(self.timezone)
