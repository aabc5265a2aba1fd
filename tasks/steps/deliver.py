"""One message to many addresses: intent, send, confirm, each recorded, each channel on its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import structlog

from exporters.messages.delivery import Delivery, channel_name, deliver
from jobs.secrets import MissingSecret, resolve
from reports.errors import Unavailable
from reports.message import Message
from runs.deliveries import Deliveries
from runs.ledger import LEASE
from runs.log import note
from tasks.context import Context
from tasks.steps.unit import REDIS_PATIENCE_S, alive, patiently

log = structlog.get_logger()

MOST_ATTEMPTS: Final = 40
"""Of one channel that says "try later", with pauses up to five minutes: about two and a half hours."""

_STATES: Final[dict[str, Literal["sent", "refused", "retry", "lost"]]] = {
    "delivered": "sent",
    "refused": "refused",
    "failed": "retry",
    "unknown": "lost",
}


def deliver_all(  # noqa: PLR0913 - what is sent to whom, and how patiently
    here: Context,
    run_id: str,
    kind: str,
    message: Message,
    addresses: Sequence[str],
    *,
    most_attempts: int = MOST_ATTEMPTS,
    still_wanted: Callable[[], None] = lambda: None,
) -> bool:
    """Send a message to every address that did not take it yet; returns whether some channel is to be tried again.

    `kind` tells messages of one run apart: `result`, `failure`. Addresses may be secret references; they are
    resolved here, at the moment of use. A channel is given up after `most_attempts`. `still_wanted` is called before
    each is sent to, and raises where the run has ended meanwhile.
    """
    sending = _Sending(here, run_id, kind, message, most_attempts, still_wanted)
    # All of them, also after one that is to be tried again.
    settled = [sending.settle(place, reference) for place, reference in enumerate(addresses)]
    return not all(settled)


@dataclass(frozen=True)
class _Sending:
    """One message of one run, on its way."""

    here: Context
    run_id: str
    kind: str
    message: Message
    most_attempts: int
    still_wanted: Callable[[], None]

    def settle(self, place: int, reference: str) -> bool:
        """Send to one address if that is still to be done; returns whether nothing is left to do for it."""
        deliveries = Deliveries(self.here.redis, self.run_id)
        field = f"{self.kind}:{place}"
        try:
            address = resolve(reference, self.here.secrets)
        except MissingSecret as error:
            return self._without(deliveries, field, reference, "refused", error)
        except Unavailable as error:  # of this channel's secret store: the others are not to wait for it
            return self._without(deliveries, field, reference, "retry", error)
        channel = channel_name(address, reference)
        self.still_wanted()
        verdict, attempt = deliveries.intend(field, channel, lease=LEASE, most_attempts=self.most_attempts)
        if verdict not in {"go", "again"}:
            return verdict != "busy"
        with alive(lambda: deliveries.renew(field, attempt, LEASE), field, self.run_id):
            delivery = deliver(address, self.message, f"{self.run_id}.{self.kind}.{place}", reference)
            state = _STATES[delivery.outcome]
            patiently(
                lambda: deliveries.confirm(field, attempt, state, delivery.answer), REDIS_PATIENCE_S
            )  # what is not confirmed is sent again
        note(self.here.redis, self.run_id, f"message_{delivery.outcome}", detail=_words(delivery))
        return state not in {"retry", "lost"}

    def _without(
        self,
        deliveries: Deliveries,
        field: str,
        reference: str,
        state: Literal["refused", "retry"],
        error: Exception,
    ) -> bool:
        """Record that the address cannot be had; returns whether nothing is left to do for it."""
        verdict, attempt = deliveries.intend(field, reference, lease=LEASE, most_attempts=self.most_attempts)
        if verdict not in {"go", "again"}:
            return verdict != "busy"
        deliveries.confirm(field, attempt, state, str(error))
        note(
            self.here.redis,
            self.run_id,
            "message_refused" if state == "refused" else "message_failed",
            detail=str(error),
        )
        return state == "refused"


def _words(delivery: Delivery) -> str:
    return f"{delivery.channel}: {delivery.answer}" if delivery.answer else delivery.channel
