"""How fast the fleet may ask one host."""

import redis.asyncio as redis


class Pace:
    """Rates, concurrency and back-off per host."""

    def __init__(self, client: "redis.Redis | None") -> None:
        self._client = client
