"""A published report one of whose channels is dead: when its run ends, as what, and what people are told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from jobs.catalogue import load_definition
from reports.message import Message
from runs.deliveries import Deliveries
from runs.ledger import Attempt, Unit
from tasks.delivered import MESSAGE
from tasks.people.escalation import Escalation
from tasks.people.outlook import FAIR_SHARE
from tasks.people.tell import tell_of_end
from tasks.people.untold import Untold
from tasks.start import start_manual
from tasks.steps.deliver import deliver_all
from tasks.upkeep.watch import Watch
from tests.support.receivers import Hook
from tests.support.simulated import World, definition

REPORT = Message("the report", "text", "<p>text</p>", "delivered")


@pytest.fixture
def dead() -> Iterator[Hook]:
    """A channel that says "try later" for ever."""
    with Hook(503) as hook:
        yield hook


@pytest.fixture
def boss() -> Iterator[Hook]:
    with Hook(200) as hook:
        yield hook


def started(world: World, *people: Hook, called: Hook | None = None) -> str:
    """Start a run of a job with an hour, its report for these people; `called` hears when it is late."""
    notify = str([hook.open_address() for hook in people]).replace("'", '"')
    keys = {"escalation": f'[{{to: ["{called.open_address()}"], on: [late]}}]'} if called else {}
    job = load_definition(definition("daily", notify=notify, deadline="1h", **keys), known_fields=frozenset())
    return start_manual(world.here, job)


def send(world: World, run_id: str, message: Message = REPORT) -> None:
    """Do what write_message does, once."""
    world.ledger.begin(run_id, Unit("write_message"), "task")
    deliver_all(world.here, run_id, MESSAGE, message, world.here.job(run_id).notify)


def titles(hook: Hook) -> list[str]:
    return [str(body["title"]) for body in hook.bodies]


def look(world: World, after: timedelta = timedelta()) -> None:
    """Let beat look, two of them, `after` some time."""
    world.ledger.at += after
    for _ in range(2):
        Watch(world.here).tick()
        Untold(world.here).tick()
        Escalation(world.here).tick()


MINUTE = timedelta(minutes=1)


def test_a_report_that_one_channel_did_not_take_ends_at_its_deadline_as_published_and_says_to_whom_it_went(
    world: World, team: Hook, dead: Hook, ops: Hook
) -> None:
    run_id = started(world, team, dead, called=dead)
    world.publish(run_id, through="parse_message")
    send(world, run_id)
    look(world, 59 * MINUTE)
    assert not world.ledger.run(run_id).ended
    assert titles(team) == ["the report"], "nothing is at risk for who has it"
    look(world, 2 * MINUTE)
    run = world.ledger.run(run_id)
    assert run.state == "published_with_gaps"  # by its figures: no row gave a product
    assert run.reason.startswith("its message did not reach everybody: ")
    assert "HTTP 503" in run.reason
    assert run.reason.endswith(", 1 try")
    look(world, MINUTE)
    look(world, MINUTE)
    assert titles(team)[1:] == titles(ops) == ["daily: published, but its message did not reach everybody"]
    assert titles(dead) == ["the report"], "who could not be reached is not asked to hear of it"
    text = str(team.bodies[1]["message"])
    assert "nothing of it is published" not in text
    assert (
        text.index("Its message reached:") < text.index("It did not reach:") < text.index("HTTP 503, 1 try")
    )
    assert f"shelfbeat runs rerun {run_id} --from write_message" in text


def test_a_message_first_sent_close_to_the_deadline_has_its_fair_share_of_time(
    world: World, team: Hook, dead: Hook
) -> None:
    run_id = started(world, team, dead)
    world.publish(run_id, through="parse_message")
    world.redis.hset(f"sb:run:{run_id}", "deadline_at", int(world.ledger.at.timestamp() * 1_000))
    send(world, run_id)
    look(world, FAIR_SHARE - timedelta(seconds=5))
    assert not world.ledger.run(run_id).ended
    look(world, timedelta(seconds=10))
    assert world.ledger.run(run_id).ended


def test_a_report_of_which_nobody_was_told_is_told_by_beat_with_every_worker_dead(
    world: World, team: Hook, ops: Hook, boss: Hook
) -> None:
    run_id = started(world, team, called=boss)
    world.publish(run_id)
    look(world, 58 * MINUTE)
    assert titles(team) == titles(ops)
    assert [title.split(",")[0] for title in titles(team)] == ["daily: may miss its deadline"]
    look(world, 3 * MINUTE)
    look(world, MINUTE)
    assert world.ledger.run(run_id).reason == "its message did not reach everybody: 1 channel not asked"
    assert titles(team)[1:] == titles(ops)[1:] == ["daily: published, but its message reached nobody"]
    assert titles(boss) == titles(team)[1:]
    assert f"shelfbeat runs rerun {run_id} --from find_path" in str(team.bodies[1]["message"])


def test_a_channel_that_is_about_to_answer_is_waited_for(world: World, team: Hook) -> None:
    run_id = started(world, team)
    world.publish(run_id, through="parse_message")
    world.ledger.begin(run_id, Unit("write_message"), "task")
    deliveries = Deliveries(world.redis, run_id)
    _, attempt = deliveries.intend(f"{MESSAGE}:0", "the team", lease=timedelta(hours=2), most_attempts=5)
    look(world, 61 * MINUTE)
    assert not world.ledger.run(run_id).ended
    deliveries.confirm(f"{MESSAGE}:0", attempt, "sent", "")
    look(world)
    run = world.ledger.run(run_id)
    assert (run.ended, run.reason, world.ledger.untold()) == (True, "", [])


def test_a_late_answer_between_two_tries_of_telling_shifts_nobody_in_the_list(
    world: World, team: Hook, dead: Hook
) -> None:
    with Hook(200) as late, Hook(200, 503, 200) as busy:
        run_id = started(world, late, team, dead, busy)
        world.publish(run_id, through="parse_message")
        send(world, run_id)
        records = Deliveries(world.redis, run_id)
        lost = msgspec.structs.replace(records.records()["result:0"], state="intent", until_ms=0)
        world.redis.hset(f"sb:run:{run_id}:deliveries", "result:0", msgspec.json.encode(lost))
        look(world, 61 * MINUTE)
        look(world, MINUTE)
        records.confirm("result:0", 1, "sent", "")
        refused = records.records()["undelivered:1"]
        assert (refused.state, len(busy.bodies)) == ("retry", 2)
        asked = msgspec.json.encode(msgspec.structs.replace(refused, at=0))  # its pause is over
        world.redis.hset(f"sb:run:{run_id}:deliveries", "undelivered:1", asked)
        look(world, MINUTE)
        told = "daily: published, but its message did not reach everybody"
        assert titles(team) == ["the report", told]
        assert titles(busy) == ["the report", told, told], "refused once, and asked again"
        assert titles(late) == ["the report"]
        assert world.ledger.untold() == []


def test_a_report_told_in_other_words_than_its_own_is_told_to_the_operators_once(
    world: World, team: Hook, ops: Hook
) -> None:
    run_id = started(world, team)
    world.publish(run_id, through="find_path")
    message = msgspec.structs.replace(REPORT, unused="text: 'nobody' is undefined")
    attempt = world.ledger.begin(run_id, Unit("parse_message"), "task")
    assert isinstance(attempt, Attempt)
    world.ledger.finish_step(attempt, msgspec.json.encode(message))
    send(world, run_id, message)
    look(world, 61 * MINUTE)
    for _ in range(2):
        tell_of_end(world.here, run_id)
    assert titles(ops) == ["Shelfbeat: the template of daily cannot be used"]
    assert titles(team) == ["the report"]
    assert world.ledger.untold() == []


def test_a_run_left_out_for_the_one_before_it_says_so_and_what_holds_that_up(
    world: World, team: Hook, ops: Hook
) -> None:
    at = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
    world.ledger.at = at
    notify = f'["{team.open_address()}"]'
    world.write("hourly", definition("hourly", schedule='"0 * * * *"', deadline="50m", notify=notify))
    beat = world.beat()
    for hour in (6, 7):
        world.ledger.at = at.replace(hour=hour)
        beat.tick()
    before, left_out = world.runs("hourly")
    tell_of_end(world.here, left_out.id)
    assert titles(team) == titles(ops)
    assert titles(team) == [f"hourly: SKIPPED, due Tue 10 Mar, 07:00 UTC: {before.id} was still under way"]
    text = str(team.bodies[0]["message"])
    assert f"1. See what holds it up: shelfbeat runs show {before.id}" in text
    assert "nothing has claimed it" not in text
    assert "whether beat is up" not in text


def test_a_run_that_makes_way_for_the_next_is_told_for_its_report_never_comes(
    world: World, team: Hook, ops: Hook
) -> None:
    at = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)
    notify = f'["{team.open_address()}"]'
    world.ledger.at = at
    keys = {"schedule": '"0 * * * *"', "deadline": "2h", "overlap": "cancel_old", "notify": notify}
    world.write("hourly", definition("hourly", **keys))
    beat = world.beat()
    for hour in (6, 7):
        world.ledger.at = at.replace(hour=hour)
        beat.tick()
    before, newer = world.runs("hourly")
    assert (before.state, newer.state) == ("failed", "queued")
    assert (
        before.reason
        == "the next run of the job came due while collect_urls was not done (overlap: cancel_old)"
    )
    tell_of_end(world.here, before.id)
    assert len(titles(team)) == 1
    assert titles(team) == titles(ops)
    assert before.reason in str(team.bodies[0]["message"])
