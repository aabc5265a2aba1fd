"""clean-up: what expired runs, dead attempts and jobs that are gone have left behind."""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, cast

import msgspec
import structlog

from exporters.errors import PublishRefused
from exporters.files.writing import remove_unfinished
from exporters.sheets.leftovers import remove_leftovers
from jobs.definition import Report
from jobs.errors import InvalidDefinition
from reports.errors import Unavailable
from runs import keys
from runs.ledger import UnknownRun
from runs.scripts import text
from tasks.catalogue import current_catalogue
from tasks.context import Context, UnreadableDefinition

log = structlog.get_logger()

_UNFINISHED_AFTER_S: Final = 86_400.0
_SELF_TEST: Final = "self-test"
_KEEP_SELF_TEST: Final = timedelta(days=7)


class Cleaned(msgspec.Struct, kw_only=True):
    """How much of each kind was removed."""

    run_ids: int = 0
    """Ids of expired runs in the lists of their jobs."""
    keys_without_expiry: int = 0
    """Keys of runs that would have stayed for ever; they expire now."""
    notes: int = 0
    """The clock's notes of jobs that are gone."""
    unfinished_files: int = 0
    old_folders: int = 0
    staging_tabs: int = 0
    sheets_not_seen: int = 0
    """Spreadsheets that could not be looked at; the next time will do."""


def clean_up(here: Context, keep_files: timedelta | None) -> Cleaned:
    """Remove what is left over; what is in use or kept on purpose stays."""
    done = Cleaned()
    _redis(here, done)
    reports = here.settings.home / "reports"
    if reports.is_dir():
        done.unfinished_files = remove_unfinished(reports, time.time() - _UNFINISHED_AFTER_S)
        today = here.ledger.now().date()
        done.old_folders = sum(_remove(folder) for folder in _old_folders(reports, today, keep_files))
    _sheets(here, done)
    return done


def _redis(here: Context, done: Cleaned) -> None:
    redis, ledger = here.redis, here.ledger
    with_runs = set(ledger.jobs())
    for job in with_runs:
        for run_id in ledger.runs_of(job, keys.RUNS_KEPT):
            if not redis.exists(keys.run(run_id)):
                done.run_ids += redis.zrem(keys.job_runs(job), run_id)
    for key in cast("Iterator[bytes]", redis.scan_iter(keys.run("*"), count=1_000)):
        if redis.ttl(key) == -1:
            redis.expire(key, keys.RUN_TTL)
            done.keys_without_expiry += 1
    try:
        known = set(current_catalogue(here).jobs)
    except InvalidDefinition:
        return  # without the definitions nobody knows which jobs are gone
    noted = {text(job) for job in cast("list[bytes]", redis.zrange(keys.DEALT, 0, -1))}
    for job in noted - known - with_runs:
        # A job without definition and without a run that is kept: should it come back, it is new.
        for name in (keys.SCHEDULES, keys.PAUSED, keys.TROUBLE):
            redis.hdel(name, job)
        done.notes += redis.zrem(keys.DEALT, job)


def _old_folders(reports: Path, today: date, keep: timedelta | None) -> Iterator[Path]:
    """Yield the days' folders of jobs that are older than they are kept."""
    for job in (folder for folder in reports.iterdir() if folder.is_dir()):
        most = _KEEP_SELF_TEST if job.name == _SELF_TEST else keep
        for folder in job.iterdir() if most is not None else ():
            day = _day_of(folder)
            if day is not None and most is not None and today - day > most:
                yield folder


def _day_of(folder: Path) -> date | None:
    try:
        return datetime.strptime(folder.name, "%Y-%m-%d").date() if folder.is_dir() else None  # noqa: DTZ007
    except ValueError:
        return None  # a folder of somebody else's


def _remove(folder: Path) -> int:
    """Remove a day's files, then its folder, unless somebody put a folder of theirs inside."""
    for path in folder.iterdir():
        if path.is_file():
            path.unlink(missing_ok=True)
    try:
        folder.rmdir()
    except OSError:
        return 0
    return 1


def _sheets(here: Context, done: Cleaned) -> None:
    """Remove staging tabs of dead attempts from spreadsheets that no run is about to write to."""
    try:
        jobs = [job for job in current_catalogue(here).jobs.values() if isinstance(job, Report)]
    except InvalidDefinition:
        return
    spreadsheets = {job.publish.sheet.spreadsheet for job in jobs if job.publish.sheet}
    for spreadsheet in sorted(spreadsheets - set(_busy(here))):
        try:
            done.staging_tabs += remove_leftovers(spreadsheet, here.google)
        except (Unavailable, PublishRefused) as error:
            done.sheets_not_seen += 1
            log.warning("sheet_not_cleaned", reason=str(error))


def _busy(here: Context) -> Iterator[str]:
    for run_id in here.ledger.active():
        try:
            job = here.job(run_id)
        except (UnknownRun, UnreadableDefinition):
            continue
        if isinstance(job, Report) and job.publish.sheet is not None:
            yield job.publish.sheet.spreadsheet
