"""Celery's consumer, made to come back within seconds, to lose no message that it does not understand, and to tell
no password.

As it comes, Celery drops a message of an unknown task (another version of the code sent it) with a line in the
log, and after an outage of minutes it asks for Redis every 30 s only. To whoever asks for its figures (Flower's tab
Broker, `celery inspect stats`) it shows its connection without the password, but with the Sentinels' and with the
other Sentinels' addresses, password and all.
"""

import functools
import json
from collections.abc import Callable
from typing import Any, Final

import structlog
from celery.worker.consumer import Consumer

from runs.aside import Aside
from tasks.context import context

log = structlog.get_logger()

_LONGEST_PAUSE_S: Final = 2.0


class KeepingConsumer(Consumer):
    """Keeps aside what it cannot carry out; the sweeper sends the steps and batches of runs again."""

    def connect(self) -> Any:
        """Return the connection that tasks come by; what it says of itself holds no password."""
        conn = super().connect()
        conn.info = functools.partial(without_logins, conn.info)  # type: ignore[method-assign]
        return conn

    def ensure_connected(self, conn: Any) -> Any:
        """Connect, with short pauses for as long as Redis is away."""
        conn.ensure_connection = functools.partial(
            conn.ensure_connection, interval_start=0.5, interval_step=0.5, interval_max=_LONGEST_PAUSE_S
        )
        return super().ensure_connected(conn)

    def on_unknown_message(self, body: Any, message: Any) -> None:
        """Keep what is not a task's message."""
        _keep(message, "no message of a task")
        super().on_unknown_message(body, message)

    def on_unknown_task(self, body: Any, message: Any, exc: Any) -> None:
        """Keep the message of a task that this version of the code does not have."""
        _keep(message, f"unknown task {exc}")
        super().on_unknown_task(body, message, exc)

    def on_invalid_task(self, body: Any, message: Any, exc: Any) -> None:
        """Keep a message that breaks the protocol."""
        _keep(message, f"invalid: {exc}")
        super().on_invalid_task(body, message, exc)

    def on_decode_error(self, message: Any, exc: Any) -> None:
        """Keep a message whose body cannot be decoded."""
        _keep(message, f"undecodable: {exc}")
        super().on_decode_error(message, exc)


def without_logins(info: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a connection says of itself, without what its Sentinels are asked by; Celery drops `password`."""
    told = info()
    options = told["transport_options"]
    shown = {name: value for name, value in options.items() if name != "sentinel_kwargs"}
    return {**told, "transport_options": shown, "alternates": []}


def _keep(message: Any, why: str) -> None:
    body = message.body
    text = body.decode(errors="replace") if isinstance(body, bytes) else str(body)
    whole = {"headers": message.headers, "properties": message.properties, "body": text}
    queue = str((message.delivery_info or {}).get("routing_key", ""))
    log.error("message_kept_aside", queue=queue, why=why)
    Aside(context().redis).keep(queue, why, json.dumps(whole, default=str).encode())
