"""The demo shop's server: 300 pages on a loopback port, with the manners of real shops.

    with demo_shop() as shop:                 # a thread of its own, for callers that are not async
        print(shop.url("/sitemap.xml"))
        shop.day = 2                          # prices move, things sell out, pages come and go

`python -m console.demo.shop --port 8099` serves it to a browser.
"""

import argparse
import asyncio
import contextlib
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from aiohttp import web

from console.demo import feeds
from console.demo.catalogue import MARKETS, Day, Item, catalogue
from console.demo.front import entrance, picture
from console.demo.layout import STYLE_SHEET, frame
from console.demo.styles import render
from console.demo.styles.faults import STATUS, render_fault

SLOW_S: Final = 2.0
"""Seconds that the one slow page takes."""

RETRY_AFTER_S: Final = 1
"""What a 429 of the shop asks for."""

_START_S: Final = 20.0
"""Seconds after which a shop that does not listen is given up."""


class DemoShop:
    """The shop on one port. `day` may be set at any time, from any thread."""

    def __init__(self, day: Day = 1) -> None:
        self.day: Day = day
        self.visits: Counter[str] = Counter()
        """Requests per path since the start, whatever was answered."""
        self._base = ""
        self._runner: web.AppRunner | None = None
        self._limited: set[tuple[Day, str]] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen on `host`; port 0 takes a free one. Raises OSError where the port is taken."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        address = self._runner.addresses[0]
        self._base = f"http://{address[0]}:{address[1]}"

    async def stop(self) -> None:
        """Close every connection and the port."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def url(self, path: str = "/") -> str:
        """Return the address of a path of the started shop."""
        return self._base + path

    def urls(self) -> list[str]:
        """Return the addresses of the day's 300 pages, in the order of the sitemap."""
        return [self.url(item.path) for item in catalogue(self.day)]

    async def _answer(self, request: web.Request) -> web.Response:
        self.visits[request.path] += 1
        day = self.day
        item = _pages(day).get(request.path.rstrip("/"))
        if item is None:
            response = _service_page(request.path, day, self._base)
        else:
            response = await self._page(item, day, request.path)
        if response.body is not None and not request.path.endswith(".gz"):
            response.enable_compression()
        return response

    async def _page(self, item: Item, day: Day, path: str) -> web.Response:
        """Answer as the item's page does. A 429 is over after the first request of a day."""
        if item.answer == "moved" and not path.endswith("/"):
            return web.Response(status=301, headers={"Location": f"{item.path}/"})
        if item.answer == "rate_limited" and (day, item.path) not in self._limited:
            self._limited.add((day, item.path))
            return web.Response(
                status=429, text="Too many requests", headers={"Retry-After": str(RETRY_AFTER_S)}
            )
        if item.answer == "slow":
            await asyncio.sleep(SLOW_S)
        if item.answer == "pdf":
            return web.Response(body=b"%PDF-1.4\n%%EOF\n", content_type="application/pdf")
        if item.answer in STATUS:
            return _html(render_fault(item), STATUS[item.answer])
        return _html(render(item, self._base))


@contextlib.contextmanager
def demo_shop(host: str = "127.0.0.1", port: int = 0, *, day: Day = 1) -> Iterator[DemoShop]:
    """Run a shop in a thread of its own while the block runs. Raises OSError where the port is taken."""
    shop = DemoShop(day)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_run_loop, args=(loop,), name="demo-shop", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(shop.start(host, port), loop).result(_START_S)
        try:
            yield shop
        finally:
            asyncio.run_coroutine_threadsafe(shop.stop(), loop).result(_START_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_START_S)


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()


@cache
def _pages(day: Day) -> dict[str, Item]:
    return {item.path: item for item in catalogue(day)}


def _service_page(path: str, day: Day, base: str) -> web.Response:
    """Answer what is no product's page: the machines' files, the entrance, pictures; 404 for the rest."""
    items = catalogue(day)
    match path:
        case "/":
            return _html(entrance(items))
        case "/robots.txt":
            return web.Response(text=feeds.robots(base))
        case "/sitemap.xml":
            return web.Response(text=feeds.sitemap(items, base), content_type="application/xml")
        case "/sitemap_index.xml":
            return web.Response(text=feeds.sitemap_index(base), content_type="application/xml")
        case "/feed.xml":
            return web.Response(text=feeds.feed_rss(items, base), content_type="application/rss+xml")
        case "/feed.csv":
            return web.Response(text=feeds.feed_csv(items, base), content_type="text/csv")
        case "/shop.css":
            return web.Response(text=STYLE_SHEET, content_type="text/css")
        case _ if path.startswith("/img/"):
            return web.Response(text=picture(path), content_type="image/svg+xml")
        case _ if (part := _sitemap_part(path)) is not None:
            body = feeds.sitemap_part(items, base, part)
            return web.Response(body=body, content_type="application/gzip")
        case _:
            text = "<h1>404</h1><p>Sorry, this page could not be found.</p>"
            return _html(frame(MARKETS["uk"], "404", text), status=404)


def _sitemap_part(path: str) -> int | None:
    parts = {f"/sitemap-{part}.xml.gz": part for part in range(1, feeds.SITEMAP_PARTS + 1)}
    return parts.get(path)


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the shop until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m console.demo.shop", description="Serve the demo shop.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8099)
    parser.add_argument("--day", type=int, choices=(1, 2), default=1)
    options = parser.parse_args(arguments)
    day: Day = 2 if options.day == 2 else 1
    with demo_shop(options.host, options.port, day=day) as shop, contextlib.suppress(KeyboardInterrupt):
        sys.stdout.write(f"The demo shop, day {shop.day}: {shop.url()}\nCtrl-C stops it.\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
