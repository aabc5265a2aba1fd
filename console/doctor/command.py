"""`shelfbeat doctor`."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer
from kombu.exceptions import OperationalError
from redis.exceptions import OutOfMemoryError, RedisError

from console.catalogue import catalogue as read
from console.doctor.finding import Finding, problem
from console.doctor.fleet import check_fleet
from console.doctor.last_runs import check_last_runs
from console.doctor.outside import (
    check_channels,
    check_definitions,
    check_disk,
    check_monitors,
    check_secrets,
    check_sheets,
)
from console.doctor.redis_health import judge_redis
from console.output import DONE, RUN_FAILED, UNREACHABLE, console, print_json
from jobs.catalogue import Catalogue
from jobs.errors import InvalidDefinition
from tasks.context import Context, context
from tasks.reach import RedisAway, reach
from tasks.settings import settings

_COLOURS = {"good": "green", "warning": "yellow", "problem": "red"}
_SIGNS = {"good": "✓", "warning": "!", "problem": "✗"}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Look at everything that a morning depends on, and say what to do about each finding.

    Exit code 1 when there is a problem, 3 when Redis cannot be reached. Nothing is changed and nothing sent.
    """
    found: list[Finding] = []
    for finding in examine():
        found.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        print_json([asdict(finding) for finding in found])
    if any(finding.check == "Redis" and finding.health == "problem" for finding in found):
        raise typer.Exit(UNREACHABLE)
    raise typer.Exit(RUN_FAILED if any(finding.health == "problem" for finding in found) else DONE)


def examine() -> Iterator[Finding]:
    """Yield every finding."""
    yield from check_disk(settings().home)
    here, answers = context(), False
    try:
        reach()
        answers = True
        yield from judge_redis(here.redis.info())
        yield from check_fleet(here)
    except OutOfMemoryError:
        yield problem(
            "fleet", "not all looked at: a full Redis does not let anybody ask", "Mend its memory first."
        )
    except RedisAway as error:
        yield problem("Redis", f"cannot be reached: {error.said}", error.advice)
    except (RedisError, OperationalError) as error:  # ours, and Celery's word for it where workers are asked
        yield problem("Redis", f"does not answer as it should: {error}", "Is SHELFBEAT_REDIS_URL right?")
    yield from _catalogue(here, redis_answers=answers)


def _catalogue(here: Context, *, redis_answers: bool) -> Iterator[Finding]:
    try:
        catalogue = read()
    except InvalidDefinition as error:
        yield problem(
            "definitions", str(error), "Make the folder, or set SHELFBEAT_JOBS to the one you have."
        )
        return
    except RedisError:
        yield problem("definitions", "not looked at: their Variables are in Redis", "Mend Redis first.")
        return
    yield from check_definitions(catalogue)
    if redis_answers:
        yield from _last_runs(here, catalogue)
    yield from check_secrets(here, catalogue)
    yield from check_sheets(here, catalogue)
    yield from check_channels(here, catalogue)
    yield from check_monitors(here, catalogue)


def _last_runs(here: Context, catalogue: Catalogue) -> Iterator[Finding]:
    try:
        yield from check_last_runs(here, catalogue.jobs.values())
    except RedisError as error:  # it answered a moment ago
        yield problem("last runs", f"not all looked at: Redis is away ({error})", "Mend Redis first.")


def _show(finding: Finding) -> None:
    colour = _COLOURS[finding.health]
    console.print(_SIGNS[finding.health], style=colour, end=" ")
    console.print(finding.check, style="bold", end=": ")
    console.print(finding.found, soft_wrap=True)
    if finding.fix:
        console.print(f"    → {finding.fix}", style=colour, soft_wrap=True)
