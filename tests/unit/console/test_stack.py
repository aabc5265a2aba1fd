"""A service that cannot start is told, not started for ever."""

import sys
import time
from pathlib import Path

import pytest

from console.services import jobs_folder
from console.stack import Service
from reports.errors import Unavailable
from runs.child_process import stop_child


def keep_up_for(service: Service, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        service.keep_up()
        time.sleep(0.02)


def test_a_service_that_ends_as_it_starts_is_told_with_what_it_said(tmp_path: Path) -> None:
    service = Service(
        "worker", [sys.executable, "-c", "raise SystemExit('no such module')"], tmp_path / "log"
    )
    service.start()
    with pytest.raises(Unavailable, match="no such module"):
        keep_up_for(service, 20)
    assert service.restarts == 2


def test_a_service_that_ended_is_started_again(tmp_path: Path) -> None:
    once = tmp_path / "once"
    words = f"import pathlib, time; p = pathlib.Path({str(once)!r}); time.sleep(30 if p.exists() else 0); p.touch()"
    service = Service("worker", [sys.executable, "-c", words], tmp_path / "log")
    service.start()
    keep_up_for(service, 2.5)
    assert service.restarts == 1
    assert service.process is not None
    assert service.process.poll() is None
    stop_child(service.process)


def test_a_folder_of_definitions_that_is_not_there_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "jobs.d"
    assert jobs_folder(folder) == f"{folder}, which is not there: make it, for definitions"
    folder.mkdir()
    assert jobs_folder(folder) == str(folder)
