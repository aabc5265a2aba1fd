"""`shelfbeat backfill`: the due times of a past period, as runs of their own."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final

import typer

from console.arguments import JobName
from console.catalogue import job_in_force
from console.output import WRONG_USAGE, print_json, print_table, stop
from jobs.job import Job
from jobs.schedule import due_times
from tasks.catalogue import current_catalogue
from tasks.reach import reach
from tasks.start import is_open, scheduled_id, start_backfill

_WOULD: Final = (
    "Each of these runs reads the pages as they are today and sends its own message to the job's people.\n"
    "It is compared with the report that is the newest when it compares, not with the day before its own;\n"
    "the next run is compared with the last of these."
)


def backfill(
    job: JobName,
    begin: Annotated[
        str, typer.Option("--from", metavar="DAY", help="First day or time, in the job's time zone.")
    ],
    end: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day (its end) or time.")],
    most: Annotated[int, typer.Option("--at-most", min=1, help="Refuse a longer list of due times.")] = 100,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would start.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Start a run for every due time of a past period that has none, or that was missed.

    Pages are read as they are today; files and history go under the day that was due. Each run sends its own message
    to the job's people.
    """
    here = reach()
    report = job_in_force(current_catalogue(here), job)
    due = _due(report, begin, end, most)
    open_times = [at for at in due if is_open(here, report, at)]
    begun = {} if dry_run else {at: start_backfill(here, report, at) for at in open_times}
    started = {at: run_id for at, run_id in begun.items() if run_id is not None}
    if as_json:
        answer = {
            name: [at.isoformat() for at in times] for name, times in (("due", due), ("open", open_times))
        }
        print_json({"job": job, **answer, "started": list(started.values())})
        return
    words = dict.fromkeys(open_times, "would start") if dry_run else dict.fromkeys(started, "started")
    _print(report, due, words)
    if dry_run and open_times:
        typer.echo(f"\n{_WOULD}")


def _print(report: Job, due: list[datetime], words: dict[datetime, str]) -> None:
    if not due:
        typer.echo(f"{report.job} was not due in this period")
        return
    print_table(
        ("due", "", "run"),
        [
            # What was open a moment ago and is not now was started by another.
            (
                f"{at.astimezone(report.zone):%a %Y-%m-%d %H:%M}",
                words.get(at, "has its run"),
                scheduled_id(report.job, at),
            )
            for at in due
        ],
        whole={"run"},
    )


def _due(report: Job, begin: str, end: str, most: int) -> list[datetime]:
    """Return the due times of the period; ends the command where it makes no sense."""
    if report.schedule is None:
        words = f"{report.job} has no schedule, so nothing was due"
        stop(f"{words}; start it by: shelfbeat jobs trigger {report.job}", WRONG_USAGE)
    first, last = _moment(begin, report, "--from"), _moment(end, report, "--to")
    if len(end) == len("2026-12-31"):
        last += timedelta(days=1) - timedelta(seconds=1)
    if last < first:
        stop(f"--to {end} is before --from {begin}", WRONG_USAGE)
    now = datetime.now(UTC)
    if first > now:
        stop(f"--from {begin} is still to come; what comes due is started by beat", WRONG_USAGE)
    due = due_times(report, first - timedelta(seconds=1), min(last, now), most + 1)
    if len(due) > most:
        stop(f"the period has more than --at-most {most} due times", WRONG_USAGE)
    return due


def _moment(text: str, report: Job, option: str) -> datetime:
    """Return a day's beginning or a time, in the job's zone unless it names one."""
    try:
        if len(text) == len("2026-12-31"):
            return datetime.combine(date.fromisoformat(text), time(), tzinfo=report.zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        stop(
            f"{option}: a day such as 2026-12-31 or a time such as 2026-12-31T06:00, not {text}", WRONG_USAGE
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=report.zone)
