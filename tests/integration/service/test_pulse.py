"""Beat's own sign of life: it goes on whatever the monitors of jobs do."""

import socket
import time
from dataclasses import replace

import pytest

from beat import pulse
from beat.background import Background
from beat.pulse import Pulse
from jobs.catalogue import load_definition
from tasks.people.monitors import Monitors
from tasks.start import start_manual
from tests.support.monitor import Monitor
from tests.support.simulated import World, definition


def test_monitors_of_jobs_that_answer_nothing_do_not_hold_up_beats_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulse, "PING_EVERY_S", 0.0)
    with Monitor() as own, socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("CHECK", f"http://127.0.0.1:{mute.getsockname()[1]}/check")
        here = replace(world.here, settings=replace(world.here.settings, monitor=own.address("beat")))
        job = load_definition(definition("a", monitor="secret:CHECK"), known_fields=frozenset())
        start_manual(here, job)
        monitors = Monitors(here)
        beside = [
            Background("pulse", Pulse(here).tick),
            Background("monitors", lambda: monitors.look({"a": job})),
        ]
        ends = time.monotonic() + 5
        while len(own.pings) < 3 and time.monotonic() < ends:
            time.sleep(0.05)
        for part in beside:
            part.close()
        assert own.signals("beat")[:3] == ["success"] * 3
