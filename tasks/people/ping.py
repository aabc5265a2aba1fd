"""The dead-man's ping: one request to an outside monitor, in the convention of healthchecks.io.

POST to the check's address means success, to `…/start` and `…/fail` the obvious; the body is kept with the ping.
Source: https://healthchecks.io/docs/http_api/
"""

from typing import Final, Literal
from urllib.parse import urlsplit, urlunsplit

import requests
import structlog

log = structlog.get_logger()

Signal = Literal["start", "success", "fail"]
_TIMEOUTS_S: Final = (5.0, 10.0)
_MOST_BYTES: Final = 10_000


def ping(address: str, signal: Signal, body: str = "") -> bool:
    """Tell a monitor; returns whether it took it. Never raises for what the other side does."""
    target = ping_address(address, signal)
    data = body.encode()[:_MOST_BYTES]
    for _ in range(2):
        try:
            answer = requests.post(target, data=data, timeout=_TIMEOUTS_S, allow_redirects=False)
        except (requests.RequestException, ValueError) as error:
            said = type(error).__name__
        else:
            if answer.ok:
                return True
            said = f"HTTP {answer.status_code}"
    # The address is as good as a password: whoever has it can say that all is well.
    log.warning("monitor_not_reached", host=urlsplit(address).hostname, signal=signal, answer=said)
    return False


def ping_address(address: str, signal: Signal) -> str:
    """Return where a signal goes: the check's address, or its /start or /fail."""
    if signal == "success":
        return address
    parts = urlsplit(address)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{signal}"))
