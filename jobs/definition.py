"""The definition of a report, typed: what a file in the jobs folder may say, and nothing else.

Unknown keys are errors, everywhere. The models carry every description and limit, so the JSON Schema made of
them (`shelfbeat jobs schema`) completes and checks the file in an editor.
"""

from datetime import timedelta
from typing import Annotated, Any, Final, Literal, Self, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails

from jobs.job import Job
from jobs.message import MessageTemplates
from jobs.model import (
    CELL_PATTERN,
    CURRENCY_PATTERN,
    FieldName,
    Host,
    Model,
    Regex,
    SpreadsheetId,
)
from jobs.selectors import check_css, check_jsonpath, check_xpath
from jobs.units import Duration, Share
from jobs.url_sources import UrlSource

FileFormat = Literal["xlsx", "csv", "jsonl", "parquet"]

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
    "result",
    "reason",
)
FEED_COLUMNS: Final[tuple[str, ...]] = ("feed_price", "feed_sale_price", "feed_availability", "feed_verdict")
"""What a report from a merchant feed shows besides, unless it names its columns."""


USUAL_BATCH: Final = 250
USUAL_CONCURRENCY: Final = 32
LARGEST_BATCH: Final = 5_000


class Fetch(Model):
    """How pages are fetched."""

    batch_size: int | None = Field(default=None, ge=1, le=LARGEST_BATCH)
    """URLs a batch, and so a task; default: 250, or ten times `concurrency` where that is above 32."""
    concurrency: int = Field(default=USUAL_CONCURRENCY, ge=1, le=512)
    """Pages under way at once in one batch."""
    per_host: int = Field(default=16, ge=1, le=512)
    """Connections to one host at once, over the whole fleet."""
    rate: float | None = Field(default=None, gt=0, allow_inf_nan=False)
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
    ports: tuple[Annotated[int, Field(ge=1, le=65_535)], ...] = (80, 443)
    conditional: bool = True
    """Ask pages seen before whether they have changed (ETag, Last-Modified), and keep the product if not."""
    second_pass: bool = False
    """Ask once more, at the end of the run, for pages that failed for a passing reason; for a host that gave none of
    its pages again every 5 minutes, for up to 75 minutes and within the deadline."""

    @property
    def interval_s(self) -> float:
        """Least seconds between two requests to one host, by `rate` and `delay`; 0 for no limit."""
        return max(1 / self.rate if self.rate else 0.0, self.delay.total_seconds())

    @property
    def urls_a_batch(self) -> int:
        """How many URLs a batch has at the most.

        A batch ends with idle connections: where latency binds, it must be long against its connections.
        """
        if self.batch_size is not None:
            return self.batch_size
        usual = self.concurrency <= USUAL_CONCURRENCY
        return USUAL_BATCH if usual else min(LARGEST_BATCH, 10 * self.concurrency)


class Rule(Model):
    """Where one field stands on the pages of one host. Give exactly one of css, xpath, jsonpath."""

    css: Annotated[str, AfterValidator(check_css)] | None = None
    xpath: Annotated[str, AfterValidator(check_xpath)] | None = None
    jsonpath: Annotated[str, AfterValidator(check_jsonpath)] | None = None
    """Into the page's embedded state (JSON in scripts)."""
    attribute: str | None = None
    """Attribute of the element that `css` finds; default: its text."""
    regex: Regex | None = None
    """Keep the first group, or the whole match."""
    cents: bool = False
    """The number is in hundredths."""
    decimal: Literal[".", ","] | None = None
    """Decimal separator, where the page's locale would mislead."""

    @model_validator(mode="wrap")
    @classmethod
    def _one_way(cls, data: Any, check: ModelWrapValidatorHandler[Self]) -> Self:
        """Count the ways as they are given: a selector that is wrong must not hide that there are two."""
        ways = ("css", "xpath", "jsonpath")
        given = [way for way in ways if isinstance(data, dict) and data.get(way) is not None]
        fault = ValueError("exactly one of css, xpath, jsonpath")
        try:
            rule = check(data)
        except ValidationError as error:
            if len(given) <= 1:
                raise
            two = InitErrorDetails(type="value_error", loc=(), input=data, ctx={"error": fault})
            others = cast("list[InitErrorDetails]", error.errors(include_url=False))
            raise ValidationError.from_exception_data(error.title, [*others, two]) from error
        if sum(getattr(rule, way) is not None for way in ways) != 1:
            raise fault
        return rule


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

    currency: str | None = Field(default=None, pattern=CURRENCY_PATTERN)
    """ISO 4217, where the pages leave it open."""
    fields: dict[RuleField, Rule] = Field(default_factory=dict)


