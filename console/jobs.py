"""`shelfbeat jobs …`: the catalogue, and when its jobs start."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from redis.exceptions import RedisError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from console.arguments import JobName
from console.catalogue import (
    Readable,
    catalogue_of_files,
    job_in_force,
    readable_catalogue,
    tell_last_good,
    without_variables,
)
from console.catalogue import catalogue as read
from console.doubts import doubt_words, doubts
from console.job_lists import brief, local, pause_json, print_jobs
from console.output import (
    RUN_FAILED,
    UNREACHABLE,
    WRONG_USAGE,
    console,
    errors,
    print_json,
    print_table,
    stop,
)
from jobs.definition_file import definition_text
from jobs.overrides import overridden
from jobs.schedule import next_due, upcoming
from jobs.schema import schema_text
from reports.columns import known_fields
from reports.wording import counted
from runs.agenda import Agenda, Pause
from tasks.catalogue import built_in, current_catalogue
from tasks.reach import RedisAway, reach
from tasks.settings import settings
from tasks.start import start_manual
from tasks.variables import whoami

app = typer.Typer(help="The jobs that the definitions promise, and when they start.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Folder = Annotated[Path | None, typer.Argument(help="Folder of definitions; default: SHELFBEAT_JOBS.")]
VariablesFile = Annotated[
    Path | None,
    typer.Option("--variables", metavar="FILE", help="Take Variables from this file, not from Redis."),
]

_VARIABLES_BY_FILE: Final = (
    "Definitions refer to Variables: without Redis give them by --variables FILE or SHELFBEAT_VARIABLES"
)


@app.command("list")
def list_jobs(
    category: Annotated[str | None, typer.Option(help="Only jobs of this category.")] = None,
    as_json: Json = False,
) -> None:
    """List all jobs with their next due time, your own first, and the files that a person must mend.

    Without Redis it lists what the files alone say; exit code 3 where one of them refers to Variables.
    """
    found = readable_catalogue()
    paused = _paused()
    own = built_in(settings())
    jobs = sorted(
        (job for job in found.catalogue.jobs.values() if category in {None, job.category}),
        key=lambda job: (own.get(job.job) is job, job.job),
    )
    if as_json:
        print_json([brief(job, paused or {}) for job in jobs])
    else:
        print_jobs(jobs, paused or {})
        if found.catalogue.mistakes:
            console.print("\nTo be mended; such a file is not in force, or runs on as it last was right:")
            console.print("\n".join(map(str, found.catalogue.mistakes)), style="red", soft_wrap=True)
    tell_last_good(found.catalogue, [job.job for job in jobs])
    _tell_unknown(found, paused)
    if found.unknown:
        raise typer.Exit(UNREACHABLE)


@app.command()
def show(job: JobName, as_json: Json = False) -> None:
    """Show one job's definition as YAML for a file of your own, Variables and defaults filled in."""
    found = job_in_force(read(), job)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        sys.stdout.write(definition_text(found))


@app.command()
def check(folder: Folder = None, variables: VariablesFile = None, as_json: Json = False) -> None:
    """Check every definition and print all mistakes at once; exit code 2 when there are any.

    Where a definition refers to Variables they are Redis', or those of --variables or SHELFBEAT_VARIABLES; without
    any of them such a file is left out, and the exit code is 3 where the others have no mistake.
    """
    away = ""
    try:
        readable = Readable(catalogue_of_files(folder, variables), {})
    except RedisAway as error:
        away = f"{error}. {_VARIABLES_BY_FILE}"
        readable = without_variables(folder)
    _print_check(readable, as_json=as_json)
    _tell_unknown_files(readable)
    if readable.catalogue.mistakes:
        if away:
            errors.print(away, style="red", soft_wrap=True)
        raise typer.Exit(WRONG_USAGE)
    if away:
        stop(away, UNREACHABLE)


