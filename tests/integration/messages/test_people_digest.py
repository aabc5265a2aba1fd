"""Repeated failures of one kind: the first at once, the rest in one digest; and what a monitor hears."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from jobs.catalogue import load_definition
from jobs.job import Job
from runs import keys, troubles
from runs.ledger import Attempt, Unit
from runs.scripts import to_ms
from tasks.context import UnreadableDefinition
from tasks.people.escalation import Escalation
from tasks.people.monitors import Monitors
from tasks.people.tell import tell_of_end
from tasks.start import cancel, record_missed, scheduled_id, start_backfill, start_manual
from tests.support.monitor import Monitor
from tests.support.receivers import Hook
from tests.support.simulated import World, definition


def fail(world: World, name: str, team: Hook, reason: str, **keys: str) -> str:
    job = load_definition(
        definition(name, notify=f'["{team.open_address()}"]', **keys), known_fields=frozenset()
    )
    run_id = start_manual(world.here, job)
    end_failed(world, run_id, reason)
    return run_id


def end_failed(world: World, run_id: str, reason: str = "no list") -> None:
    """Let a run fail, and people hear of it."""
    world.ledger.end(run_id, "failed", reason=reason, step="collect_urls", tell=True)
    tell_of_end(world.here, run_id)


def titles(hook: Hook) -> list[str]:
    return [str(body["title"]) for body in hook.bodies]


def look(world: World) -> None:
    Escalation(world.here).tick()


def test_the_first_failure_is_told_and_the_rest_come_in_one_digest(
    world: World, team: Hook, ops: Hook
) -> None:
    runs = [fail(world, "hourly", team, f"sitemap answered HTTP 50{n}") for n in range(4)]
    assert titles(team) == titles(ops) == ["hourly: FAILED at collect_urls"]
    assert world.ledger.untold() == []
    look(world)
    assert len(team.bodies) == len(ops.bodies) == 1
    world.ledger.at += timedelta(minutes=31)
    look(world)
    look(world)
    assert titles(ops)[1:] == ["Shelfbeat: 3 more runs failed"]
    assert all(run in str(ops.bodies[1]["message"]) for run in runs)
    assert len(team.bodies) == 1
    world.ledger.at += timedelta(hours=12)
    look(world)
    look(world)
    assert titles(team)[1:] == ["hourly: 3 more runs failed"]


def test_another_kind_of_failure_is_told_at_once(world: World, team: Hook) -> None:
    fail(world, "hourly", team, "sitemap answered HTTP 503")
    fail(world, "hourly", team, "the sheet is not shared with us")
    assert len(team.bodies) == 2


def test_many_reports_that_fail_for_one_cause_are_two_messages_to_the_operators(
    world: World, team: Hook, ops: Hook
) -> None:
    for number in range(40):
        fail(world, f"report-{number}", team, "Google: over its quota")
    assert len(team.bodies) == 40  # each customer's people hear of theirs
    assert len(ops.bodies) == 1
    world.ledger.at += timedelta(minutes=31)
    look(world)
    assert titles(ops)[1:] == ["Shelfbeat: 39 more runs failed"]


def test_a_digest_that_counts_no_further_says_so(
    world: World, team: Hook, ops: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(troubles, "MOST_COUNTED", 3)
    for number in range(6):
        fail(world, f"report-{number}", team, "Google: over its quota")
    world.ledger.at += timedelta(minutes=31)
    look(world)
    assert titles(ops)[1:] == ["Shelfbeat: at least 3 more runs failed"]


def test_a_job_that_is_well_again_says_so_once(world: World, team: Hook, ops: Hook) -> None:
    fail(world, "hourly", team, "sitemap answered HTTP 503")
    job = load_definition(definition("hourly", notify=f'["{team.open_address()}"]'), known_fields=frozenset())
    run_id = start_manual(world.here, job)
    look(world)
    assert len(team.bodies) == 1
    world.ledger.end(run_id, "published", tell=False)
    look(world)
    look(world)
    assert titles(team)[1:] == titles(ops)[1:]
    assert [title.startswith("hourly: recovered, was failed") for title in titles(team)[1:]] == [True]


def test_a_trouble_that_somebody_cancelled_is_over_without_a_word(world: World, team: Hook) -> None:
    job = load_definition(definition("a", notify=f'["{team.open_address()}"]'), known_fields=frozenset())
    run_id = start_manual(world.here, job)
    with capture_logs() as logs:
        cancel(world.here, run_id, "by hand")
    look(world)
    assert team.bodies == []
    # A command prints warnings beside its answer; what a person asked for is none.
    assert [(one["event"], one["log_level"]) for one in logs] == [("run_cancelled", "info")]


def test_a_monitor_hears_of_start_and_end_and_a_lost_ping_is_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Monitor(500, 500, 200) as monitor:
        monkeypatch.setenv("CHECK", monitor.address("check"))
        job = load_definition(definition("a", monitor="secret:CHECK"), known_fields=frozenset())
        run_id = start_manual(world.here, job)
        Monitors(world.here).look({"a": job})
        Monitors(world.here).look({"a": job})
        assert monitor.signals("check") == ["start", "start", "start"]  # twice refused
        world.ledger.end(run_id, "failed", reason="no URLs", tell=False)
        Monitors(world.here).look({"a": job})
        Monitors(world.here).look({"a": job})
        assert monitor.signals("check")[3:] == ["fail"]
        assert "no URLs" in monitor.pings[-1].body


def test_nothing_is_told_of_a_run_that_a_person_has_opened_again(world: World, team: Hook) -> None:
    job = load_definition(definition("hourly", notify=f'["{team.open_address()}"]'), known_fields=frozenset())
    run_id = start_manual(world.here, job)
    world.ledger.end(run_id, "failed", reason="no route", step="collect_urls", tell=True)
    world.ledger.reopen(run_id, "collect_urls", timedelta(hours=1))
    tell_of_end(world.here, run_id)
    assert team.bodies == []


def test_a_run_whose_definition_this_version_cannot_read_is_told_to_the_operators(
    world: World, team: Hook, ops: Hook
) -> None:
    frozen = '{"job": "old", "urls": 7, "notify": ["slack://a-token-of-old"]}'
    world.ledger.claim("old-1", "old", definition=frozen, deadline=timedelta(hours=1))
    with pytest.raises(UnreadableDefinition, match="notify") as caught:
        world.here.job("old-1")
    assert "a-token" not in str(caught.value)
    world.ledger.end("old-1", "failed", reason=str(caught.value), step="collect_urls", tell=True)
    tell_of_end(world.here, "old-1")
    assert titles(ops) == ["old: FAILED at collect_urls"]
    assert world.ledger.untold() == []


def hold(world: World, team: Hook) -> str:
    """Start a run that its gates hold, and tell of it."""
    job = load_definition(definition("daily", notify=f'["{team.open_address()}"]'), known_fields=frozenset())
    run_id = start_manual(world.here, job)
    world.publish(run_id, through="reduce_rows")
    world.ledger.end(run_id, "held", reason="coverage 0 %, at least 80 % is wanted", tell=True)
    tell_of_end(world.here, run_id)
    return run_id


def test_every_held_report_is_told_for_it_waits_for_somebody(world: World, team: Hook, ops: Hook) -> None:
    for run_id in [hold(world, team) for _ in range(3)]:
        tell_of_end(world.here, run_id)
    assert len(team.bodies) == len(ops.bodies) == 3
    assert all(title.startswith("daily: HELD, not published") for title in titles(team) + titles(ops))


def test_who_heard_that_a_report_is_held_hears_that_it_was_released_and_published(
    world: World, team: Hook, ops: Hook
) -> None:
    run_id = hold(world, team)
    world.ledger.reopen(run_id, "write_to_sheet", timedelta(hours=1))
    attempt = world.ledger.begin(run_id, Unit("write_to_sheet"), "task")
    assert isinstance(attempt, Attempt)
    world.ledger.finish_step(attempt, b"[]")
    look(world)
    assert len(team.bodies) == 1, "its message is not out yet"
    world.ledger.end(run_id, "published", tell=False)
    look(world)
    look(world)
    for hook in (team, ops):
        assert [title.startswith("daily: recovered, was held since") for title in titles(hook)[1:]] == [True]


def test_a_success_in_between_ends_a_series_of_repetitions(world: World, team: Hook) -> None:
    for _ in range(2):
        fail(world, "hourly", team, "sitemap answered HTTP 503")
    assert len(team.bodies) == 1
    job = load_definition(definition("hourly"), known_fields=frozenset())
    world.ledger.end(start_manual(world.here, job), "published", tell=False)
    fail(world, "hourly", team, "sitemap answered HTTP 503")
    assert titles(team) == ["hourly: FAILED at collect_urls"] * 2


def team_and_boss(team: Hook, boss: Hook) -> Job:
    escalation = f'[{{to: ["{boss.open_address()}"], on: [failed, never_started], after: 1m}}]'
    text = definition("daily", notify=f'["{team.open_address()}"]', escalation=escalation)
    return load_definition(text, known_fields=frozenset())


def fail_and_escalate(world: World, run_id: str) -> None:
    end_failed(world, run_id)
    world.ledger.at += timedelta(minutes=2)
    look(world)
    look(world)


def test_what_was_sent_of_one_life_of_a_run_is_sent_anew_of_the_next(world: World, team: Hook) -> None:
    with Hook(200) as boss:
        run_id = start_manual(world.here, team_and_boss(team, boss))
        for life in range(1, 3):
            world.ledger.at = datetime.now(UTC) + timedelta(minutes=20)
            look(world)
            look(world)
            warned = [title for title in titles(team) if "may miss its deadline" in title]
            assert len(warned) == life
            fail_and_escalate(world, run_id)
            assert len(boss.bodies) == life
            world.ledger.reopen(run_id, "collect_urls", timedelta(hours=1))


@pytest.mark.parametrize("cancelled", [False, True])
def test_nobody_is_called_for_a_failure_whose_successor_is_out_already(
    world: World, team: Hook, cancelled: bool
) -> None:
    with Hook(200) as boss:
        job = team_and_boss(team, boss)
        failed = start_manual(world.here, job)
        end_failed(world, failed)
        newer = start_manual(world.here, job)
        world.publish(newer)
        if cancelled:
            cancel(world.here, newer, "enough")
        world.ledger.at = datetime.now(UTC) + timedelta(minutes=30)
        look(world)
        look(world)
        assert titles(boss) == []
        assert any("recovered" in title.lower() for title in titles(team)) == cancelled


@pytest.mark.parametrize(("out_after", "called"), [(0, False), (90, True)])
def test_who_would_be_called_while_a_reports_message_is_on_its_way_hears_of_no_recovery(
    world: World, team: Hook, out_after: int, called: bool
) -> None:
    """From its publication on nobody is called, however long its message waits for a channel."""
    with Hook(200) as boss:
        job = team_and_boss(team, boss)
        failed = start_manual(world.here, job)
        end_failed(world, failed)
        newer = start_manual(world.here, job)
        world.publish(newer)
        world.ledger.end(newer, "published", tell=False)
        since_ms = to_ms(world.ledger.run(failed).ended_at or datetime.now(UTC))
        world.redis.hset(keys.run(newer), "write_to_sheet:ended_at", since_ms + out_after * 1_000)
        world.redis.hset(keys.run(newer), "ended_at", since_ms + 120_000)
        look(world)
        assert any("recovered" in title for title in titles(team))
        assert any("recovered" in title for title in titles(boss)) == called


def test_a_run_in_the_place_of_a_miss_is_escalated_although_the_miss_was(world: World, team: Hook) -> None:
    with Hook(200) as boss:
        job = team_and_boss(team, boss)
        due = world.ledger.at.replace(microsecond=0)
        record_missed(world.here, job, due, "beat was away")
        tell_of_end(world.here, scheduled_id(job.job, due))
        world.ledger.at += timedelta(minutes=2)
        look(world)
        assert len(boss.bodies) == 1
        run_id = start_backfill(world.here, job, due)
        assert run_id is not None
        fail_and_escalate(world, run_id)
        assert len(boss.bodies) == 2


def test_a_run_that_was_in_one_digest_and_fails_again_is_in_the_next(
    world: World, team: Hook, ops: Hook
) -> None:
    _, run_id = [fail(world, f"report-{number}", team, "Google: over its quota") for number in range(2)]
    for digest in range(1, 3):
        world.ledger.at += timedelta(minutes=31)
        look(world)
        assert titles(ops)[1:] == ["Shelfbeat: 1 more run failed"] * digest
        world.ledger.reopen(run_id, "collect_urls", timedelta(hours=1))
        world.ledger.end(run_id, "failed", reason="Google: over its quota", step="collect_urls", tell=True)
        tell_of_end(world.here, run_id)
