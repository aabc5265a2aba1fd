"""HTTP/1.1 over kept connections: a request head out, an answer in (scraping/line.py).

aiohttp keeps the connections, resolves names, speaks TLS and parses (llhttp). Its ClientSession is left out:
building a ClientRequest and a ClientResponse for each page takes more than half of a page's time on the wire
(docs/performance.md), and serves what a visit must not have, such as shared cookies and blind redirects.
"""

import functools
import socket
import ssl
import time
from typing import Final, cast

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.connector import Connection
from yarl import URL

from scraping.addresses import ForbiddenAddress, Network, may_connect
from scraping.limits import Limits
from scraping.line import Line, Reply
from scraping.urls import Target

DNS_TTL_S: Final = 60
_KEEP_ALIVE_S: Final = 30
_TEMPLATES: Final = 4_096
_SHORTEST_S: Final = 0.001  # aiohttp takes 0 for no limit


class Wire:
    """The connections of a process. Made and closed inside its event loop."""

    def __init__(
        self,
        *,
        connections: int,
        allowed: tuple[Network, ...],
        ca_file: str | None,
        resolver: AbstractResolver | None,
    ) -> None:
        context = ssl.create_default_context()
        if ca_file is not None:
            context.load_verify_locations(ca_file)
        self._allowed = allowed
        self._connector = aiohttp.TCPConnector(
            limit=connections,
            ttl_dns_cache=DNS_TTL_S,
            keepalive_timeout=_KEEP_ALIVE_S,
            ssl=context,
            resolver=resolver,
            socket_factory=self._open_socket,
        )
        make = functools.partial(Line, self._connector._loop)
        self._connector._factory = make  # type: ignore[assignment]  # a Line is a ResponseHandler
        # What a connection is made for depends on the origin alone: one template serves all its requests.
        self._templates: dict[tuple[str, str, int], aiohttp.ClientRequest] = {}

    async def close(self) -> None:
        """Close all connections."""
        await self._connector.close()

    async def resolve(self, target: Target) -> list[str]:
        """Return the addresses of a target's host. Raises aiohttp's errors, OSError."""
        found = await self._connector._resolve_host(target.host, target.port)
        return [entry["host"] for entry in found]

    def forget_names(self) -> None:
        """Look every name up again."""
        self._connector.clear_dns_cache()

    async def exchange(self, target: Target, head: bytes, limits: Limits, ends: float) -> Reply:
        """Send a request head and return the answer; only a 200 keeps its body. `ends` is on the monotonic clock.

        Raises PageError `too_large`, aiohttp's errors, OSError, TimeoutError.
        """
        template = self._template(target)
        while True:
            connection = await self._connect(template, limits, ends)
            line = cast("Line", connection.protocol)
            try:
                reply = await line.ask(head, limits, ends)
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                connection.close()
                if not line.used:
                    raise
                # The server let go of it while it lay idle: that is no failure of the page.
            except BaseException:
                connection.close()
                raise
            else:
                line.used = True
                connection.release()
                return reply

    async def _connect(self, template: aiohttp.ClientRequest, limits: Limits, ends: float) -> Connection:
        left_s = max(_SHORTEST_S, ends - time.monotonic())
        in_time = 0 < limits.connect_s <= left_s
        timeout = _timeout(limits.connect_s if in_time else left_s)
        try:
            return await self._connector.connect(template, traces=[], timeout=timeout)
        except TimeoutError as error:
            if in_time:
                raise aiohttp.ConnectionTimeoutError from error
            raise

    def _template(self, target: Target) -> aiohttp.ClientRequest:
        template = self._templates.get(target.origin)
        if template is None:
            if len(self._templates) >= _TEMPLATES:
                self._templates.clear()
            template = aiohttp.ClientRequest("GET", URL(target.url).origin(), loop=self._connector._loop)
            self._templates[target.origin] = template
        return template

    def _open_socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Make the socket for one address, or refuse: the last word on where a connection goes."""
        family, kind, protocol, _, address = info
        host = str(address[0])
        if not may_connect(host, self._allowed):
            raise ForbiddenAddress(host)
        return socket.socket(family=family, type=kind, proto=protocol)


@functools.lru_cache(maxsize=64)
def _timeout(connect_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(connect=connect_s, ceil_threshold=connect_s + 1)
