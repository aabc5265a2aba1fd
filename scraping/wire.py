"""One HTTP/1.1 exchange over a kept connection: a request head out, an answer in, never above its caps.

aiohttp keeps the connections, resolves names, speaks TLS and parses (llhttp). Its ClientSession is left out:
building a ClientRequest and a ClientResponse for each page takes more than half of a page's time on the wire
(docs/performance.md), and serves what a visit must not have, such as shared cookies and blind redirects.
"""

import socket
import ssl
from functools import lru_cache
from typing import Final
from weakref import WeakSet

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http_parser import RawResponseMessage
from aiohttp.streams import StreamReader
from multidict import CIMultiDictProxy
from yarl import URL

from reports.errors import PageError
from scraping.addresses import ForbiddenAddress, Network, may_connect
from scraping.limits import HEADER_BYTES, Limits
from scraping.urls import Target

DNS_TTL_S: Final = 60
_KEEP_ALIVE_S: Final = 30
_READ_BUFFER: Final = 1 << 18  # a page of usual size never pauses its connection
_MAX_FIELD: Final = 16_384
_TEMPLATES: Final = 4_096
_DULL_BYTES: Final = 65_536
"""A body nobody reads is drained up to here, to keep its connection; a longer one costs the connection."""


class Reply(msgspec.Struct, frozen=True):
    """An answer as sent, the body still in its Content-Encoding."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    delimited: bool
    """Whether a length or chunks say where the body ends, not the end of the connection alone."""


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
        self._kept: WeakSet[ResponseHandler] = WeakSet()
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

    async def exchange(self, target: Target, head: bytes, limits: Limits) -> Reply:
        """Send a request head and return the answer; only a 200 keeps its body.

        Raises PageError `too_large`, aiohttp's errors, OSError, TimeoutError.
        """
        connection, message, payload = await self._ask(target, head, limits)
        try:
            size = sum(len(name) + len(value) for name, value in message.raw_headers)
            if size > HEADER_BYTES:
                raise PageError("too_large", f"the headers are larger than {HEADER_BYTES} bytes")
            headers = message.headers
            length = int(headers.get("Content-Length", "-1"))
            body = b""
            if message.code == 200:
                body = await _read(payload, length, limits)
            elif not await _drained(payload, length):
                connection.close()
            connection.release()
        except BaseException:
            connection.close()
            raise
        return Reply(message.code, headers, body, length >= 0 or message.chunked)

    async def _ask(
        self, target: Target, head: bytes, limits: Limits
    ) -> tuple[Connection, RawResponseMessage, StreamReader]:
        template, timeout = self._template(target), _timeout(limits.connect_s)
        while True:
            try:
                connection = await self._connector.connect(template, traces=[], timeout=timeout)
            except TimeoutError as error:
                raise aiohttp.ConnectionTimeoutError from error
            protocol, transport = connection.protocol, connection.transport
            assert protocol is not None  # noqa: S101 - for the type checker: a new connection has both
            kept = protocol in self._kept
            try:
                protocol.set_response_params(
                    read_until_eof=True,
                    auto_decompress=False,
                    read_timeout=limits.read_s,
                    read_bufsize=_READ_BUFFER,
                    max_field_size=_MAX_FIELD,
                )
                if transport is None or transport.is_closing():
                    raise aiohttp.ClientConnectionResetError("the kept connection was closed")
                transport.write(head)
                protocol.start_timeout()
                while True:
                    message, payload = await protocol.read()
                    if message.code >= 200 or message.code == 101:
                        break
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
                connection.close()
                if kept:  # the server let go of it while it lay idle: that is no failure of the page
                    continue
                raise
            except BaseException:
                connection.close()
                raise
            if not kept:
                self._kept.add(protocol)
            return connection, message, payload

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


@lru_cache(maxsize=64)
def _timeout(connect_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(connect=connect_s, ceil_threshold=connect_s + 1)


async def _read(payload: StreamReader, length: int, limits: Limits) -> bytes:
    """Return the body; raise PageError `too_large` as soon as it is known to exceed its cap."""
    parts: list[bytes] = []
    cap, cut = limits.wire_bytes, limits.cut
    if length > cap and cut is None:
        raise PageError("too_large", f"the body is larger than {cap} bytes")
    size = 0
    while part := await payload.readany():
        size += len(part)
        if cut is not None and size >= cut:
            return b"".join(parts) + part
        if size > cap:
            raise PageError("too_large", f"the body is larger than {cap} bytes")
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _drained(payload: StreamReader, length: int) -> bool:
    """Read a body that nobody wants, where that is cheap; return whether its end was reached."""
    if length > _DULL_BYTES:
        return False
    size = 0
    while part := await payload.readany():
        size += len(part)
        if size > _DULL_BYTES:
            return False
    return True
