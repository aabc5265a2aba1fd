"""HTTP/1.1 over kept connections: a request head out, an answer in (scraping/http/line.py).

aiohttp resolves names, connects, speaks TLS and parses (llhttp). Its ClientSession and its pool are left out: what they
build for each page takes more than half of a page's time on the wire (docs/performance.md), and serves what a visit
must not have, such as shared cookies and blind redirects.
"""

import asyncio
import functools
import socket
import ssl
import time
from collections.abc import Awaitable
from typing import Final, TypeVar, cast

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from scraping.http.addresses import ForbiddenAddress, Network, may_connect
from scraping.http.line import Line, Reply
from scraping.limits import Limits
from scraping.urls import Target

DNS_TTL_S: Final = 60
_KEEP_ALIVE_S: Final = 30
_TEMPLATES: Final = 4_096
_NO_BOUND: Final = aiohttp.ClientTimeout()
_Origin = tuple[str, str, int]
_T = TypeVar("_T")


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
            ttl_dns_cache=DNS_TTL_S,
            ssl=context,
            resolver=resolver,
            socket_factory=self._open_socket,
        )
        self._loop = self._connector._loop
        self._connector._factory = functools.partial(Line, self._loop)  # type: ignore[assignment]  # Line is one
        # What a connection is made for depends on the origin alone: one template serves all its requests.
        self._templates: dict[_Origin, aiohttp.ClientRequest] = {}
        self._slots = asyncio.Semaphore(connections)
        self._most_idle = connections
        self._idle: dict[_Origin, list[Line]] = {}
        self._idle_lines = 0
        self._sweeping: asyncio.TimerHandle | None = None

    async def close(self) -> None:
        """Close all connections."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        lines = [line for lines in self._idle.values() for line in lines]
        self._idle.clear()
        closing = [closed for line in lines if (closed := line.closed) is not None]
        for line in lines:
            line.abort()
        await asyncio.gather(*closing, return_exceptions=True)
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
        if self._slots.locked():
            await _in_time(self._slots.acquire(), limits, ends)
        else:
            await self._slots.acquire()
        try:
            line = self._kept(target.origin)
            if line is not None:
                try:
                    return await self._ask(line, target, head, limits, ends)
                except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                    pass  # the server let go of it while it lay idle: that is no failure of the page
            line = await _in_time(self._connect(target), limits, ends)
            return await self._ask(line, target, head, limits, ends)
        finally:
            self._slots.release()

    async def _ask(self, line: Line, target: Target, head: bytes, limits: Limits, ends: float) -> Reply:
        try:
            reply = await line.ask(head, limits, ends)
        except BaseException:
            line.abort()
            raise
        self._keep(target.origin, line)
        return reply

    async def _connect(self, target: Target) -> Line:
        return cast("Line", await self._connector._create_connection(self._template(target), [], _NO_BOUND))

    def _kept(self, origin: _Origin) -> Line | None:
        """Return a connection that lies idle, the last one used first."""
        while lines := self._idle.get(origin):
            line = self._taken(origin, lines, -1)
            if line.is_connected() and time.monotonic() - line.used <= _KEEP_ALIVE_S:
                return line
            line.abort()
        return None

    def _keep(self, origin: _Origin, line: Line) -> None:
        """Let a connection lie idle; where too many do, those of the origin that was not asked for longest give way."""
        if line.should_close:
            line.abort()
            return
        if self._idle_lines >= self._most_idle:
            self._taken(*next(iter(self._idle.items())), 0).abort()
        self._idle_lines += 1
        line.used = time.monotonic()
        lines = self._idle.pop(origin, [])
        lines.append(line)
        self._idle[origin] = lines
        if self._sweeping is None:
            self._sweeping = self._loop.call_later(_KEEP_ALIVE_S, self._sweep)

    def _taken(self, origin: _Origin, lines: list[Line], place: int) -> Line:
        line = lines.pop(place)
        self._idle_lines -= 1
        if not lines:
            del self._idle[origin]
        return line

    def _sweep(self) -> None:
        """Close what has lain idle for too long."""
        oldest = time.monotonic() - _KEEP_ALIVE_S
        for origin, lines in list(self._idle.items()):
            for line in lines:
                if line.used < oldest or not line.is_connected():
                    line.abort()
            left = [line for line in lines if line.is_connected()]
            if left:
                self._idle[origin] = left
            else:
                del self._idle[origin]
        self._idle_lines = sum(len(lines) for lines in self._idle.values())
        self._sweeping = self._loop.call_later(_KEEP_ALIVE_S, self._sweep) if self._idle else None

    def _template(self, target: Target) -> aiohttp.ClientRequest:
        template = self._templates.get(target.origin)
        if template is None:
            if len(self._templates) >= _TEMPLATES:
                self._templates.clear()
            template = aiohttp.ClientRequest("GET", URL(target.url).origin(), loop=self._loop)
            self._templates[target.origin] = template
        return template

    def _open_socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Make the socket for one address, or refuse: the last word on where a connection goes."""
        family, kind, protocol, _, address = info
        host = str(address[0])
        if not may_connect(host, self._allowed):
            raise ForbiddenAddress(host)
        return socket.socket(family=family, type=kind, proto=protocol)


async def _in_time(work: Awaitable[_T], limits: Limits, ends: float) -> _T:
    """Return what `work` does within the time to connect. Raises ConnectionTimeoutError; TimeoutError at `ends`."""
    left_s = ends - time.monotonic()
    in_time = 0 < limits.connect_s <= left_s
    try:
        async with asyncio.timeout(limits.connect_s if in_time else left_s):
            return await work
    except TimeoutError as error:
        if in_time:
            raise aiohttp.ConnectionTimeoutError from error
        raise