class Column(Model):
    """One column of the report."""

    field: FieldName
    heading: str | None = None


def _short_column(value: object) -> object:
    """Let a column be its field's name alone."""
    return {"field": value} if isinstance(value, str) else value


ColumnItem = Annotated[Column, BeforeValidator(_short_column, json_schema_input_type=FieldName | Column)]


class SheetTarget(Model):
    """A tab of a Google spreadsheet."""

    spreadsheet: SpreadsheetId
    """Id, as in the spreadsheet's address, or the address."""
    tab: str = "Report"
    start: str = Field(default="A1", pattern=CELL_PATTERN)
    """Cell of the first heading."""
    split_by: FieldName | None = None
    """A field whose values get a tab each, `Report · value`; 40 values at the most."""


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


GateField = Literal[
    "canonical_url",
    "name",
    "brand",
    "sku",
    "mpn",
    "product_id",
    "product_group_id",
    "gtin",
    "category",
    "images",
    "condition",
    "seller",
    "rating",
    "rating_best",
    "review_count",
    "price",
    "price_min",
    "price_max",
    "list_price",
    "list_price_type",
    "discount_amount",
    "discount_percent",
    "page_discount_percent",
    "conditional_prices",
    "currency",
    "currency_source",
    "vat_included",
    "price_valid_until",
    "availability",
    "availability_raw",
    "purchasable",
    "stock_quantity",
    "variants",
]
"""What a row says of its product: of these a gate may ask how many products have a value."""


class Gates(Model):
    """When a report is good enough to publish."""

    min_coverage: Share = 0.0
    """Products read, of all URLs."""
    min_fields: dict[GateField, Share] = Field(default_factory=dict)
    """Rows with a value, of all products, per field."""
    max_product_fall: Share | None = None
    """Fewer products than in earlier runs."""
    max_price_changes: Share | None = None
    """Products whose price changed since the previous run."""
    allow_currency_change: bool = True
    otherwise: Literal["warn", "hold"] = "warn"
    """What to do when a gate fails: publish with a warning, or hold the run and ask."""


class Report(Job):
    """A report: the main kind of job. Only job, urls and publish are required."""

    urls: tuple[UrlSource, ...] = Field(min_length=1)
    fetch: Fetch = Fetch()
    sites: dict[Host, SiteRules] = Field(default_factory=dict)
    """Per host: what is known of its pages."""
    columns: tuple[ColumnItem, ...] = Field(
        default=tuple(Column(field=name) for name in DEFAULT_COLUMNS), min_length=1
    )
    publish: Publish
    message: MessageTemplates = MessageTemplates()
    """How the report is told, where the built-in message is not it."""
    gates: Gates = Gates()

    @model_validator(mode="before")
    @classmethod
    def _columns_of_a_feed(cls, given: object) -> object:
        """Show the feed's claims where the definition leaves the columns open and names a feed."""
        if (
            not isinstance(given, dict)
            or "columns" in given
            or not isinstance(given.get("urls"), list | tuple)
        ):
            return given
        if not any(isinstance(source, dict) and "feed" in source for source in given["urls"]):
            return given
        return {**given, "columns": (*DEFAULT_COLUMNS, *FEED_COLUMNS)}
