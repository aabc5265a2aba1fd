"""What fetching costs, by run: bytes over the wire and the time of a worker process, repeats included."""

import contextlib
import time
from collections.abc import Iterator

from runs import keys
from tasks.context import Context
from tasks.steps.child import child


@contextlib.contextmanager
def metered(here: Context, run_id: str) -> Iterator[None]:
    """Add what the work inside costs to the run's record."""
    fetcher = child().fetcher
    began, before = time.monotonic(), fetcher.received_bytes
    try:
        yield
    finally:
        pipe = here.redis.pipeline(transaction=False)
        pipe.hincrby(keys.run(run_id), "worker_ms", round((time.monotonic() - began) * 1_000))
        pipe.hincrby(keys.run(run_id), "bytes", fetcher.received_bytes - before)
        pipe.execute()
