"""`shelfbeat flower`, for real: nobody looks without the login that it prints."""

import os
import re
import socket
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from runs.embedded import EmbeddedRedis


def status(port: int, page: str, login: str = "") -> int:
    """Return the status of a page, 0 while nobody listens."""
    asked = Request(f"http://127.0.0.1:{port}/{page}")
    if login:
        asked.add_header("Authorization", f"Basic {b64encode(login.encode()).decode()}")
    try:
        with urlopen(asked, timeout=10) as answer:  # noqa: S310
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code
    except URLError:
        return 0


@pytest.mark.parametrize("password", [None, "s3cret"])
def test_flower_asks_for_the_login_that_was_printed(
    redis_server: EmbeddedRedis, tmp_path: Path, password: str | None
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    env = {**os.environ, "SHELFBEAT_REDIS_URL": redis_server.url, "SHELFBEAT_HOME": str(tmp_path)}
    env |= {"SHELFBEAT_FLOWER_PASSWORD": password} if password else {}
    command = [str(Path(sys.executable).with_name("shelfbeat")), "flower", "--port", str(port)]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, env=env, stdout=log, stderr=log) as flower,
    ):
        try:
            ends = time.monotonic() + 60
            while not (seen := status(port, "healthcheck")):
                assert time.monotonic() < ends, (tmp_path / "log").read_text()
                assert flower.poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.2)
            assert seen == 200
            (login,) = re.findall(r"^Flower +http://(\S+)@127", (tmp_path / "log").read_text(), re.MULTILINE)
            assert login == f"shelfbeat:{password}" if password else len(login) > 15
            assert [status(port, page) for page in ("workers", "api/workers")] == [401, 401]
            assert status(port, "workers", login) == 200
        finally:
            flower.terminate()
