"""The Celery app: transport, queues and limits. Nothing connects and no setting is read before its first use.

Source of the figures: measurements of Celery 5.7 on Redis under kills, freezes and restarts (docs/reliability.md).
"""

import logging
from typing import Any, Final

import structlog
from celery import Celery
from celery.signals import setup_logging
from kombu import Queue
from kombu.transport import TRANSPORT_ALIASES

from tasks.redis_address import ANSWER_S, celery_address
from tasks.settings import Settings, settings

CONTROL: Final = "control"
FETCH: Final = "fetch"
VISIBILITY_TIMEOUT_S: Final = 600
"""Above every task's hard limit: a message in work for longer is taken for lost and delivered again."""
LONGEST_TASK_S: Final = 480
_GIVING_BACK_S: Final = 5
"""Of the time that a worker has to stop, what giving work back and ending its processes may take."""


def configuration(values: Settings) -> dict[str, Any]:
    """Return Celery's configuration."""
    return {
        **_connections(values.redis_url),
        **_tasks(),
        **_worker(values.stop_grace_s),
        "beat_scheduler": "beat.scheduler:LedgerScheduler",
        "beat_max_loop_interval": 1,
        "timezone": "UTC",
        "enable_utc": True,
    }


def _connections(redis_url: str) -> dict[str, Any]:
    address, found_by = celery_address(redis_url)
    return {
        "broker_url": address,
        "result_backend": address,
        "broker_transport_options": {**found_by, **_transport()},
        "result_backend_transport_options": {**found_by, "retry_policy": {"timeout": 10.0}},
        "result_backend_always_retry": True,  # a Redis restart in the middle of a chord is survived
        "redis_socket_keepalive": True,
        "redis_socket_connect_timeout": 5.0,
        "redis_socket_timeout": float(ANSWER_S),
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "task_publish_retry_policy": {
            "max_retries": 60,
            "interval_start": 0,
            "interval_step": 0.5,
            "interval_max": 2,
        },
    }


def _transport() -> dict[str, Any]:
    return {
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        # A killed worker's messages come back after the visibility timeout alone, not minutes later.
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
        # The first batches of every report go ahead of a large report's tail; control before fetch.
        "priority_steps": list(range(10)),
        "sep": ":",
        "queue_order_strategy": "priority",
        "socket_keepalive": True,
        "socket_connect_timeout": 5,
        # A network that lets nothing pass tells nobody: without these a worker finds out after minutes.
        "socket_timeout": ANSWER_S,
        "health_check_interval": 5,
    }


def _tasks() -> dict[str, Any]:
    return {
        "task_serializer": "json",
        "result_serializer": "json",
        "accept_content": ["json"],
        "task_queues": [Queue(CONTROL), Queue(FETCH)],
        "task_default_queue": CONTROL,
        "task_create_missing_queues": False,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,  # attempts are counted in the ledger before the work, so no loop
        "task_send_sent_event": True,
        "task_time_limit": LONGEST_TASK_S,
        "result_expires": 86_400,
        "result_chord_expires": 86_400,
    }


def _worker(stop_grace_s: int) -> dict[str, Any]:
    return {
        "worker_prefetch_multiplier": 1,
        "worker_consumer": "tasks.transport.consumer:KeepingConsumer",
        "worker_soft_shutdown_timeout": max(1, stop_grace_s - _GIVING_BACK_S),
        "worker_enable_soft_shutdown_on_idle": False,
        "worker_max_memory_per_child": 400_000,  # KiB
        "worker_max_tasks_per_child": 2_000,
        "worker_send_task_events": True,
        "worker_cancel_long_running_tasks_on_connection_loss": False,  # a second execution changes nothing
    }


# Every Redis address is served by our transports, under the names that it has (Flower reads them).
TRANSPORT_ALIASES.update(
    redis="tasks.transport.redis:GuardedTransport",
    rediss="tasks.transport.redis:GuardedTransport",
    sentinel="tasks.transport.redis:GuardedSentinelTransport",
)

app = Celery(
    "shelfbeat",
    include=[
        "tasks.steps.collect",
        "tasks.steps.scrape",
        "tasks.steps.batch",
        "tasks.steps.reduce",
        "tasks.steps.publish",
        "tasks.steps.message",
        "tasks.people.tell",
        "tasks.upkeep.maintain",
        "tasks.transport.wall_clock",
    ],
)
app.add_defaults(lambda: configuration(settings()))


@setup_logging.connect
def _set_up_logging(loglevel: int | None = None, logfile: str | None = None, **_: object) -> None:
    """Write every log line as an event with fields; Celery's own lines pass through the same format."""
    logging.basicConfig(
        level=loglevel or logging.INFO,
        filename=logfile,
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
        force=True,
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event", "run", "step"], drop_missing=True),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
