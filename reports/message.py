"""The messages about a run: subject, plain text that reads well in a chat, HTML that mail programs show.

The most important comes first: the state, how complete the report is, what went out of stock, the largest
price changes, what is new, gone or failing, where the report is. Texts from pages are data: folded to one
line, escaped in HTML, unable to call anybody in a chat.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from jobs.message import MessageTemplates
from reports.own_message import TemplateFailed, own_message
from reports.quality import percent
from reports.rendering import moment, one_line, render
from reports.summary import Summary
from reports.wording import counted

Kind = Literal[
    "delivered",
    "delivered_with_gaps",
    "undelivered",
    "held",
    "failed",
    "at_risk",
    "late",
    "never_started",
    "recovered",
]
BUILT_IN: Final = MessageTemplates()


class Message(msgspec.Struct, frozen=True):
    """What is sent."""

    subject: str
    """One line."""
    text: str
    html: str
    kind: Kind
    """Lets channels be chosen by severity."""
    unused: str = ""
    """Why the job's own templates were not used; "" where they were, or where it has none."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Somewhere the report was published."""

    kind: str
    """`sheet`, `xlsx`, `csv`, …"""
    link: str | None = None
    path: str | None = None
    """In the file system or in Drive."""


class RunFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger knows of a run. Times are aware."""

    job: str
    run: str
    """Id."""
    state: str
    """In the ledger's words; `held` for a run that waits for a person."""
    timezone: str = "UTC"
    """Of the job; times are shown in it."""
    due_at: datetime
    deadline_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    customer: str = ""
    published: tuple[Place, ...] = ()
    warnings: tuple[str, ...] = ()
    """Gates that the run did not pass, in sentences."""
    notices: tuple[str, ...] = ()
    """What else a reader should know."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a run ended without a report."""

    step: str
    """By its name in the ledger."""
    happened: str
    """In a sentence, no secret in it."""
    attempts: int = 1
    todo: tuple[str, ...] = ()
    """What a person can do, the likeliest first; default: by step."""


