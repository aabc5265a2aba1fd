"""A shop on loopback: any path is a product, its price and its answer time follow from the path."""

import asyncio
import threading
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Final

from aiohttp import web

HOSTS: Final = [f"127.0.0.{last}" for last in range(1, 9)]
"""Several, so that the pace of one host does not hold up all runs."""

_PAGE: Final = """<!doctype html><html lang="en"><head><title>Kettle {mark}</title>
<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "Product", "name": "Kettle {mark}",
"sku": "K-{mark}", "offers": {{"@type": "Offer", "price": "{price}", "priceCurrency": "EUR",
"availability": "https://schema.org/InStock"}}}}</script></head><body><h1>Kettle {mark}</h1></body></html>"""


class Shop:
    """Runs in a thread while the block runs."""

    def __init__(self, longest_answer_s: float = 0.3) -> None:
        self.longest_answer_s = longest_answer_s
        self.visits: Counter[str] = Counter()
        self.on_visit: Callable[[str, int], None] | None = None
        """Told of each visit's path and the visitor's port, before the answer."""
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None

    def __enter__(self) -> "Shop":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(20)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._runner is not None
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def urls(self, job: str, count: int) -> list[str]:
        """Return the addresses of a job's products, all on one host."""
        host = HOSTS[zlib.crc32(job.encode()) % len(HOSTS)]
        return [f"http://{host}:{self.port}/{job}/{number}" for number in range(count)]

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        for host in HOSTS:
            await web.TCPSite(self._runner, host, self.port).start()
            self.port = self._runner.addresses[0][1]

    async def _answer(self, request: web.Request) -> web.Response:
        self.visits[request.path] += 1
        if self.on_visit is not None and request.transport is not None:
            self.on_visit(request.path, int(request.transport.get_extra_info("peername")[1]))
        mark = zlib.crc32(request.path.encode())
        await asyncio.sleep(self.longest_answer_s * (mark % 100) / 100)
        page = _PAGE.format(mark=mark, price=f"{mark % 1000}.{mark % 100:02}")
        return web.Response(text=page, content_type="text/html")
