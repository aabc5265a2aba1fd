"""The processes: do beats tick, do workers answer, does work pile up?"""

import time
from collections.abc import Iterator
from typing import Any, Final, cast

from console.doctor.finding import Finding, good, problem, warning
from console.doctor.redis_health import judge_clock
from reports.wording import counted
from runs import keys
from runs.aside import Aside
from tasks.app import app
from tasks.context import Context
from tasks.transport.broker import waiting_messages

_ANSWER_S: Final = 2.0
_STILL_S: Final = 15.0


def check_fleet(here: Context) -> Iterator[Finding]:
    """Yield the state of beats, workers and queues, and of every machine's clock."""
    yield from _beats(here)
    before, now = time.time(), here.ledger.now().timestamp()
    began = time.time()
    offset = (before + began) / 2 - now
    answers = cast("dict[str, float]", app.control.inspect(timeout=_ANSWER_S)._request("wall_clock") or {})
    waiting = waiting_messages(here.redis)
    yield _workers(answers, waiting)
    yield judge_clock("this machine", offset)
    for worker, said in sorted(answers.items()):
        # It answered at some moment while we waited: what lies within is no skew.
        ahead = said - began if not 0 <= said - began <= _ANSWER_S else 0.0
        yield judge_clock(worker, ahead + offset)
    yield from _left_over(here)


def _beats(here: Context) -> Iterator[Finding]:
    now_ms = here.ledger.now().timestamp() * 1_000
    fix = "Start one: shelfbeat beat (any number may run), or docker compose up --detach beat"
    names = sorted(cast("Iterator[bytes]", here.redis.scan_iter(keys.beat("*", 0)[:-1] + "*", count=1_000)))
    fresh = []
    for name in names:
        ticked = int(cast("bytes | None", here.redis.get(name)) or 0)
        if now_ms - ticked < _STILL_S * 1_000:
            fresh.append(name.decode().removeprefix("sb:beat:"))
    if fresh:
        yield good("beat", f"{len(fresh)} ticking: {', '.join(fresh)}")
    else:
        last = f"{len(names)} stopped less than two minutes ago" if names else "none"
        yield problem("beat", f"no beat ticks ({last}): nothing is started or watched", fix)


def _workers(answers: dict[str, Any], waiting: int) -> Finding:
    if not answers:
        return problem(
            "workers",
            f"none answers within {_ANSWER_S:.0f} s; {_wait(waiting)}",
            "Start one: shelfbeat worker, or docker compose up --detach worker",
        )
    found = f"{counted(len(answers), 'answers', 'answer')}: {', '.join(sorted(answers))}; {_wait(waiting)}"
    if waiting > 1_000 * len(answers):
        return warning("workers", found, "Add workers: docker compose up --detach --scale worker=N")
    return good("workers", found)


def _wait(messages: int) -> str:
    return counted(messages, "message waits", "messages wait")


def _left_over(here: Context) -> Iterator[Finding]:
    untold = here.ledger.untold()
    if untold:
        yield warning(
            "messages",
            f"{counted(len(untold), 'run')} ended and somebody has yet to hear: {', '.join(untold[:3])}",
            f"See which channel does not take it: shelfbeat runs show {untold[0]}",
        )
    aside = Aside(here.redis).messages(newest=1)
    if aside:
        yield warning(
            "unreadable messages",
            f"kept aside, the last {aside[0].at:%Y-%m-%d %H:%M} UTC: {aside[0].why}",
            "Two versions of Shelfbeat at once? Update every worker. They are in Redis, list sb:aside.",
        )