class Lack(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the message of a published report has not reached. Channels are labels without credentials."""

    got: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    """Each with its answer and how often it was asked."""
    untried: int = 0
    """How many channels were not asked at all."""
    why: str = ""
    """What kept the message from being sent to them."""
    step: str = "write_message"
    """From which sending it again goes on."""


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a late run has got."""

    step: str
    pages: int = 0
    urls: int | None = None
    expected_at: datetime | None = None
    """When it will be done at its pace; None when nobody can say."""
    hindered: str = ""
    """What last kept the step from being done."""
    too_slow: str = ""
    """Which of its pages the job's own pace leaves no time for."""


def compose(
    summary: Summary,
    facts: RunFacts,
    previous: Summary | None = None,
    templates: MessageTemplates = BUILT_IN,
) -> Message:
    """Return the message of a run that was published, with gaps or without, or is held by its gates.

    A job's own `templates` word what was published; what they cannot word is told in the built-in words, and
    `unused` says why. A held report asks a person to act, so it is always told in ours.
    """
    kind: Kind = "delivered"
    counts = f"{summary.products:,} of {counted(summary.urls, 'URL')}"
    if facts.state == "held":
        kind, told = "held", f"HELD, not published: {facts.warnings[0] if facts.warnings else counts}"
    elif facts.state == "published_with_gaps" or facts.warnings:
        kind, told = "delivered_with_gaps", f"delivered with gaps, {counts} ({percent(summary.coverage)})"
    else:
        told = ", ".join([f"products from {counts}", *_news(summary)])
    first = previous is None and not summary.changes and kind != "held"
    values = {"summary": summary, "previous": previous, "first": first}
    message = _message(kind, f"{_who(facts)}: {told}", "report", facts, values)
    return message if kind == "held" else _reworded(message, templates, {"facts": facts, **values})


def _reworded(message: Message, templates: MessageTemplates, values: Mapping[str, object]) -> Message:
    """Return the message in the job's own words, where it has any that work."""
    if templates == BUILT_IN:
        return message
    try:
        own = own_message(templates, {"kind": message.kind, "subject": message.subject, **values})
    except TemplateFailed as failed:
        return msgspec.structs.replace(message, unused=str(failed))
    return Message(
        own.subject or message.subject, own.text or message.text, own.html or message.html, message.kind
    )


def compose_failure(facts: RunFacts, failure: Failure) -> Message:
    """Return the message of a run that failed: which step, what happened, what to do."""
    advice = failure.todo or _TODO.get(failure.step, _TODO_ANY)
    todo = [line.replace("{run}", facts.run).replace("{job}", facts.job) for line in advice]
    subject = f"{_who(facts)}: FAILED at {failure.step}"
    return _message("failed", subject, "failure", facts, {"failure": failure, "todo": todo})


def compose_undelivered(facts: RunFacts, lack: Lack) -> Message:
    """Return the word that a report is published and that not everybody has its message."""
    whom = "did not reach everybody" if lack.got else "reached nobody"
    todo = (
        f"See whether the channels take messages: shelfbeat notify test {facts.job}",
        f"Send it to those who have not got it: shelfbeat runs rerun {facts.run} --from {lack.step}",
    )
    subject = f"{_who(facts)}: published, but its message {whom}"
    return _message("undelivered", subject, "undelivered", facts, {"lack": lack, "todo": todo})


def compose_at_risk(facts: RunFacts, progress: Progress) -> Message:
    """Return the warning that a run will miss its deadline at its present pace."""
    deadline = moment(facts.deadline_at or facts.due_at, facts.timezone)
    subject = f"{_who(facts)}: may miss its deadline, {deadline}"
    return _message("at_risk", subject, "late", facts, {"progress": progress, "before": ""})


def compose_late(facts: RunFacts, progress: Progress | None, before: str = "") -> Message:
    """Return the alert that a deadline was missed.

    Without progress: the run was never started, because the run `before` it was still under way, or nothing was up.
    """
    kind: Kind = "late" if progress is not None else "never_started"
    word = "LATE" if progress is not None else "SKIPPED" if before else "NOT STARTED"
    why = f": {before} was still under way" if before else ""
    subject = f"{_who(facts)}: {word}, due {moment(facts.due_at, facts.timezone)}{why}"
    return _message(kind, subject, "late", facts, {"progress": progress, "before": before})


def compose_recovered(facts: RunFacts, was: str) -> Message:
    """Return the word that what was wrong is well again; `was` says what: `late`, `failed twice`."""
    subject = f"{_who(facts)}: recovered, was {was}"
    return _message("recovered", subject, "recovered", facts, {"was": was})


_TODO_ANY: Final = (
    "See the run's log: shelfbeat runs show {run}",
    "Run it again: shelfbeat jobs trigger {job}",
)
_TODO: Final[Mapping[str, Sequence[str]]] = {
    "collect_urls": (
        "Look at the source of URLs named above; mend it, or its entry in the definition",
        "Run it again: shelfbeat jobs trigger {job}",
    ),
    "scrape": (
        "See what the pages answered: shelfbeat runs rows {run}",
        "See whether workers are up: shelfbeat doctor",
        "Go on from here: shelfbeat runs rerun {run} --from scrape",
    ),
    "write_to_sheet": (
        "See whether the spreadsheet exists and is shared with the service account: shelfbeat doctor",
        "Nothing is lost, the rows are kept; go on from here: shelfbeat runs rerun {run} --from write_to_sheet",
    ),
    "write_message": (
        "The report itself is published; see which channel refused: shelfbeat runs show {run}",
        "Send it again: shelfbeat runs rerun {run} --from write_message",
    ),
}


def _message(
    kind: Kind, subject: str, template: str, facts: RunFacts, values: Mapping[str, object]
) -> Message:
    line = one_line(subject, 160)
    text, html = render(template, {"kind": kind, "subject": line, "facts": facts, **values})
    return Message(line, text, html, kind)


def _news(summary: Summary) -> list[str]:
    """Return what a subject tells beside the coverage: only what there is."""
    out, prices = summary.count("out_of_stock"), summary.price_changed
    told = [f"{summary.disapproved:,} that Google would disapprove"] if summary.disapproved else []
    told += [f"{out:,} newly out of stock"] if out else []
    return [*told, counted(prices, "price change")] if prices else told


def _who(facts: RunFacts) -> str:
    return f"{facts.customer} · {facts.job}" if facts.customer else facts.job
