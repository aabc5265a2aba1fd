"""The help of `shelfbeat` names every command without loading it."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from console.app import COMMANDS, command, load


@pytest.mark.parametrize("known", COMMANDS, ids=lambda known: known.name)
def test_a_summary_is_how_the_command_explains_itself(known: object) -> None:
    assert isinstance(known, type(COMMANDS[0]))
    found = load(known)
    said = found.info.help if isinstance(found, typer.Typer) else found.__doc__
    assert (said or "").startswith(known.summary)


def test_the_help_lists_every_command() -> None:
    done = CliRunner().invoke(command(), ["--help"])
    assert done.exit_code == 0
    assert all(f" {known.name} " in done.output for known in COMMANDS)


def test_the_version_is_that_of_the_package() -> None:
    done = CliRunner().invoke(command(), ["--version"])
    assert (done.exit_code, done.output) == (0, f"shelfbeat {version('shelfbeat')}\n")


def test_a_misspelt_command_is_told_the_nearest() -> None:
    done = CliRunner().invoke(command("job"), ["job", "list"])
    assert done.exit_code == 2
    assert "jobs" in done.output


def helps(group: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command below a group, with the words that call it."""
    for name, found in group.commands.items():
        if hasattr(found, "commands"):
            yield from helps(found, (*words, name))
        else:
            yield (*words, name), found


def test_every_argument_says_what_it_is_and_no_sentence_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_SHELFBEAT_COMPLETE", "every command is wanted")
    monkeypatch.setenv("COLUMNS", "100")
    app = command()
    monkeypatch.delenv("_SHELFBEAT_COMPLETE")
    found = dict(helps(typer.main.get_command(app)))
    assert {"trigger", "backfill", "show"} <= {words[-1] for words in found}
    silent = [(words, one.name) for words, each in found.items() for one in each.params if not one.help]
    assert silent == []
    said = CliRunner().invoke(app, ["extract", "--help"]).output
    assert "said, which won and why." in said
    assert "as often as needed" in CliRunner().invoke(app, ["jobs", "trigger", "--help"]).output


@pytest.mark.parametrize(
    ("line", "without"),
    [
        (["--help"], ["celery", "aiohttp", "lxml", "pandas", "apprise", "gspread"]),
        (["jobs", "--help"], ["celery", "aiohttp", "apprise", "gspread"]),
        (["runs", "--help"], ["celery", "aiohttp", "apprise", "gspread"]),
        (["variables", "--help"], ["celery", "aiohttp", "apprise", "gspread"]),
    ],
)
def test_a_command_loads_only_what_it_needs(line: list[str], without: list[str]) -> None:
    script = (
        "import sys; from console.app import main\n"
        f"sys.argv = ['shelfbeat', *{line!r}]\n"
        "try: main()\n"
        "finally: print('LOADED', *[name for name in sys.modules if '.' not in name], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = done.stderr.split("LOADED")[1].split()
    assert [name for name in without if name in loaded] == []
