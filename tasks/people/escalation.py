"""People: warned before a deadline is missed, called when nobody mends it, told when all is well, spared repetitions.

Works in the beat process, outside the queue, so also with every worker dead. Whatever beat asks, each message goes
out once: deliveries are recorded in the ledger before and after.
"""

import time
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog

from reports.message import Message, compose_at_risk, compose_recovered
from reports.wording import counted
from runs.ledger import UnknownRun
from runs.log import note
from runs.record import PUBLISHED_STATES, Run
from runs.scripts import to_ms
from runs.troubles import Kept, Quiet, Trouble, Troubles
from tasks.apart import look_apart
from tasks.context import Context
from tasks.people.notices import plain_message
from tasks.people.outlook import outlook
from tasks.people.tell import (
    OPERATORS,
    OPERATORS_QUIET,
    PEOPLE_QUIET,
    message_name,
    people_of,
    trouble_message,
)
from tasks.steps.deliver import deliver_all
from tasks.steps.facts import run_facts

log = structlog.get_logger()

LOOK_EVERY_S: Final = 5.0
_TRIES: Final = 5
_NAMED: Final = 10
_FORGOTTEN: Final = timedelta(days=40)
"""A trouble of a job that never ran again."""


class Escalation:
    """Looks at active runs, standing troubles and kept repetitions."""

    def __init__(self, here: Context) -> None:
        self._here = here
        self._warned: set[tuple[str, int]] = set()
        """Runs that people were warned of, each with its life."""
        self._next_look = 0.0

    def tick(self) -> None:
        """Look if it is time to."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_EVERY_S
        now = self._here.ledger.now()
        active = self._here.ledger.active()
        still = set(active)
        self._warned = {warned for warned in self._warned if warned[0] in still}
        for run_id in active:
            look_apart(run_id, partial(self._warn, run_id, now), _expired)
        for trouble in Troubles(self._here.redis).all():
            look_apart(trouble.run, partial(self._follow, trouble, now), _expired)
        for kept in Quiet(self._here.redis).all():
            look_apart(kept.first, partial(self._digest, kept, now), _expired)

    def _warn(self, run_id: str, now: datetime) -> None:
        """Tell of a run that will miss its deadline, once."""
        run = self._here.ledger.run(run_id)
        warned = run.id, run.life
        progress = outlook(run, now) if warned not in self._warned else None
        if progress is None:
            return
        job = self._here.job_or_name(run)
        message = compose_at_risk(run_facts(self._here, run, job), progress)
        people = tuple(dict.fromkeys((*people_of(job, "at_risk"), *self._here.settings.operators)))
        name = message_name(run, "at_risk")
        if not deliver_all(self._here, run_id, name, message, people, most_attempts=_TRIES):
            self._warned.add(warned)
            note(self._here.redis, run_id, "at_risk", step=progress.step)
            log.warning("run_at_risk", run=run_id, step=progress.step)

    def _follow(self, trouble: Trouble, now: datetime) -> None:
        """Call further people when a trouble stands too long; tell of its end."""
        here, troubles = self._here, Troubles(self._here.redis)
        newer = self._newer_report(trouble)
        if newer is not None and not newer.ended:  # its message is on its way
            return
        if newer is not None and _is_over(trouble, newer):
            if not trouble.told or self._recovered(trouble, newer):
                troubles.clear(trouble.job)
            return
        try:
            run = here.ledger.run(trouble.run)
        except UnknownRun:
            if now - trouble.since > _FORGOTTEN:
                troubles.clear(trouble.job)
            return
        if run.state == "cancelled":
            troubles.clear(trouble.job)
            return
        if not run.ended:  # somebody is at it
            return
        job = here.job_or_name(run)
        for number, rule in enumerate(job.escalation):
            if rule.after and trouble.kind in rule.on and now - trouble.since >= rule.after:
                message = trouble_message(here, run, job)
                name = message_name(run, f"escalation-{number + 1}")
                deliver_all(here, run.id, name, message, rule.to, most_attempts=_TRIES)

    def _newer_report(self, trouble: Trouble) -> Run | None:
        """Return the run whose report came out since, if only to be cancelled, done again or told of yet."""
        ledger = self._here.ledger
        published = ledger.published_run(trouble.job)
        if published is None or ledger.published_sequence(trouble.job) < trouble.sequence:
            return None
        run = ledger.run(published)
        return run if run.is_out or run.ended else None

    def _recovered(self, trouble: Trouble, run: Run) -> bool:
        """Tell everybody who heard of a trouble that it is over with this run; returns whether all is done."""
        here = self._here
        job = here.job_or_name(run)
        times = f"{trouble.times} times " if trouble.times > 1 else ""
        was = trouble.kind.replace("_", " ")
        message = compose_recovered(
            run_facts(here, run, job), f"{times}{was} since {trouble.since:%Y-%m-%d %H:%M} UTC"
        )
        people = [*people_of(job, trouble.kind), *here.settings.operators]
        for rule in job.escalation:
            if rule.after and trouble.kind in rule.on and _stood(trouble, run) >= rule.after:
                people += rule.to
        name, everybody = message_name(run, "recovered"), tuple(dict.fromkeys(people))
        return not deliver_all(here, run.id, name, message, everybody, most_attempts=_TRIES)

    def _digest(self, kept: Kept, now: datetime) -> None:
        """Tell an audience what was kept for it, or forget a kind that did not come again."""
        window = OPERATORS_QUIET if kept.audience == OPERATORS else PEOPLE_QUIET
        if now - kept.told < window:
            return
        quiet = Quiet(self._here.redis)
        if kept.runs:
            people = self._audience(kept)
            message = _digest_message(kept)
            # Under the oldest run of the digest and the time of the word before: whichever beat tells it, and however
            # often, it is the same; and another where that run, done again, is the oldest of a later digest.
            who = "operators-" if kept.audience == OPERATORS else ""
            name = f"digest-{who}{to_ms(kept.told)}"
            if deliver_all(self._here, kept.runs[0], name, message, people, most_attempts=_TRIES):
                return
        quiet.digested(kept)

    def _audience(self, kept: Kept) -> tuple[str, ...]:
        if kept.audience == OPERATORS:
            return self._here.settings.operators
        return self._here.job_or_name(self._here.ledger.run(kept.runs[-1])).notify


def _stood(trouble: Trouble, newer: Run) -> timedelta:
    """Return for how long people were called: until somebody did it again, or a newer report was out."""
    again = newer.id == trouble.run
    return (newer.opened_at if again else newer.out_at or newer.progress_at) - trouble.since


def _is_over(trouble: Trouble, newer: Run) -> bool:
    """Whether an ended run whose report came out since is the end of a trouble; cancelled, it is so once it was out."""
    given_up = newer.state == "cancelled" and newer.is_out and newer.id != trouble.run
    return newer.state in PUBLISHED_STATES or given_up


def _digest_message(kept: Kept) -> Message:
    count = len(kept.runs)
    who = "Shelfbeat" if kept.audience == OPERATORS else kept.audience
    kind, step, reason = kept.signature.split("/", 2)
    word = kind.replace("_", " ")
    lines = [
        f"The first of them, {kept.first}, was told at {kept.told:%Y-%m-%d %H:%M} UTC. Since then, in the same way:",
        *(f"• {run_id}" for run_id in kept.runs[:_NAMED]),
        *([f"… and {count - _NAMED}{' or' if kept.is_full else ''} more"] if count > _NAMED else []),
        "",
        f"Step: {step}",
        f"What happened: {reason}",
        "",
        f"See one of them: shelfbeat runs show {kept.runs[-1]}",
        "See what is wrong here: shelfbeat doctor",
    ]
    many = f"at least {count} more runs" if kept.is_full else counted(count, "more run")
    return plain_message(f"{who}: {many} {word}", lines, "failed")


def _expired(run_id: str) -> None:
    log.info("run_expired", run=run_id)
