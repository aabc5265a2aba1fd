"""Who was frozen and wakes ends nothing that has gone on without it: neither a worker nor beat."""

import importlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from exporters.errors import PublishRefused
from jobs.catalogue import load_definition
from runs import keys
from runs.ledger import Attempt, Unit
from tasks.start import start_manual
from tasks.steps.message import conclude
from tasks.upkeep.watch import Watch
from tests.integration.conftest import Run
from tests.support.batches import collected_run
from tests.support.simulated import TimedLedger, World, definition

# Celery warns of the task attribute `queue`, which each of our tasks names.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
HOUR = timedelta(hours=1)


class FrozenLedger(TimedLedger):
    """The ledger of a beat that is frozen once, after it has read a run."""

    meanwhile: Callable[[], object] | None = None

    def now(self) -> datetime:
        """Return the test's time, later than it seems."""
        self._thaw()
        return self.at

    def result(self, run_id: str, step: Any) -> bytes | None:
        """Return what a step found, later than it seems."""
        self._thaw()
        return super().result(run_id, step)

    def _thaw(self) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()


@pytest.fixture
def frozen(world: World) -> FrozenLedger:
    ledger = FrozenLedger(world.redis)
    ledger.at = world.ledger.at
    object.__setattr__(world.here, "ledger", ledger)
    return ledger


def started(world: World) -> str:
    job = load_definition(definition("daily", deadline="1h"), known_fields=frozenset())
    return start_manual(world.here, job)


def done_again(world: World, run_id: str, step: Any) -> Callable[[], object]:
    """What another beat and a person do: the run is ended, and done again from a step."""

    def meanwhile() -> None:
        assert world.ledger.end(run_id, "failed", tell=False)
        assert world.ledger.reopen(run_id, step, 3 * HOUR) == "ok"

    return meanwhile


def test_a_beat_that_wakes_ends_no_run_at_the_deadline_of_an_earlier_life(
    world: World, frozen: FrozenLedger
) -> None:
    run_id = started(world)
    frozen.at += 2 * HOUR
    watch = Watch(world.here)
    frozen.meanwhile = done_again(world, run_id, "collect_urls")
    watch.tick()
    assert not world.ledger.run(run_id).ended


def test_who_wakes_while_it_ends_a_run_leaves_its_next_life_alone(world: World, frozen: FrozenLedger) -> None:
    run_id = started(world)
    world.publish(run_id, through="write_message")
    frozen.meanwhile = done_again(world, run_id, "write_message")
    conclude(world.here, run_id, 0)
    assert not world.ledger.run(run_id).ended


@pytest.mark.parametrize("again", [True, False])
def test_a_worker_that_wakes_and_fails_ends_nothing_that_another_has_taken_over(
    run: Run, redis: Redis, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    collect: Any = importlib.import_module("tasks.steps.collect")
    ledger = collected_run(redis, "plain-1", urls=1)
    ledger.end("plain-1", "cancelled", tell=False)
    ledger.reopen("plain-1", "collect_urls", HOUR)

    def wakes(*_: Any, **__: Any) -> Any:
        if again:
            ledger.end("plain-1", "failed", reason="the deadline passed", tell=False)
            ledger.reopen("plain-1", "collect_urls", HOUR)
        else:
            redis.hdel(keys.units("plain-1"), "lease:collect_urls")  # as after a freeze that outlasted it
            assert isinstance(ledger.begin("plain-1", Unit("collect_urls"), "another"), Attempt)
        raise PublishRefused("the sheet of URLs is not shared with us")

    monkeypatch.setattr(collect, "collect", wakes)
    collect.collect_urls.apply(args=("plain-1",))
    found = ledger.run("plain-1")
    assert (found.ended, found.reason, ledger.untold()) == (False, "", [])
