"""`shelfbeat jobs …`: the catalogue, and when its jobs start."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from redis.exceptions import RedisError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from console.catalogue import catalogue as read
from console.output import (
    RUN_FAILED,
    WRONG_USAGE,
    console,
    print_json,
    print_table,
    stop,
)
from console.reach import reach
from jobs.job import Job
from jobs.schedule import next_due, upcoming
from jobs.schema import schema_text
from reports.columns import known_fields
from runs.agenda import Agenda, Pause
from tasks.catalogue import current_catalogue, find_job
from tasks.start import trigger as start
from tasks.variables import whoami

app = typer.Typer(help="The jobs that the definitions promise, and when they start.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Folder = Annotated[Path | None, typer.Argument(help="Folder of definitions; default: SHELFBEAT_JOBS.")]
VariablesFile = Annotated[
    Path | None,
    typer.Option("--variables", metavar="FILE", help="Take Variables from this file, not from Redis."),
]


@app.command("list")
def list_jobs(
    category: Annotated[str | None, typer.Option(help="Only jobs of this category.")] = None,
    as_json: Json = False,
) -> None:
    """List all jobs with their next due time, and the files that a person must mend."""
    catalogue = read()
    paused = _paused()
    jobs = [job for job in catalogue.jobs.values() if category in {None, job.category}]
    if as_json:
        print_json([_brief(job, paused) for job in jobs])
        return
    rows = [
        (job.job, job.category, job.customer, *_when(job, paused), job.timezone, job.description)
        for job in jobs
    ]
    print_table(("job", "category", "customer", "schedule", "next", "time zone", "description"), rows)
    if catalogue.mistakes:
        console.print("\nTo be mended; such a file is not in force, or runs on as it last was right:")
        console.print("\n".join(map(str, catalogue.mistakes)), style="red", soft_wrap=True)


@app.command()
def show(job: str, as_json: Json = False) -> None:
    """Show one job's definition, Variables and defaults filled in."""
    found = find_job(read(), job).model_dump(mode="json")
    if as_json:
        print_json(found)
        return
    for key, value in found.items():
        console.print(key, style="bold", end=": ")
        console.print(str(value))


@app.command()
def check(folder: Folder = None, variables: VariablesFile = None, as_json: Json = False) -> None:
    """Check every definition and print all mistakes at once; exit code 2 when there are any."""
    catalogue = read(folder, variables)
    names = sorted(catalogue.files)
    if as_json:
        print_json({"jobs": names, "mistakes": [asdict(mistake) for mistake in catalogue.mistakes]})
    elif not catalogue.mistakes:
        console.print(f"{len(names)} jobs, no mistakes", style="green")
    else:
        console.print("\n".join(map(str, catalogue.mistakes)), style="red", soft_wrap=True)
    if catalogue.mistakes:
        raise typer.Exit(WRONG_USAGE)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a definition file, for editors."""
    typer.echo(schema_text(known_fields()), nl=False)


@app.command()
def trigger(
    job: str,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="For this run alone: --set fetch.batch_size=50."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Start a run of a job now and print its id."""
    reach()
    run_id = start(job, _overrides(overrides or []))
    if as_json:
        print_json({"run": run_id})
    else:
        typer.echo(run_id)


@app.command()
def pause(
    job: str,
    why: Annotated[str, typer.Option(help="Why, for whoever wonders.")] = "",
    as_json: Json = False,
) -> None:
    """Stop a job from coming due; a run under way goes on. What it misses meanwhile is not caught up."""
    here = reach()
    find_job(current_catalogue(here), job)
    agenda = Agenda(here.redis)
    agenda.pause(job, whoami(), why)
    found = agenda.paused()[job]
    if as_json:
        print_json({"job": job, "paused": _pause_json(found)})
    else:
        typer.echo(f"{job} is paused since {found.at:%Y-%m-%d %H:%M} UTC by {found.by}")


@app.command()
def resume(job: str, as_json: Json = False) -> None:
    """Let a paused job come due again, from its next due time on."""
    here = reach()
    agenda = Agenda(here.redis)
    if job not in agenda.paused():
        stop(f"{job} is not paused", RUN_FAILED)
    # Before it may start again: what it missed while it was paused has passed.
    here.ledger.deal_with(job, here.ledger.now())
    agenda.resume(job)
    found = current_catalogue(here).jobs.get(job)
    due = next_due(found, datetime.now(UTC)) if found is not None else None
    if as_json:
        print_json({"job": job, "paused": None, "next": due.isoformat() if due else None})
    else:
        typer.echo(f"{job} is resumed; next due {_local(found, due) if found and due else 'by hand'}")


@app.command("next")
def next_times(
    job: Annotated[str | None, typer.Argument(help="Only this job.")] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="How many times.")] = 10,
    as_json: Json = False,
) -> None:
    """Show when jobs come due next, each in its own time zone."""
    catalogue = read()
    paused = _paused()
    jobs = [find_job(catalogue, job)] if job else list(catalogue.jobs.values())
    now = datetime.now(UTC)
    times = sorted(
        ((due, one) for one in jobs for due in upcoming(one, now, count)),
        key=lambda pair: (pair[0], pair[1].job),
    )[:count]
    if as_json:
        print_json(
            [
                {
                    "job": one.job,
                    "due_at": due.isoformat(),
                    "local": due.astimezone(one.zone).isoformat(),
                    "paused": one.job in paused,
                }
                for due, one in times
            ]
        )
        return
    rows = [
        (_local(one, due), f"{due:%Y-%m-%d %H:%M}", one.job, "paused" if one.job in paused else "")
        for due, one in times
    ]
    print_table(("due", "UTC", "job", ""), rows)


def _overrides(given: list[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key:
            stop(f"--set: KEY=VALUE, such as fetch.batch_size=50, not {text}", WRONG_USAGE)
        try:
            found[key] = YAML(typ="safe", pure=True).load(value)
        except YAMLError:
            stop(f"--set {key}: not a value as YAML writes it: {value}", WRONG_USAGE)
    return found


def _paused() -> Mapping[str, Pause]:
    """Return the paused jobs; none where Redis is not up, since the catalogue can be read without it."""
    try:
        return Agenda(reach().redis).paused()
    except RedisError:
        return {}


def _when(job: Job, paused: Mapping[str, Pause]) -> tuple[str, str]:
    due = next_due(job, datetime.now(UTC))
    after = f"{due.astimezone(job.zone):%Y-%m-%d %H:%M}" if due else ""
    found = paused.get(job.job)
    if found is not None:
        after = f"paused by {found.by}" + (f": {found.why}" if found.why else "")
    return job.schedule or "by hand", after


def _local(job: Job, due: datetime) -> str:
    return f"{due.astimezone(job.zone):%a %Y-%m-%d %H:%M} {job.timezone}"


def _brief(job: Job, paused: Mapping[str, Pause]) -> dict[str, Any]:
    due = next_due(job, datetime.now(UTC))
    return {
        "job": job.job,
        "category": job.category,
        "customer": job.customer,
        "schedule": job.schedule,
        "timezone": job.timezone,
        "description": job.description,
        "next": due.isoformat() if due else None,
        "paused": _pause_json(paused[job.job]) if job.job in paused else None,
    }


def _pause_json(pause: Pause) -> dict[str, str]:
    return {"by": pause.by, "at": pause.at.isoformat(timespec="seconds"), "why": pause.why}
