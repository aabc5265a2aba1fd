"""One visit: a URL in, a page or the reason for none out.

    check the URL -> connect where it is allowed -> read, capped -> decode
                     redirected? the same again for the new URL

One fetcher lives as long as its worker child: connections are kept across batches, because a new TLS
connection costs five times a kept one. Nothing else is shared between visits: no cookie, no header.
"""

import asyncio
import random
import socket
import ssl
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver

from reports.errors import PageError
from reports.failure import http_failure
from scraping.addresses import ForbiddenAddress, Network, is_named, may_connect, parse_address
from scraping.answers import check_head, check_whole, read_body, redirect_of
from scraping.cookies import Cookies
from scraping.decoding import ACCEPTED, decode
from scraping.faults import failure_of
from scraping.limits import Limits
from scraping.pace import Pace
from scraping.page import Page
from scraping.retrying import backoff_s, can_pass, parse_retry_after
from scraping.urls import Target, parse_target

DEFAULT_USER_AGENT: Final = "Shelfbeat/0.1 (product reports; +https://shelfbeat.example/contact)"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_DNS_TTL_S: Final = 60
_READ_BUFFER: Final = 1 << 18


@dataclass(frozen=True)
class FetcherSettings:
    """What holds for all visits of a process."""

    user_agent: str = DEFAULT_USER_AGENT
    """Names the service and a contact."""
    allow_private: tuple[Network, ...] = ()
    """Networks behind the door that may be visited all the same, on any port."""
    connections: int = 256
    """Open connections of the process at the most."""
    ca_file: str | None = None
    """Further certificate authorities (PEM), for a company's own."""
    resolver: AbstractResolver | None = field(default=None, compare=False)
    """Who looks names up; default: the system."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A page with what the visit learned beside it."""

    page: Page
    etag: str | None = None
    last_modified: str | None = None
    retry_after_s: float | None = None


