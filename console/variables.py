"""`shelfbeat variables …`: the named values that definitions refer to as ${NAME}."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import typer

from console.arguments import VariableName
from console.output import WRONG_USAGE, console, errors, print_json, print_table, stop
from jobs.errors import Mistake
from jobs.mistakes import no_such
from jobs.variable_file import parse_variables, variables_text
from jobs.variables import Variable, VariableType
from reports.wording import counted
from runs.variables import Change, StoredVariable, VariableStore
from tasks.reach import reach
from tasks.variables import save, take_away, users, whoami

app = typer.Typer(help="Variables: named values that definitions refer to as ${NAME}.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Force = Annotated[bool, typer.Option("--force", help="Save also what makes a definition wrong.")]
_TYPES: tuple[VariableType, ...] = get_args(VariableType)
_NONE: Final = "No Variable is set. Set one: shelfbeat variables set NAME VALUE"


@app.command("list")
def list_variables(as_json: Json = False) -> None:
    """List all Variables and who changed them last."""
    found = VariableStore(reach().redis).all().values()
    if as_json:
        print_json([_view(one) for one in found])
        return
    if not found:
        console.print(_NONE)
        return
    rows = [
        (one.name, one.value, one.type, one.description, f"{one.changed.at:%Y-%m-%d %H:%M}", one.changed.by)
        for one in found
    ]
    print_table(("name", "value", "type", "description", "changed (UTC)", "by"), rows)


@app.command()
def get(name: VariableName, as_json: Json = False) -> None:
    """Print the value of a Variable; with --json also who uses it and its changes."""
    here = reach()
    store = VariableStore(here.redis)
    found = store.get(name)
    if found is None:
        stop(no_such("Variable", name, list(store.all())), WRONG_USAGE)
    if not as_json:
        typer.echo(found.value)
        return
    changes = [_change(change) for change in store.changes(name)]
    print_json({**_view(found), "used_by": users(here, name), "changes": changes})


@app.command("set")
def set_variable(
    name: VariableName,
    value: Annotated[str, typer.Argument(help="What definitions get in its place.")],
    kind: Annotated[
        str | None,
        typer.Option(
            "--type", help=f"One of {', '.join(_TYPES)}; default: as it is, text if new.", show_default=False
        ),
    ] = None,
    description: Annotated[
        str | None, typer.Option(help="What it is for; default: as it is.", show_default=False)
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Set a Variable. Held to its type and to every definition that uses it before it is saved; in force at once."""
    if kind is not None and kind not in _TYPES:
        stop(f"--type: one of {', '.join(_TYPES)}, not {kind}", WRONG_USAGE)
    here = reach()
    old = VariableStore(here.redis).get(name)
    try:
        wanted = Variable(
            name,
            value,
            kind or (old.type if old else "text"),
            description if description is not None else (old.description if old else ""),
        )
    except ValueError as error:
        stop(f"{name}: {error}", WRONG_USAGE)
    changes, broken = save(here, [wanted], whoami(), force=force)
    jobs = users(here, name)
    if as_json:
        answer = {"changes": [_change(change) for change in changes], "used_by": jobs}
        print_json({**answer, "broken": _texts(broken)})
        return
    typer.echo(f"{name} is {value}" + (f" (was {old.value})" if old and old.value != value else ""))
    if jobs:
        console.print(f"used by {', '.join(jobs)}", style="dim")
    _print_broken(broken)


@app.command()
def unset(name: VariableName, force: Force = False, as_json: Json = False) -> None:
    """Take a Variable away, unless a definition needs it."""
    here = reach()
    known = list(VariableStore(here.redis).all())
    change, broken = take_away(here, name, whoami(), force=force)
    if change is None:
        stop(no_such("Variable", name, known), WRONG_USAGE)
    if as_json:
        print_json({**_change(change), "broken": _texts(broken)})
    else:
        typer.echo(f"{name} is gone (was {change.before})")
        _print_broken(broken)


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="File to write; default: standard output.")] = None,
    as_json: Json = False,
) -> None:
    """Write all Variables as YAML that `import` and SHELFBEAT_VARIABLES read."""
    found = VariableStore(reach().redis).all().values()
    if as_json:
        print_json([_view(one) for one in found])
        return
    if not found:
        errors.print(_NONE)  # what is exported is data, and a file of none says so
    text = variables_text(one.variable for one in found)
    if file is None:
        sys.stdout.write(text)
        return
    file.write_text(text, "utf-8")
    typer.echo(f"{counted(len(found), 'Variable')} written to {file}")


@app.command("import")
def import_variables(
    file: Annotated[str, typer.Argument(help="YAML file; - is standard input.")],
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Set the Variables of a file, all or none; others stay as they are."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except OSError as error:
        stop(f"{file}: {error.strerror}", WRONG_USAGE)
    wanted = parse_variables(text, file)
    changes, broken = save(reach(), wanted, whoami(), force=force)
    if as_json:
        print_json([_change(change) for change in changes])
        return
    values = [change for change in changes if change.before != change.after]
    for change in values:
        typer.echo(f"{change.name} is {change.after}" + (f" (was {change.before})" if change.before else ""))
    words = f"{len(values)} of {counted(len(wanted), 'value')} changed"
    words += (
        f"; type or description of {len(changes) - len(values)} more" if len(changes) > len(values) else ""
    )
    typer.echo(words)
    _print_broken(broken)


def _texts(broken: Sequence[Mistake]) -> list[str]:
    return [str(mistake) for mistake in broken]


def _print_broken(broken: Sequence[Mistake]) -> None:
    """Say which definitions a forced change breaks."""
    if broken:
        head = "this breaks definitions; the version that a beat last saw right stays in force until they are mended:"
        errors.print("\n".join((head, *_texts(broken))), style="yellow", soft_wrap=True)


@app.command()
def log(
    name: Annotated[str | None, typer.Argument(help="Only this Variable.")] = None, as_json: Json = False
) -> None:
    """Show who changed what, when and from what, newest first."""
    changes = VariableStore(reach().redis).changes(name)
    if as_json:
        print_json([_change(change) for change in changes])
        return
    rows = [
        (f"{one.at:%Y-%m-%d %H:%M}", one.by, one.name, one.before or "", one.after or "(gone)")
        for one in changes
    ]
    print_table(("at (UTC)", "by", "name", "from", "to"), rows)


def _view(one: StoredVariable) -> dict[str, Any]:
    return {
        "name": one.name,
        "value": one.value,
        "type": one.type,
        "description": one.description,
        "changed": _change(one.changed),
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "name": change.name,
        "at": change.at.isoformat(timespec="seconds"),
        "by": change.by,
        "from": change.before,
        "to": change.after,
    }
