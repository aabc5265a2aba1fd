"""What the doctor says of a job's last runs."""

from typing import Any

import msgspec
import pytest

from console.doctor.finding import Health
from console.doctor.last_runs import judge_run
from runs.record import STEPS, Step
from tests.support.run_record import BEGIN, MINUTE
from tests.support.run_record import RUN as A_RUN

RUN = msgspec.structs.replace(A_RUN, started_at=BEGIN, urls=10, pages=10, products=9)
ENDED: dict[str, Any] = {"ended_at": BEGIN + 5 * MINUTE}


def at_step(name: str, attempts: int = 1) -> tuple[Step, ...]:
    done = STEPS[: STEPS.index(name)]
    return tuple(
        Step(name=one, state="done" if one in done else "running", attempts=attempts, started_at=BEGIN)
        for one in STEPS
    )


@pytest.mark.parametrize(
    ("facts", "after", "check", "health", "words"),
    [
        (
            {"state": "held", "reason": "coverage 10 %"},
            6,
            "last run of a",
            "warning",
            "a-1 is held: coverage 10 %",
        ),
        ({"state": "failed", "reason": "no list"}, 6, "last run of a", "problem", "a-1 failed: no list"),
        (
            {"state": "failed", "reason": "at scrape", "ended_at": BEGIN + 60 * MINUTE},
            70,
            "last run of a",
            "problem",
            "a-1 missed its deadline: at scrape",
        ),
        (
            {"state": "published", "products": 0},
            6,
            "last run of a",
            "warning",
            "a-1 was published without a product: none of 10 URLs gave one",
        ),
        (
            {"state": "published", "reason": "its message did not reach everybody: Slack: HTTP 404, 1 try"},
            6,
            "last run of a",
            "warning",
            "a-1 is published, but its message did not reach everybody: Slack: HTTP 404, 1 try",
        ),
        (
            {"hindered": "Google is away", "steps": at_step("write_to_sheet", 4)},
            10,
            "run of a",
            "problem",
            "a-1 sticks at write_to_sheet (try 4): Google is away",
        ),
        (
            {"hindered": "Redis is full", "steps": at_step("scrape"), "pages": 0},
            5,
            "run of a",
            "problem",
            "a-1 sticks at scrape: Redis is full",
        ),
        (
            {"hindered": "451 try later", "steps": at_step("write_message", 2)},
            61,
            "run of a",
            "problem",
            "a-1 is past its deadline, at write_message: 451 try later",
        ),
        ({"state": "queued"}, 20, "run of a", "warning", "a-1 may miss its deadline, it is at collect_urls"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    facts: dict[str, Any], after: int, check: str, health: Health, words: str
) -> None:
    ended = ENDED if facts.get("state") in {"held", "failed", "published"} else {}
    found = judge_run(msgspec.structs.replace(RUN, **(ended | facts)), BEGIN + after * MINUTE)
    assert found is not None
    assert (found.check, found.health, found.found) == (check, health, words)
    assert "a-1" in found.fix


@pytest.mark.parametrize(
    "facts",
    [
        {"state": "published", **ENDED},
        {"state": "published_with_gaps", **ENDED},
        {"state": "cancelled", "reason": "by me", **ENDED},
        {"hindered": "Google is away", "steps": at_step("write_to_sheet", 2)},
        {"hindered": "a blip of one batch", "steps": at_step("scrape", 1)},
        {"state": "published", "urls": None, "products": 0, **ENDED},  # a job of the service itself
    ],
)
def test_a_run_that_is_well_or_has_only_begun_to_wait_is_no_finding(facts: dict[str, Any]) -> None:
    assert judge_run(msgspec.structs.replace(RUN, **facts), BEGIN + 6 * MINUTE) is None
