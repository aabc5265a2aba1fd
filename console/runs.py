"""`shelfbeat runs …`: what happened, what happens, and once more from a step."""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from console.arguments import RunId
from console.catalogue import catalogue as read
from console.output import RUN_FAILED, WRONG_USAGE, console, print_json, print_table, stop
from console.rows import print_failed_rows, print_json_rows, print_rows
from console.run_lists import brief, print_runs
from reports.planning import windows
from reports.reasons import joined_reasons, words_of
from reports.wording import counted, counted_urls
from runs.ledger import Ledger, UnknownRun
from runs.record import MAINTENANCE_STEPS, STEPS, Run
from tasks.catalogue import built_in, find_job
from tasks.reach import reach
from tasks.rerun import FailedUrls, drop, rerun_failed, told_already
from tasks.rerun import release as release_run
from tasks.rerun import rerun as rerun_from
from tasks.variables import whoami

app = typer.Typer(help="Runs: what happened and what happens.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_FACTS: Final = (
    "run", "job", "state", "reason", "due_at", "started_at", "done_again_at", "ended_at", "hindered", "next_try_at",
    "compared_with",
)  # fmt: skip


@app.command("list")
def list_runs(
    job: Annotated[str | None, typer.Argument(help="Only runs of this job.")] = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many.")] = 20,
    every: Annotated[
        bool, typer.Option("--all", help="Also those of the service's own jobs, such as self-test.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the newest runs, newest first; those of the service's own jobs where they are asked for."""
    here = reach()
    ledger, own = here.ledger, () if every or job else tuple(built_in(here.settings))
    runs = list(_known(ledger, ledger.runs_of(job, count) if job else ledger.newest(count, own)))
    if job and not runs:
        find_job(read(), job)
    if as_json:
        print_json([brief(run) for run in runs])
        return
    if runs:
        print_runs(runs)
    else:
        none = f"{job} has no run yet" if job else "No job has a run yet"
        console.print(f"{none}. Start one: shelfbeat jobs trigger {job or 'JOB'}")
    left_out = ledger.runs_since(own, runs[-1].claimed_at if runs else None)
    if left_out:
        words = f"left out: {counted(left_out, 'run')} of the service's own jobs; see them: shelfbeat runs list --all"
        console.print(words, style="dim", soft_wrap=True)


@app.command()
def show(
    run_id: RunId,
    message: Annotated[bool, typer.Option("--message", help="Print the text of its message alone.")] = False,
    as_json: Json = False,
) -> None:
    """Show one run: steps, figures, places, deliveries, log; or the text of its message."""
    from console.view import run_view  # noqa: PLC0415 - it loads Celery, which the other commands do without

    view = run_view(reach(), run_id)
    if as_json:
        print_json(view)
        return
    if message:
        if view["message"] is None:
            stop(f"{run_id} has no message{'' if view['ended_at'] else ' yet'}", RUN_FAILED)
        typer.echo(view["message"]["text"])
        return
    for key in _FACTS:
        if view[key] is not None:
            value = _moment(view[key]) if key.endswith("_at") else str(view[key])
            if key == "next_try_at" and not view["hindered"]:
                value += ", when pages that wait for their turn at the pace of their host go on"
            console.print(f"{key.replace('_', ' '):<14}", style="bold", end="")
            console.print(_plain(value) if key == "state" else value, soft_wrap=True)
    is_report = view["steps"][0]["name"] == STEPS[0]
    _print_lines("figures" if is_report else "found", _figures(view) if is_report else _found(view["result"]))
    _print_lines("published", [_place(one) for one in view["published"]])
    if view["message"]:
        hint = f"(its text: shelfbeat runs show {run_id} --message)"
        _print_lines("message", [f"{view['message']['subject']}  {hint}"])
    _show_lists(view)


@app.command()
def rows(
    run_id: RunId,
    without_product: Annotated[
        bool, typer.Option("--failed", help="Only URLs without a product, and why.")
    ] = False,
    most: Annotated[int, typer.Option("--count", "-n", min=1, help="How many to show.")] = 50,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all of them as JSON, every field, a row a line.")
    ] = False,
) -> None:
    """Show what became of the run's URLs, in the order of the list."""
    here = reach()
    run = here.ledger.run(run_id)
    if run.next_step() in {"collect_urls", "scrape"}:
        how = f"ended before all its pages were fetched ({_plain(run.state)}: {run.reason})"
        stop(f"{run_id} {how if run.ended else 'has not fetched all its pages yet'}", RUN_FAILED)
    every = here.store(run_id).ordered_rows(windows(run.batches or 0))
    chosen = (row for row in every if not (without_product and row.is_product))
    if as_json:
        print_json_rows(chosen)
    elif without_product:
        print_failed_rows(chosen, most)
    else:
        print_rows(chosen, most)


@app.command()
def rerun(
    run_id: RunId,
    from_step: Annotated[
        str | None,
        typer.Option("--from", metavar="STEP", help=f"One of {', '.join(STEPS)}.", show_default=False),
    ] = None,
    failed_urls: Annotated[
        bool,
        typer.Option(
            "--failed-urls", help="Fetch only what failed for a reason that can pass, and publish anew."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Do an ended run again, from a step or for its failed URLs alone; what came before stays."""
    if failed_urls == (from_step is not None):
        stop("give one of --from STEP and --failed-urls", WRONG_USAGE)
    step = next((name for name in (*STEPS, *MAINTENANCE_STEPS) if name == from_step), None)
    if from_step is not None and step is None:
        stop(f"--from: one of {', '.join(STEPS)}, not {from_step}", WRONG_USAGE)
    here = reach()
    if step is None:
        found = rerun_failed(here, run_id)
        answer = {"run": run_id, "from": "scrape", "urls": sum(found.taken.values())}
        answer |= {"taken": dict(found.taken), "left": dict(found.left)}
        words = f"{run_id}: {_again_words(found)}"
    else:
        rerun_from(here, run_id, step)
        answer = {"run": run_id, "from": step}
        words = f"{run_id} goes on from {step}"
    told = told_already(here, run_id)
    answer |= {"told_already": told}
    if told:
        words += f"\nits message went out already and is not sent again to {', '.join(told)}"
    _answer(as_json, answer, words)


@app.command()
def release(run_id: RunId, as_json: Json = False) -> None:
    """Publish a run that its quality gates hold. (To drop it: `runs cancel`.)"""
    release_run(reach(), run_id, whoami())
    _answer(as_json, {"run": run_id, "from": "write_to_sheet"}, f"{run_id} is released and goes on")


@app.command()
def cancel(run_id: RunId, as_json: Json = False) -> None:
    """End a run that is under way or held; nothing of it is published any more."""
    drop(reach(), run_id, whoami())
    _answer(as_json, {"run": run_id, "state": "cancelled"}, f"{run_id} is cancelled")


def _plain(state: str) -> str:
    return state.replace("_", " ")


def _print_lines(label: str, lines: Sequence[str]) -> None:
    """Print lines beside a label, each as it is however wide the terminal: a path that is folded cannot be copied."""
    for number, line in enumerate(lines):
        console.print(f"{'' if number else label:<14}", style="bold", end="")
        console.print(line, soft_wrap=True)


def _place(one: dict[str, Any]) -> str:
    places = [place for place in (one["link"], one["path"]) if place]
    return f"{one['kind']:<7}{'  '.join(places)}"


def _figures(view: dict[str, Any]) -> list[str]:
    """Return what is known of a report's pages so far."""
    if view["urls"] is None:
        return ["not known before the URLs are collected"]
    found = f"{counted_urls(view['urls'], view['repeats'])}, {counted(view['products'], 'product')}"
    if view["pages"] < view["urls"]:
        found += f" of {counted(view['pages'], 'page')} so far"
    failures = joined_reasons(view["failures"])
    return [found, *(f"{count} x {said} ({reasons})" for said, count, reasons in failures)]


def _found(result: dict[str, Any] | None) -> list[str]:
    """Return what a job of the service itself found."""
    if result is None:
        return ["not known before it is done"]
    return [
        f"{name.replace('_', ' ')}: {json.dumps(value, ensure_ascii=False)}" for name, value in result.items()
    ]


def _known(ledger: Ledger, ids: list[str]) -> Iterator[Run]:
    """Yield runs; their ids are kept a little longer than they are."""
    for run_id in ids:
        with contextlib.suppress(UnknownRun):
            yield ledger.run(run_id)


def _answer(as_json: bool, answer: dict[str, Any], words: str) -> None:
    if as_json:
        print_json(answer)
    else:
        typer.echo(words)


def _again_words(found: FailedUrls) -> str:
    lines = [f"URLs fetched again: {sum(found.taken.values())}", *_counts(found.taken)]
    if found.left:
        lines += [f"left, their pages would say the same: {sum(found.left.values())}", *_counts(found.left)]
    return "\n".join(lines)


def _counts(by_reason: Mapping[str, int]) -> list[str]:
    return [f"{count:>8}  {word:<14}{words_of(word)}" for word, count in by_reason.items()]


def _show_lists(view: dict[str, Any]) -> None:
    steps = [
        (one["name"], one["state"], str(one["attempts"]), _clock(one["started_at"]), _clock(one["ended_at"]))
        for one in view["steps"]
    ]
    console.print()
    print_table(("step", "state", "attempts", "started", "ended"), steps)
    if view["deliveries"]:
        console.print()
        sent = [
            (one["message"], one["channel"], one["state"], str(one["attempts"]), one["answer"])
            for one in view["deliveries"]
        ]
        print_table(("message", "channel", "state", "attempts", "answer"), sent)
    console.print()
    lines = [(_clock(one["at"]), one["event"], one["step"], one["detail"]) for one in view["events"]]
    print_table(("log", "event", "step", "detail"), lines, whole={"log", "event"})


def _moment(at: str) -> str:
    """Return a time as a person reads it: `2026-11-25 06:00:00 UTC`."""
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M:%S} UTC"


def _clock(at: str | None) -> str:
    """Return the time of day alone: a run's steps and log lie within hours of its start."""
    return "" if at is None else f"{datetime.fromisoformat(at):%H:%M:%S}"
