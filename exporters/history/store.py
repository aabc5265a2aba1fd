"""Every run's rows, kept: a Delta Lake table that Spark, DuckDB, BigQuery and pandas read too.

Partitioned by report date (in the job's zone); a run is written by replacing what is there of (job, run), so a
repeat changes nothing. Needs the extra `history`. Open it only in worker children and short commands: the
library's threads do not survive a fork, and a child of a process that has used it hangs or panics.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
import structlog

from exporters.history.lowest import LowestPrices, lowest_of
from exporters.history.schema import RunStamp, batch, schema
from exporters.history.table import STORE_OPTIONS, answering, opened
from reports.errors import Unavailable
from reports.row import Row

log = structlog.get_logger()

LOWEST_DAYS: Final = 30
"""Days before a reduction in which the lowest price counts. Source: Directive 98/6/EC, article 6a."""
_ROWS_A_BATCH: Final = 20_000
_CONFLICTS: Final = 10


class Observation(msgspec.Struct, frozen=True):
    """One product on one day, for a timeline."""

    due_at: datetime
    job: str
    run: str
    url: str
    name: str | None
    price: Decimal | None
    list_price: Decimal | None
    currency: str | None
    availability: str
    failure: str | None


class Upkeep(msgspec.Struct, frozen=True):
    """What a round of upkeep did."""

    rows_forgotten: int
    files_before: int
    files_after: int
    files_removed: int


class History:
    """The table at a local path or an object store's URL (`s3://…`, `gs://…`, `az://…`).

    A store's credentials are its environment variables, as deltalake names them. Every method raises Unavailable
    when the store does not answer or the table cannot be read, ExtraMissing without deltalake.
    """

    def __init__(self, location: Path | str) -> None:
        self._uri = str(location)

    def put(self, stamp: RunStamp, rows: Callable[[], Iterator[Row]]) -> None:
        """Write a run, replacing what is there of it. Streams: memory does not grow with the run.

        Another writer may commit at the same time; a conflict is tried again, so `rows` may be called more
        than once. Raises Unavailable after ten conflicts, too.
        """
        for attempt in range(_CONFLICTS):
            with answering():
                if self._replaced(stamp, rows()):
                    return
            log.info("history_conflict", job=stamp.job, run=stamp.run, attempt=attempt + 1)
            time.sleep(0.05 * 2**attempt)
        raise Unavailable("history", f"{_CONFLICTS} writers were faster at {self._uri}")

    def timeline(
        self, product: str, *, job: str | None = None, since: date | None = None
    ) -> list[Observation]:
        """Return what is known of a product, oldest first; `product` is a URL, a GTIN, an SKU or an MPN."""
        with answering():
            table = opened(self._uri)
            if table is None:
                return []
            from pyarrow import compute, dataset  # noqa: PLC0415 - see the module's docstring

            field = compute.field
            wanted = (field("url") == product) | (field("sku") == product) | (field("mpn") == product)
            wanted |= field("gtin") == product
            if job is not None:
                wanted &= field("job") == job
            if since is not None:
                wanted &= field("report_date") >= since
            columns = list(Observation.__struct_fields__)
            found: dataset.Scanner = table.to_pyarrow_dataset().scanner(columns=columns, filter=wanted)
            rows = found.to_table().sort_by([("due_at", "ascending"), ("url", "ascending")]).to_pylist()
            return [Observation(**row) for row in rows]

    def lowest_prices(self, job: str, before: date, days: int = LOWEST_DAYS) -> LowestPrices:
        """Return the lowest price of each offer of a job in the `days` before a date, that date excluded."""
        with answering():
            table = opened(self._uri)
            if table is None:
                return lowest_of(())
            from pyarrow import compute  # noqa: PLC0415

            field = compute.field
            wanted = (field("job") == job) & (field("report_date") < before) & field("price").is_valid()
            wanted &= field("report_date") >= before - timedelta(days=days)
            found = table.to_pyarrow_dataset().to_batches(columns=["offer_key", "price"], filter=wanted)
            return lowest_of(found)

    def keep(self, today: date, days: int | None, *, vacuum_after: timedelta = timedelta(days=7)) -> Upkeep:
        """Forget what is older than `days` (None: nothing), make few files of many, delete unused files.

        Files that a reader may still be at are left alone until `vacuum_after`.
        """
        with answering():
            table = opened(self._uri)
            if table is None:
                return Upkeep(0, 0, 0, 0)
            forgotten = 0
            if days is not None:
                oldest = today - timedelta(days=days)
                told = table.delete(f"report_date < '{oldest.isoformat()}'")
                forgotten = int(told.get("num_deleted_rows") or 0)
            before = len(table.file_uris())
            table.optimize.compact()
            after = len(table.file_uris())
            hours = int(vacuum_after.total_seconds() // 3600)
            removed = table.vacuum(hours, dry_run=False, enforce_retention_duration=False)
            log.info("history_kept", rows_forgotten=forgotten, files_before=before, files_after=after)
            return Upkeep(forgotten, before, after, len(removed))

    def _replaced(self, stamp: RunStamp, rows: Iterator[Row]) -> bool:
        """Write once; returns False after a conflict with another writer."""
        import pyarrow  # noqa: PLC0415
        from deltalake import write_deltalake  # noqa: PLC0415
        from deltalake.exceptions import CommitFailedError  # noqa: PLC0415

        known = schema()
        batches = iter(lambda: list(islice(rows, _ROWS_A_BATCH)), [])
        reader = pyarrow.RecordBatchReader.from_batches(
            known, (batch(stamp, some, known) for some in batches)
        )
        predicate = (
            f"report_date = '{stamp.report_date.isoformat()}' "
            f"AND job = {_quoted(stamp.job)} AND run = {_quoted(stamp.run)}"
        )
        try:
            write_deltalake(
                self._uri,
                reader,
                mode="overwrite",
                predicate=predicate,
                partition_by=["report_date"],
                schema_mode="merge",  # a column that a later version adds
                storage_options=STORE_OPTIONS,
            )
        except CommitFailedError:
            return False
        return True


def _quoted(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"
