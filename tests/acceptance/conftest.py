"""The real command line and real processes: how acceptance tests start and end them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.demo.shop import DemoShop, demo_shop

BIN = Path(sys.executable).parent


@pytest.fixture
def shop() -> Iterator[DemoShop]:
    """The demo shop on a loopback port."""
    with demo_shop() as running:
        yield running


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment of the test's own: no Redis given, loopback shops allowed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SHELFBEAT_")}
    return {
        **kept,
        "SHELFBEAT_HOME": str(tmp_path / "home"),
        "SHELFBEAT_JOBS": str(tmp_path / "jobs.d"),
        "SHELFBEAT_ALLOW_PRIVATE_HOSTS": "127.0.0.1",
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }


def shelfbeat(
    *arguments: str, env: dict[str, str], stdin: str | None = None, timeout_s: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run the command and return what it did."""
    return subprocess.run(
        [str(BIN / "shelfbeat"), *arguments],
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def json_of(done: subprocess.CompletedProcess[str]) -> Any:
    """Return the JSON that a command printed; its errors explain a failure."""
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def json_lines(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a rows.jsonl."""
    return [json.loads(line) for line in path.read_text().splitlines()]
