"""What was sent to whom: intent before the send, the channel's answer after it.

A message has one field a channel (`result:0`). Its state goes intent -> sent, refused or retry. An intent that
nobody confirmed within its lease, or whose answer was lost, may have gone out: it is sent once more with the same
Message-ID and marked `repeated`; then its state is unknown, and there is no third time. A channel that says "try
later" is asked again after a pause that doubles.
"""

import contextlib
from datetime import timedelta
from typing import Final, Literal, cast

import msgspec
from redis import Redis
from redis.exceptions import ResponseError

from runs import keys
from runs.record import DeliveryRecord
from runs.scripts import Scripts, millis, new_call, text, whole_seconds

FIRST_PAUSE: Final = timedelta(seconds=2)
LONGEST_PAUSE: Final = timedelta(minutes=5)
_SYNC_MS: Final = 2_000

Permission = Literal["go", "again", "sent", "busy", "spent"]


class Deliveries:
    """The deliveries of one run."""

    def __init__(self, redis: Redis, run_id: str) -> None:
        self._redis = redis
        self._key = keys.deliveries(run_id)
        self._call = Scripts(redis)

    def intend(
        self,
        field: str,
        channel: str,
        *,
        lease: timedelta,
        most_attempts: int,
        pause: timedelta = FIRST_PAUSE,
    ) -> tuple[Permission, int]:
        """Record the intent to send, before sending; only `go` and `again` allow it.

        Returns the permission and the number of the attempt, from 1.
        """
        verdict, attempt = self._call(
            "intent",
            [self._key],
            field,
            channel,
            millis(lease),
            most_attempts,
            whole_seconds(keys.RUN_TTL),
            new_call(),
            millis(pause),
            millis(LONGEST_PAUSE),
        )
        permission = cast("Permission", text(verdict))
        if permission in {"go", "again"}:
            self._sync()
        return permission, int(attempt)

    def renew(self, field: str, attempt: int, lease: timedelta) -> bool:
        """Keep the intent alive while its message is being sent; False when another attempt has it."""
        return bool(self._call("sending", [self._key], field, attempt, millis(lease)))

    def confirm(
        self, field: str, attempt: int, state: Literal["sent", "refused", "retry", "lost"], answer: str
    ) -> None:
        """Record what the channel answered to an attempt."""
        self._call("confirm", [self._key], field, attempt, state, answer)

    def _sync(self) -> None:
        """Have the intent on Redis' disk before the message leaves: a killed server must not forget it.

        With `appendfsync everysec` it may otherwise, and the message would go out twice unmarked. Servers older
        than 7.2 and servers without AOF cannot say; there the intent is as safe as they keep it.
        """
        with contextlib.suppress(ResponseError):
            self._redis.waitaof(1, 0, _SYNC_MS)

    def records(self) -> dict[str, DeliveryRecord]:
        """Return all deliveries by field."""
        raw = cast("dict[bytes, bytes]", self._redis.hgetall(self._key))
        return {
            text(key): msgspec.json.decode(value, type=DeliveryRecord) for key, value in sorted(raw.items())
        }