def _print_check(readable: Readable, *, as_json: bool) -> None:
    catalogue = readable.catalogue
    names = sorted(catalogue.files)
    found = doubts(catalogue, built_in(settings()))
    if as_json:
        print_json(
            {
                "jobs": names,
                "mistakes": [asdict(mistake) for mistake in catalogue.mistakes],
                "warnings": [asdict(doubt) for doubt in found],
            }
        )
    else:
        for mistake in catalogue.mistakes:
            console.print(str(mistake), style="red", soft_wrap=True)
        for doubt in found:
            console.print(doubt_words(doubt), style="yellow", soft_wrap=True)
        if not catalogue.mistakes and not readable.unknown:
            console.print(f"{counted(len(names), 'job')}, no mistakes", style="green")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a definition file, for editors."""
    typer.echo(schema_text(known_fields()), nl=False)


@app.command()
def trigger(
    job: JobName,
    overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="For this run alone, as often as needed: --set fetch.batch_size=50 --set deadline=2h.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Start a run of a job now and print its id."""
    here = reach()
    found = job_in_force(current_catalogue(here), job)
    run_id = start_manual(here, overridden(found, _overrides(overrides or [])))
    if as_json:
        print_json({"run": run_id})
    else:
        typer.echo(run_id)


@app.command()
def pause(
    job: JobName,
    why: Annotated[str, typer.Option(help="Why, for whoever wonders.")] = "",
    as_json: Json = False,
) -> None:
    """Stop a job from coming due; a run under way goes on. What it misses meanwhile is not caught up."""
    here = reach()
    job_in_force(current_catalogue(here), job)
    agenda = Agenda(here.redis)
    agenda.pause(job, whoami(), why)
    found = agenda.paused()[job]
    if as_json:
        print_json({"job": job, "paused": pause_json(found)})
    else:
        typer.echo(f"{job} is paused since {found.at:%Y-%m-%d %H:%M} UTC by {found.by}")


@app.command()
def resume(job: JobName, as_json: Json = False) -> None:
    """Let a paused job come due again, from its next due time on."""
    here = reach()
    agenda = Agenda(here.redis)
    if job not in agenda.paused():
        stop(f"{job} is not paused", RUN_FAILED)
    # Before it may start again: what it missed while it was paused has passed.
    here.ledger.deal_with(job, here.ledger.now())
    agenda.resume(job)
    catalogue = current_catalogue(here)
    found = catalogue.jobs.get(job)
    tell_last_good(catalogue, [job])
    due = next_due(found, datetime.now(UTC)) if found is not None else None
    if as_json:
        print_json({"job": job, "paused": None, "next": due.isoformat() if due else None})
    else:
        typer.echo(f"{job} is resumed; next due {local(found, due) if found and due else 'by hand'}")


@app.command("next")
def next_times(
    job: Annotated[str | None, typer.Argument(help="Only this job.")] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="How many times.")] = 10,
    as_json: Json = False,
) -> None:
    """Show when jobs come due next, each in its own time zone."""
    found = readable_catalogue()
    paused = _paused()
    jobs = [job_in_force(found.catalogue, job)] if job else list(found.catalogue.jobs.values())
    if not job:
        tell_last_good(found.catalogue, found.catalogue.jobs)
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
                    "paused": one.job in (paused or {}),
                }
                for due, one in times
            ]
        )
    else:
        rows = [
            (local(one, due), f"{due:%Y-%m-%d %H:%M}", one.job, "paused" if one.job in (paused or {}) else "")
            for due, one in times
        ]
        print_table(("due", "UTC", "job", ""), rows)
    _tell_unknown(found, paused)
    if found.unknown and not job:
        raise typer.Exit(UNREACHABLE)


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


def _paused() -> Mapping[str, Pause] | None:
    """Return the paused jobs; None where Redis is not up, since the catalogue can be read without it."""
    try:
        return Agenda(reach().redis).paused()
    except RedisError:
        return None


def _tell_unknown(found: Readable, paused: Mapping[str, Pause] | None) -> None:
    """Say beside the answer what only Redis knows, where it is away."""
    if paused is None:
        errors.print("Redis is away, so which jobs are paused is not known", soft_wrap=True)
    _tell_unknown_files(found)


def _tell_unknown_files(found: Readable) -> None:
    for file, names in found.unknown.items():
        errors.print(f"{file}: not known without Redis, it refers to Variables ({names})", soft_wrap=True)
