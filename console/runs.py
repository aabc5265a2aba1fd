"""`shelfbeat runs …`: what happened, what happens, and once more from a step."""

import sys
from typing import Annotated, Any, get_args

import msgspec
import typer

from console.output import RUN_FAILED, WRONG_USAGE, console, explained, print_json, print_table, stop
from console.reach import reach
from console.view import run_view
from reports.planning import windows
from runs.ledger import Ledger
from runs.log import note
from runs.record import STEPS, Run, StepName
from tasks.chain import enqueue

app = typer.Typer(help="Runs: what happened and what happens.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_runs(
    job: Annotated[str | None, typer.Argument(help="Only runs of this job.")] = None,
    newest: Annotated[int, typer.Option(min=1, help="How many a job.")] = 10,
    as_json: Json = False,
) -> None:
    """List the newest runs."""
    with explained():
        ledger = reach().ledger
        names = [job] if job else ledger.jobs()
        runs = [ledger.run(run_id) for name in names for run_id in ledger.runs_of(name, newest)]
    if as_json:
        print_json([_brief(run) for run in runs])
        return
    rows = [
        (
            run.id,
            run.state.replace("_", " "),
            f"{run.due_at:%Y-%m-%d %H:%M}",
            str(run.urls if run.urls is not None else ""),
            str(run.products),
            run.reason,
        )
        for run in runs
    ]
    print_table(("run", "state", "due (UTC)", "URLs", "products", "reason"), rows)


@app.command()
def show(run_id: str, as_json: Json = False) -> None:
    """Show one run: steps, figures, places, deliveries, log."""
    with explained():
        view = run_view(reach(), run_id)
    if as_json:
        print_json(view)
        return
    for key in ("run", "job", "state", "reason", "due_at", "started_at", "ended_at", "compared_with"):
        if view[key] is not None:
            console.print(f"[bold]{key.replace('_', ' '):<14}[/bold]{view[key]}")
    console.print(f"[bold]{'figures':<14}[/bold]{view['urls']} URLs, {view['products']} products")
    for reason, count in view["failures"].items():
        console.print(f"{'':<14}{count} x {reason}")
    _show_lists(view)


@app.command()
def rows(run_id: str) -> None:
    """Print the run's rows as JSON lines, in URL-list order."""
    with explained():
        here = reach()
        run = here.ledger.run(run_id)
        if run.next_step() in {"collect_urls", "scrape"}:
            stop(f"{run_id} has not fetched all its pages yet", RUN_FAILED)
        for row in here.store(run_id).ordered_rows(windows(run.batches or 0)):
            sys.stdout.buffer.write(msgspec.json.encode(row) + b"\n")


@app.command()
def rerun(
    run_id: str,
    from_step: Annotated[
        str, typer.Option("--from", metavar="STEP", help=f"One of {', '.join(STEPS)}.", show_default=False)
    ],
    as_json: Json = False,
) -> None:
    """Do an ended run again from a step; what came before it stays."""
    if from_step not in get_args(StepName):
        stop(f"--from: one of {', '.join(STEPS)}, not {from_step}", WRONG_USAGE)
    step: StepName = from_step  # type: ignore[assignment]
    with explained():
        here = reach()
        _may_begin(here.ledger, run_id, step)
        report = here.report(run_id)
        answer = here.ledger.reopen(run_id, step, report.deadline)
        if answer == "running":
            stop(f"{run_id} is under way; it can be done again when it has ended", RUN_FAILED)
        note(here.redis, run_id, "run_reopened", step=step)
        enqueue(run_id, step)
    if as_json:
        print_json({"run": run_id, "from": step})
    else:
        typer.echo(f"{run_id} goes on from {step}")


def _may_begin(ledger: Ledger, run_id: str, step: StepName) -> None:
    before = STEPS[: STEPS.index(step)]
    run = ledger.run(run_id)
    undone = [one.name for one in run.steps if one.name in before and one.state != "done"]
    if undone:
        stop(f"{run_id}: {undone[0]} was never done; do it again from there", WRONG_USAGE)


def _show_lists(view: dict[str, Any]) -> None:
    steps = [
        (one["name"], one["state"], str(one["attempts"]), one["started_at"] or "", one["ended_at"] or "")
        for one in view["steps"]
    ]
    console.print()
    print_table(("step", "state", "attempts", "started", "ended"), steps)
    if view["published"]:
        console.print()
        places = [(one["kind"], one["path"] or "", one["link"] or "") for one in view["published"]]
        print_table(("published", "path", "link"), places)
    if view["deliveries"]:
        console.print()
        sent = [(one["message"], one["channel"], one["state"], one["answer"]) for one in view["deliveries"]]
        print_table(("message", "channel", "state", "answer"), sent)
    console.print()
    lines = [(one["at"], one["event"], one["step"], one["detail"]) for one in view["events"]]
    print_table(("log", "event", "step", "detail"), lines)


def _brief(run: Run) -> dict[str, Any]:
    return {
        "run": run.id,
        "job": run.job,
        "state": run.state,
        "due_at": run.due_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "urls": run.urls,
        "products": run.products,
        "reason": run.reason or None,
    }
