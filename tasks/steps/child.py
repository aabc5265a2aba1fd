"""What one worker child keeps from batch to batch: an event loop, and a fetcher with its open connections."""

import asyncio
import functools
import gc
import os
from collections.abc import Coroutine
from importlib.metadata import version
from typing import Any, Final, TypeVar

import uvloop

from scraping.fetcher import Fetcher, FetcherSettings
from scraping.http.addresses import parse_allowed
from scraping.pacing.pace import Pace
from tasks.redis_address import connect_async
from tasks.settings import Settings, settings

T = TypeVar("T")

_VERSION: Final = version("shelfbeat")


class Child:
    """The loop and the fetcher of one process. Use from its main thread only."""

    def __init__(self, values: Settings) -> None:
        self._loop = uvloop.new_event_loop()
        self._values = values
        self.fetcher = self.run(self._build())
        # What a child has now it keeps, and a page leaves no cycles: looking for them costs 21 us a page.
        gc.freeze()
        gc.set_threshold(20_000)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end on this child's loop."""
        asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(work)

    async def _build(self) -> Fetcher:
        fetcher_settings = FetcherSettings(
            user_agent=user_agent(self._values),
            allow_private=parse_allowed(self._values.allow_private_hosts),
        )
        return Fetcher(fetcher_settings, Pace(connect_async(self._values.redis_url)))


def user_agent(values: Settings) -> str:
    """Return how we name ourselves to shops: the service and a contact."""
    contact = f"; +{values.contact}" if values.contact else ""
    return f"Shelfbeat/{_VERSION} (product reports{contact})"


def child() -> Child:
    """Return this process' child state; a fork builds its own."""
    return _child(os.getpid())


@functools.lru_cache(maxsize=1)
def _child(_pid: int) -> Child:
    return Child(settings())
