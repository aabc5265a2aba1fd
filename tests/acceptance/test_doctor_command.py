"""The doctor, from outside: a house that is dark, one that is lit, one that cannot be reached."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Services, shelfbeat
from tests.support.receivers import Hook

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`


def doctor(services: Services, code: int) -> dict[str, dict[str, Any]]:
    done = shelfbeat("doctor", "--json", env=services.env)
    assert done.returncode == code, done.stdout + done.stderr
    return {found["check"]: found for found in json.loads(done.stdout)}


def test_each_problem_comes_with_what_to_do_and_goes_when_it_is_done(
    services: Services, tmp_path: Path
) -> None:
    definition = tmp_path / "jobs.d" / "kettles.yaml"
    definition.write_text(
        'job: kettles\nurls: [{list: ["https://a.example/"]}]\npublish: {files: [csv]}\nnotify: 1\n'
    )
    found = doctor(services, 1)
    for check in ("beat", "workers", "definitions"):
        assert found[check]["health"] == "problem"
        assert found[check]["fix"], check
    assert found["Redis"]["health"] == found["persistence"]["health"] == found["eviction"]["health"] == "good"
    assert found["operators"]["health"] == "warning"

    with Hook(200) as hook:
        definition.write_text(definition.read_text().replace("notify: 1", 'notify: ["secret:TEAM"]'))
        assert "secret TEAM is not set" in doctor(services, 1)["secrets"]["found"]
        services.env |= {"TEAM": hook.address(), "SHELFBEAT_OPERATORS": hook.address()}
        services.worker()
        services.beat()
        ends = time.monotonic() + 60  # a worker and a beat start beside other tests
        while (found := doctor_now(services))["workers"]["health"] != "good" or found["beat"][
            "health"
        ] != "good":
            assert time.monotonic() < ends, found
        assert [check for check, one in found.items() if one["health"] == "problem"] == []
        assert found["channel of kettles"]["health"] == "good"
        assert any(check.startswith("clock of worker@") for check in found)
        assert hook.bodies == []  # nothing is sent

    services.redis.stop()
    assert doctor(services, 3)["Redis"]["fix"]


def doctor_now(services: Services) -> dict[str, dict[str, Any]]:
    done = shelfbeat("doctor", "--json", env=services.env)
    return {found["check"]: found for found in json.loads(done.stdout)}