class Fetcher:
    """One per worker child, made inside its event loop; `close` it there as well."""

    def __init__(self, settings: FetcherSettings, pace: Pace) -> None:
        self.settings = settings
        self.pace = pace
        context = ssl.create_default_context()
        if settings.ca_file is not None:
            context.load_verify_locations(settings.ca_file)
        self._connector = aiohttp.TCPConnector(
            limit=settings.connections,
            ttl_dns_cache=_DNS_TTL_S,
            keepalive_timeout=30,
            ssl=context,
            resolver=settings.resolver,
            socket_factory=self._open_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=self._connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={
                "User-Agent": settings.user_agent,
                "Accept-Encoding": ACCEPTED,
                "Accept-Language": "*",
            },
            auto_decompress=False,
            read_bufsize=_READ_BUFFER,
            max_field_size=16_384,
            max_headers=128,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def get_bytes(self, url: str, limits: Limits) -> Page:
        """Return what a URL answers with status 200, retried as `limits` say.

        Raises PageError: `http_<status>` for any other status, or the reason why nothing came.
        """
        ends = time.monotonic() + limits.total_s
        tries = 0
        while True:
            tries += 1
            wait_s = None
            try:
                answer = await self.visit(url, limits.at_most(ends - time.monotonic()))
                if answer.page.status == 200:
                    return answer.page
                fault = PageError(
                    http_failure(answer.page.status), f"the server answered {answer.page.status}"
                )
                wait_s = answer.retry_after_s
            except PageError as error:
                fault = error
            wait_s = max(wait_s or 0.0, backoff_s(tries, random.random()))
            if tries > limits.retries or not can_pass(fault.failure) or time.monotonic() + wait_s >= ends:
                raise fault
            await asyncio.sleep(wait_s)

    async def visit(self, url: str, limits: Limits, headers: dict[str, str] | None = None) -> Answer:
        """Ask once, follow redirects, and return the answer whatever its status.

        `headers` go to the first origin only. Raises PageError for what is no answer.
        """
        visit = _Visit(url, limits, parse_target(url), {"Accept": limits.accept, **(headers or {})})
        for _ in range(limits.redirects + 1):
            await self._check_port(visit.target, limits)
            answer, onward = await self._ask(visit)
            if onward is None:
                return answer
            visit.follow(parse_target(onward))
        raise PageError(http_failure(answer.page.status), f"more than {limits.redirects} redirects")

    async def _ask(self, visit: "_Visit") -> tuple[Answer, str | None]:
        """One request: its answer, and where it redirects to."""
        limits, target = visit.limits, visit.target
        try:
            async with self._session.get(
                target.url, headers=visit.request_headers(), timeout=visit.timeout(), allow_redirects=False
            ) as response:
                check_head(response)
                onward = redirect_of(response)
                if onward is None:
                    raw = await read_body(response, limits.wire_bytes)
                else:
                    raw = b""
                    visit.cookies.keep(target, response.headers.getall("Set-Cookie", ()))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise failure_of(error, limits) from error
        head = response.headers
        body = decode(raw, head.get("Content-Encoding", ""), limits.decoded_bytes) if raw else raw
        if onward is None:
            check_whole(response, body)
        now = datetime.now(UTC)
        page = Page(
            url=visit.url,
            final_url=str(target.url),
            status=response.status,
            body=body,
            content_type=head.get("Content-Type", ""),
            fetched_at=now,
            elapsed_ms=round((time.monotonic() - visit.started) * 1000),
        )
        retry_after = head.get("Retry-After")
        answer = Answer(
            page,
            etag=head.get("ETag"),
            last_modified=head.get("Last-Modified"),
            retry_after_s=parse_retry_after(retry_after, now) if retry_after else None,
        )
        return answer, onward

    async def _check_port(self, target: Target, limits: Limits) -> None:
        """Refuse other ports, except on networks that were named: their shops listen anywhere."""
        if target.port in limits.ports:
            return
        if self.settings.allow_private and await self._is_named(target):
            return
        raise PageError("forbidden_host", f"port {target.port} is not allowed")

    async def _is_named(self, target: Target) -> bool:
        try:
            found = await self._connector._resolve_host(target.host, target.port)
        except (OSError, aiohttp.ClientError, ValueError) as error:
            raise failure_of(error, None) from error
        allowed = self.settings.allow_private
        return all(is_named(parse_address(entry["host"]), allowed) for entry in found)

    def _open_socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Make the socket for one address, or refuse: the last word on where a connection goes."""
        family, kind, protocol, _, address = info
        host = str(address[0])
        if not may_connect(host, self.settings.allow_private):
            raise ForbiddenAddress(host)
        return socket.socket(family=family, type=kind, proto=protocol)


class _Visit:
    """One visit under way: where it has got to, what it may still send and how long it has left."""

    __slots__ = ("_headers", "cookies", "limits", "started", "target", "url")

    def __init__(self, url: str, limits: Limits, target: Target, headers: dict[str, str]) -> None:
        self.url = url
        self.limits = limits
        self.target = target
        self.started = time.monotonic()
        self.cookies = Cookies()
        self._headers = headers

    def follow(self, target: Target) -> None:
        """Go on to where a redirect leads; what was sent to one origin is not sent to another."""
        if target.origin != self.target.origin:
            self._headers = {"Accept": self.limits.accept}
        self.target = target

    def request_headers(self) -> dict[str, str]:
        """Return the headers of the next request."""
        cookie = self.cookies.header(self.target)
        return {**self._headers, "Cookie": cookie} if cookie else self._headers

    def timeout(self) -> aiohttp.ClientTimeout:
        """Return the bounds of the next request. Raises PageError when no time is left."""
        limits = self.limits
        left_s = limits.total_s - (time.monotonic() - self.started)
        if left_s <= 0:
            raise PageError("timeout", f"not complete in {limits.total_s:g} s")
        return aiohttp.ClientTimeout(total=left_s, connect=limits.connect_s, sock_read=limits.read_s)
