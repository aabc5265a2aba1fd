"""write_to_sheet and find_path: the report leaves the house, and people learn where it lies."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypedDict

import msgspec
import structlog

from exporters.errors import NoAccess, SheetFull
from exporters.files.object_store import upload
from exporters.files.writing import write_file
from exporters.google.drive import find_path as find_drive_path
from exporters.published import Published
from exporters.sheets.publish import publish_to_sheet
from exporters.sheets.split import publish_split
from exporters.table import Table
from jobs.definition import FileFormat, SheetTarget
from reports.money import most_digits
from reports.row import Row
from runs.record import Run
from tasks.steps.compared import compared_rows
from tasks.steps.history import held_against, keep_rows
from tasks.steps.reduce import reduced
from tasks.steps.step import Done, Hold, Work, step

log = structlog.get_logger()


class _Named(TypedDict):
    """What tells one publish from another."""

    job: str
    run_id: str
    sequence: int
    life: int
    still_wanted: Callable[[], None]


@step("write_to_sheet", deadline_s=480)
def write_to_sheet(work: Work) -> Done:
    """Write the report to every place the definition names; each place sees the old report or the new one."""
    run = work.context.ledger.run(work.run_id)
    found = reduced(work.context, run.id)
    if found is not None and found.verdict == "hold" and not work.context.ledger.field(run.id, "released"):
        raise Hold("; ".join(finding.sentence for finding in found.findings))

    def rows() -> Iterator[Row]:
        return compared_rows(work.context, run)

    compared = held_against(work.context, run, work.report, rows)
    decimals = most_digits(found.summary.currencies if found is not None else ())
    table = Table(columns=work.report.columns, total=run.urls or 0, rows=compared, decimals=decimals)
    published = []
    for fmt in work.report.publish.files:
        work.still_wanted()
        published.append(_write_file(work, run, table, fmt))
    if work.report.publish.sheet is not None:
        published += _write_sheet(work, run, table, work.report.publish.sheet)
    for place in published:
        log.info("report_written", kind=place.kind, rows=place.rows)
    keep_rows(work.context, run, work.report, rows)
    return Done(msgspec.json.encode(published))


@step("find_path", deadline_s=120)
def find_path(work: Work) -> Done:
    """Find the Drive path of the sheet that was written; its link, and where files lie, is known by then."""
    published = published_so_far(work)
    sheet = work.report.publish.sheet
    if sheet is not None and any(place.kind == "sheet" for place in published):
        published = _with_drive_path(work, sheet, published)
    return Done(msgspec.json.encode(published))


def published_so_far(work: Work) -> list[Published]:
    """Return the places that write_to_sheet wrote."""
    raw = work.context.ledger.result(work.run_id, "write_to_sheet") or b"[]"
    return msgspec.json.decode(raw, type=list[Published])


def report_folder(work: Work, run: Run) -> tuple[Path, str]:
    """Return the folder of the run's files and their stem.

    Files of a job lie under `SHELFBEAT_HOME/reports/<job>/<date>/`, the date and the time in the stem being
    the due time in the job's zone. An ad-hoc report names its own folder.
    """
    out = work.context.ledger.field(run.id, "out")
    if out:
        return Path(out), "report"
    due = run.due_at.astimezone(work.report.zone)
    time = f"{due:%H%M}" if run.trigger == "schedule" else f"{due:%H%M%S}"
    return work.context.settings.home / "reports" / run.job / f"{due:%Y-%m-%d}", f"{run.job}_{time}"


def _write_sheet(work: Work, run: Run, table: Table, target: SheetTarget) -> list[Published]:
    """Write the tab or tabs; what no spreadsheet can hold goes into a file, with a notice in the message."""
    google = work.context.google
    named: _Named = {
        "job": run.job,
        "run_id": run.id,
        "sequence": run.sequence,
        "life": run.life,
        "still_wanted": work.still_wanted,
    }
    try:
        if target.split_by is not None:
            return publish_split(table, target, **named, google=google)
        return [publish_to_sheet(table, target, **named, google=google)]
    except SheetFull as error:
        instead = _write_file(work, run, table, "xlsx")
        return [msgspec.structs.replace(instead, notice=f"{error} The report is in this file instead.")]


def _with_drive_path(work: Work, sheet: SheetTarget, published: list[Published]) -> list[Published]:
    """Return the places with the spreadsheet's path in Drive; asked once, however many tabs there are."""
    try:
        known: dict[str, str | None] = {"path": find_drive_path(sheet.spreadsheet, work.context.google)}
    except NoAccess as error:
        # The sheet is written and its link is known: a missing folder name must not fail the report.
        known = {"notice": f"its Drive path is not known: {error}"}
    return [
        msgspec.structs.replace(place, **known) if place.kind == "sheet" else place for place in published
    ]


def _write_file(work: Work, run: Run, table: Table, fmt: FileFormat) -> Published:
    folder, stem = report_folder(work, run)
    name = "rows" if fmt == "jsonl" and stem == "report" else stem
    path = write_file(fmt, table, folder.absolute(), name)
    shelf, store = (work.context.settings.home / "reports").absolute(), work.context.settings.files
    if store is None or not path.is_relative_to(shelf):  # an ad-hoc report stays where it was asked for
        return Published(kind=fmt, path=str(path), rows=table.total)
    link = upload(path, store, path.relative_to(shelf).as_posix())
    return Published(kind=fmt, link=link, rows=table.total)
