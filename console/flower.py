"""How Flower is started on this machine: on loopback, with a login, with the settings that the containers have."""

import contextlib
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from reports.errors import Unavailable
from tasks.settings import settings, whole_number

PORT: Final = 5555
PORTS: Final = range(65_536)
_SETTINGS: Final = Path(__file__).with_name("flowerconfig.py")


@dataclass(frozen=True)
class FlowerStart:
    """The arguments for `celery`, what the environment has besides, and the address with its login."""

    arguments: tuple[str, ...]
    env: dict[str, str]
    url: str


def flower_start(port: int | None = None, preferred: int = PORT) -> FlowerStart:
    """Return how to start Flower; without a port it is SHELFBEAT_FLOWER_PORT, else the preferred or a free one.

    0 stands for a free one, also where it is preferred: of two that begin together both might find another one free.

    Its pages show tasks and offer to end them: only this machine may look, with SHELFBEAT_FLOWER_PASSWORD or a
    password made up now. Raises WrongSetting, Unavailable.
    """
    values = settings()
    if port is None and values.flower_port:
        port = whole_number("SHELFBEAT_FLOWER_PORT", values.flower_port, PORTS, "a port or 0 for a free one")
    port = port or _free_port(preferred if port is None else 0)
    password = values.flower_password or secrets.token_urlsafe(9)
    options = (f"--conf={_SETTINGS}", "--address=127.0.0.1", f"--port={port}")
    return FlowerStart(
        ("-A", "worker.app", "flower", *options),
        {"FLOWER_BASIC_AUTH": f"shelfbeat:{password}"},
        f"http://shelfbeat:{password}@127.0.0.1:{port}",
    )


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise Unavailable("this machine", "has no free port")
