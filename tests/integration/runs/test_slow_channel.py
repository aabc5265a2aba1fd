"""A channel that takes its time to answer, while people are told of one run, holds up no other run."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from beat.background import Background
from jobs.catalogue import load_definition
from tasks.people import untold
from tasks.people.untold import Untold
from tasks.start import start_manual
from tasks.upkeep import watch
from tasks.upkeep.watch import Watch
from tests.support.receivers import Hook
from tests.support.simulated import World, definition


class SlowHook(Hook):
    """A webhook that answers once it is let."""

    held = True

    def _take(self, body: dict[str, object]) -> int | str:
        answer = super()._take(body)
        while self.held:
            time.sleep(0.02)
        return answer


def wait_for(what: Callable[[], object]) -> bool:
    ends = time.monotonic() + 5
    while time.monotonic() < ends and not what():
        time.sleep(0.02)
    return bool(what())


def test_a_run_ends_at_its_deadline_while_a_channel_is_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (watch, untold):
        monkeypatch.setattr(module, "LOOK_EVERY_S", 0.0)
    job = load_definition(definition("daily", deadline="1h"), known_fields=frozenset())
    told, late = start_manual(world.here, job), start_manual(world.here, job)
    world.ledger.end(told, "failed", reason="no URLs", tell=True)
    slow = SlowHook(200)
    with slow:
        here = replace(world.here, settings=replace(world.here.settings, operators=(slow.address(),)))
        world.ledger.at += timedelta(minutes=1)
        beside = [Background("watch", Watch(here).tick), Background("untold", Untold(here).tick)]
        try:
            assert wait_for(lambda: slow.bodies), "people are being told of the first"
            world.ledger.at += timedelta(hours=1)
            assert wait_for(lambda: world.ledger.run(late).ended)
        finally:
            slow.held = False
            for part in beside:
                part.close()
            assert wait_for(lambda: told not in world.ledger.untold())
