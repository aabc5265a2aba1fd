"""`shelfbeat jobs …`: the catalogue."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from console.output import WRONG_USAGE, console, explained, print_json, print_table
from console.reach import reach
from jobs.definition import Report
from jobs.schema import schema_text
from reports.columns import known_fields
from tasks.settings import settings
from tasks.start import find_job, read_catalogue
from tasks.start import trigger as start

app = typer.Typer(help="The jobs that the definitions promise.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_jobs(as_json: Json = False) -> None:
    """List all jobs, and the files that a person must mend."""
    with explained():
        catalogue = read_catalogue(settings())
        if as_json:
            print_json([_brief(job) for job in catalogue.jobs.values()])
            return
        rows = [
            (job.job, job.category, job.customer, job.schedule or "by hand", job.timezone, job.description)
            for job in catalogue.jobs.values()
        ]
        print_table(("job", "category", "customer", "schedule", "time zone", "description"), rows)
        for mistake in catalogue.mistakes:
            console.print(str(mistake), style="red", markup=False)


@app.command()
def show(job: str, as_json: Json = False) -> None:
    """Show one job's definition, defaults filled in."""
    with explained():
        found = find_job(read_catalogue(settings()), job).model_dump(mode="json")
        if as_json:
            print_json(found)
            return
        for key, value in found.items():
            console.print(f"[bold]{key}[/bold]: ", end="")
            console.print(str(value), markup=False)


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of definitions; default: SHELFBEAT_JOBS.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check every definition and print all mistakes at once; exit code 2 when there are any."""

    with explained():
        values = settings() if folder is None else replace(settings(), jobs=folder)
        catalogue = read_catalogue(values)
    if as_json:
        print_json(
            {"jobs": sorted(catalogue.jobs), "mistakes": [asdict(mistake) for mistake in catalogue.mistakes]}
        )
    elif not catalogue.mistakes:
        console.print(f"{len(catalogue.jobs)} jobs, no mistakes", style="green")
    else:
        console.print("\n".join(str(mistake) for mistake in catalogue.mistakes), style="red", markup=False)
    if catalogue.mistakes:
        raise typer.Exit(WRONG_USAGE)


@app.command()
def schema() -> None:
    """Print the JSON Schema of a definition file, for editors."""
    typer.echo(schema_text(known_fields()), nl=False)


@app.command()
def trigger(job: str, as_json: Json = False) -> None:
    """Start a run of a job now and print its id."""
    with explained():
        reach()
        run_id = start(job)
    if as_json:
        print_json({"run": run_id})
    else:
        typer.echo(run_id)


def _brief(job: Report) -> dict[str, str | None]:
    return {
        "job": job.job,
        "category": job.category,
        "customer": job.customer,
        "schedule": job.schedule,
        "timezone": job.timezone,
        "description": job.description,
    }
