"""`shelfbeat secrets …`: whether what definitions refer to can be resolved. No value is ever shown."""

from collections.abc import Iterator
from typing import Annotated

import typer
from pydantic import BaseModel

from console.catalogue import catalogue as read
from console.catalogue import tell_last_good
from console.output import DONE, RUN_FAILED, console, print_json, print_table
from jobs.catalogue import Catalogue
from jobs.secrets import MissingSecret, Provider, reference_names, resolve
from reports.errors import Unavailable
from tasks.secrets import secret_providers
from tasks.settings import Settings, settings

app = typer.Typer(help="Secrets: what definitions refer to as secret:NAME.", no_args_is_help=True)


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Tell of every secret that definitions and settings refer to whether it is set, and where it was found.

    Exit code 1 when one is missing.
    """
    values = settings()
    providers = secret_providers(values)
    catalogue = read()
    users = users_of_secrets(catalogue, values)
    tell_last_good(catalogue, catalogue.jobs)
    found = {name: _where(name, providers) for name in users}
    if as_json:
        print_json(
            [
                {"name": name, "set": good, "where": where, "used_by": users[name]}
                for name, (good, where) in found.items()
            ]
        )
    else:
        rows = [
            (name, "set" if good else "MISSING", where, ", ".join(users[name]))
            for name, (good, where) in found.items()
        ]
        if found:
            print_table(("secret", "", "where", "used by"), rows)
        else:
            console.print("no definition and no setting refers to a secret")
    raise typer.Exit(DONE if all(good for good, _ in found.values()) else RUN_FAILED)


def users_of_secrets(catalogue: Catalogue, values: Settings) -> dict[str, list[str]]:
    """Return the jobs and settings that refer to each secret, by its name."""
    texts = {job.job: list(_strings(job)) for job in catalogue.jobs.values()}
    texts["SHELFBEAT_OPERATORS"] = list(values.operators)
    texts["SHELFBEAT_USAGE_TO"] = list(values.usage_to)
    texts["SHELFBEAT_MONITOR"] = [values.monitor]
    users: dict[str, list[str]] = {}
    for user in sorted(texts):
        for name in reference_names(texts[user]):
            users.setdefault(name, []).append(user)
    return dict(sorted(users.items()))


def _strings(value: object) -> Iterator[str]:
    """Yield every text inside a definition."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _strings(getattr(value, name))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _strings(inner)


def _where(name: str, providers: tuple[Provider, ...]) -> tuple[bool, str]:
    """Return whether a secret is set, and where it was found or why it was not."""
    for provider in providers:
        try:
            resolve(f"secret:{name}", [provider])
        except MissingSecret:
            continue
        except Unavailable as error:
            return False, str(error)
        return True, str(provider)
    return False, f"looked in {', '.join(str(provider) for provider in providers)}"
