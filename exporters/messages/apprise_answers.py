"""What Apprise says only to its log: why a notification was not taken, and whether it may be tried again."""

import logging
import re
import threading
from typing import Final, Literal, Self

_LOGGER: Final = logging.getLogger("apprise")
_GUARD: Final = threading.RLock()
_STATUS: Final = re.compile(r"error\s*[=:]\s*(\d{3})\b")
_EXCEPTION: Final = re.compile(r"Socket Exception: (.*)", re.DOTALL)
_NEVER_SENT: Final = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeoutError",
    "Failed to establish",
    "Max retries exceeded",
    "CERTIFICATE_VERIFY_FAILED",
)
"""Words of urllib3 for requests that never reached the other side."""


class Heard(logging.Handler):
    """Catches what Apprise logs meanwhile, and keeps it from every other handler.

    At its debug level Apprise logs whole addresses, tokens included: none of it may reach a log of ours.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[tuple[int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self.lines.append((record.levelno, record.getMessage()))

    def __enter__(self) -> Self:
        _GUARD.acquire()
        self._before = (_LOGGER.level, _LOGGER.propagate, _LOGGER.handlers[:])
        _LOGGER.setLevel(logging.DEBUG)
        _LOGGER.propagate = False
        _LOGGER.handlers[:] = [self]
        return self

    def __exit__(self, *_: object) -> None:
        level, _LOGGER.propagate, _LOGGER.handlers[:] = self._before
        _LOGGER.setLevel(level)
        _GUARD.release()


def verdict(
    taken: bool, lines: list[tuple[int, str]]
) -> tuple[Literal["delivered", "refused", "failed", "unknown"], str]:
    """Return the outcome and a sentence from what Apprise returned and logged. The sentence names no address."""
    if taken:
        return "delivered", "accepted"
    said = " ".join(text for level, text in lines if level >= logging.WARNING)
    if status := _STATUS.search(said):
        code = int(status[1])
        answer = f"HTTP {code}"
        if code in {408, 425, 429} or code in {502, 503}:
            return "failed", answer
        # A 500 or a gateway's time-out may come after the message was taken.
        return ("refused" if code < 500 else "unknown"), answer
    exceptions = [match[1] for _, text in lines if (match := _EXCEPTION.search(text))]
    if exceptions:
        last = exceptions[-1]
        if any(word in last for word in _NEVER_SENT):
            # urllib3 words a read time-out without retries as "Read timed out", never so.
            return "failed", "no connection"
        return "unknown", "the connection broke before the answer came"
    return "refused", "not accepted by the service's rules"
