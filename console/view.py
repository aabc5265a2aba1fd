"""A run as people and programs see it."""

from datetime import datetime
from typing import Any

import msgspec

from reports.message import Message
from reports.wording import counted
from runs.deliveries import Deliveries
from runs.log import events
from runs.record import Event, Run
from tasks.context import Context
from tasks.steps.facts import published
from tasks.steps.reduce import reduced
from tasks.steps.unit import PARKED


def run_view(here: Context, run_id: str) -> dict[str, Any]:
    """Return the run as JSON-able data. Raises UnknownRun."""
    run = here.ledger.run(run_id)
    raw_message = here.ledger.result(run_id, "parse_message")
    message = None if raw_message is None else msgspec.json.decode(raw_message, type=Message)
    work = here.ledger.result(run_id, "maintain")
    return {
        **_state(here, run),
        **_figures(here, run),
        "steps": _steps(run),
        "published": msgspec.to_builtins(published(here, run_id)),
        "deliveries": _deliveries(here, run_id),
        "result": None if work is None else msgspec.json.decode(work),
        "message": msgspec.to_builtins(message) if message else None,
        "events": [
            {"at": _iso(line.at), "event": line.event, "step": line.step, "detail": line.detail}
            for line in _events(here, run)
        ],
    }


def _state(here: Context, run: Run) -> dict[str, Any]:
    parked = here.ledger.parked(run.id) if not run.ended else {}
    return {
        "run": run.id,
        "job": run.job,
        "state": run.state,
        "trigger": run.trigger,
        "reason": run.reason or None,
        "due_at": _iso(run.due_at),
        "deadline_at": _iso(run.deadline_at),
        "started_at": _iso(run.started_at),
        "done_again_at": _iso(run.opened_at) if run.life else None,
        "ended_at": _iso(run.ended_at),
        "hindered": run.hindered or None,
        "next_try_at": _iso(min(parked.values()) - PARKED if parked else None),
        "compared_with": run.previous,
    }


def _events(here: Context, run: Run) -> list[Event]:
    """Return the run's log. The end of scrape is no task's own: it is told by the ledger, whose last batch makes it."""
    lines = events(here.redis, run.id)
    scraped = next((one.ended_at for one in run.steps if one.name == "scrape" and one.state == "done"), None)
    if scraped is not None:
        detail = f"{counted(run.pages, 'page')}, {counted(run.products, 'product')}"
        lines.append(Event(at=scraped, event="step_done", step="scrape", detail=detail))
    return sorted(lines, key=lambda line: line.at)


def _figures(here: Context, run: Run) -> dict[str, Any]:
    found = reduced(here, run.id)
    summary = found.summary if found else None
    return {
        "urls": run.urls,
        "repeats": run.repeats,
        "pages": run.pages,
        "products": summary.products if summary else run.products,
        "failures": dict(summary.failures) if summary else {},
    }


def _steps(run: Run) -> list[dict[str, Any]]:
    return [
        {
            "name": step.name,
            "state": step.state,
            "attempts": step.attempts,
            "started_at": _iso(step.started_at),
            "ended_at": _iso(step.ended_at),
        }
        for step in run.steps
    ]


def _deliveries(here: Context, run_id: str) -> list[dict[str, Any]]:
    return [
        {
            "message": field.split(":")[0],
            "channel": record.channel,
            "state": record.state,
            "attempts": record.attempts,
            "repeated": record.repeated,
            "answer": record.answer,
        }
        for field, record in Deliveries(here.redis, run_id).records().items()
    ]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
