"""A worker that is started from Python."""

import os
import signal
import subprocess
import sys
import time

from runs.embedded import EmbeddedRedis

SCRIPT = "from worker.app import app; app.worker_main(['worker', '--pool=prefork', '-c1', '-lINFO'])"


def test_sigterm_softly_stops_a_worker_that_was_started_from_python(redis_server: EmbeddedRedis) -> None:
    plain = {name: value for name, value in os.environ.items() if name != "REMAP_SIGTERM"}
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        env=plain | {"SHELFBEAT_REDIS_URL": redis_server.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as worker:
        try:
            assert worker.stdout is not None
            said: list[str] = []
            ends = time.monotonic() + 60
            while not any(" ready" in line for line in said) and time.monotonic() < ends:
                said.append(worker.stdout.readline())
            worker.send_signal(signal.SIGTERM)
            rest, _ = worker.communicate(timeout=60)
        finally:
            worker.kill()
    assert "Cold shutdown" in rest  # Celery's name for what its soft shutdown begins
    assert "Warm shutdown" not in rest
