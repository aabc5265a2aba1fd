"""Wrong definitions: the operators hear of each change once, from however many beats, and once that all is well."""

from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis
from structlog.testing import capture_logs

from beat.complaints import Complaints
from tests.support.receivers import Hook
from tests.support.simulated import Beat, World, definition, make_world


class Watched:
    """A beat with its complaints."""

    def __init__(self, world: World) -> None:
        self.beat: Beat = world.beat()
        self.complaints = Complaints(world.here, self.beat.definitions)

    def look(self) -> None:
        for _ in range(3):  # a mistake is told once it has settled
            self.beat.tick()
            self.complaints.tick()


def titles(hook: Hook) -> list[str]:
    return [str(body["title"]) for body in hook.bodies]


def test_each_change_is_told_once_and_the_mending_too(
    redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(tmp_path, redis, monkeypatch)
    with Hook(200) as ops, capture_logs() as logs:
        world.here = replace(world.here, settings=replace(world.here.settings, operators=(ops.address(),)))
        first, second = Watched(world), Watched(world)
        for round_ in (1, 2):
            world.write("a", "job: a\n")
            for beat in (first, second, first):
                beat.look()
            assert len(ops.bodies) == 3 * round_ - 2
            world.write("b", "job: b\n")
            for beat in (first, second, first):
                beat.look()
            assert len(ops.bodies) == 3 * round_ - 1
            world.write("a", definition("a"))
            world.write("b", definition("b"))
            for beat in (first, second, first, second):
                beat.look()
            assert len(ops.bodies) == 3 * round_
        assert titles(ops)[:3] == [
            "Shelfbeat: 2 mistakes in the definitions",
            "Shelfbeat: 4 mistakes in the definitions",
            "Shelfbeat: the definitions are right again",
        ]
        events = [log["event"] for log in logs if log["event"] in {"definitions_wrong", "definitions_mended"}]
        assert events.count("definitions_mended") == 4  # each beat, each round
        assert events[-1] == "definitions_mended"


def test_two_beats_that_see_different_folders_do_not_quarrel(
    redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(tmp_path, redis, monkeypatch)
    other_folder = tmp_path / "other"
    other_folder.mkdir()
    with Hook(200) as ops:
        here = replace(world.here, settings=replace(world.here.settings, operators=(ops.address(),)))
        world.here = here
        wrong = Watched(world)
        world.here = replace(here, settings=replace(here.settings, jobs=other_folder))
        right = Watched(world)
        world.write("a", "job: a\n")
        for _ in range(5):
            wrong.look()
            right.look()
        assert titles(ops) == ["Shelfbeat: 2 mistakes in the definitions"]
