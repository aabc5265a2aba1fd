"""One visit: a URL in, a page or the reason for none out.

    check the URL -> connect where it is allowed -> read, capped -> decode
                     redirected? the same again for the new URL

One fetcher lives as long as its worker child: connections are kept across batches, because a new TLS
connection costs five times a kept one. Nothing else is shared between visits: no cookie, no header.
"""

import asyncio
import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.http_exceptions import HttpProcessingError

from reports.errors import PageError
from reports.failure import http_failure
from scraping.bounded.helper import Helper
from scraping.http.addresses import MARK, Network, is_named, naming_hint, parse_address
from scraping.http.cookies import Cookies
from scraping.http.decoding import ACCEPTED, decode
from scraping.http.faults import failure_of
from scraping.http.line import Reply
from scraping.http.wire import DNS_TTL_S, Wire
from scraping.limits import Limits
from scraping.pacing.pace import Pace
from scraping.pacing.retrying import backoff_s, can_pass, parse_retry_after
from scraping.pacing.robots import Robots
from scraping.page import Answer, Page
from scraping.urls import Target, join, parse_target

DEFAULT_USER_AGENT: Final = "Shelfbeat/0.1 (product reports; +https://shelfbeat.example/contact)"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ERRORS: Final = (aiohttp.ClientError, HttpProcessingError, OSError, ValueError)


@dataclass(frozen=True)
class FetcherSettings:
    """What holds for all visits of a process."""

    user_agent: str = DEFAULT_USER_AGENT
    """Names the service and a contact."""
    allow_private: tuple[Network, ...] = ()
    """Networks behind the door that may be visited all the same, on any port."""
    connections: int = 512
    """Connections of the process under way at the most; as many more may lie idle."""
    ca_file: str | None = None
    """Further certificate authorities (PEM), for a company's own."""
    resolver: AbstractResolver | None = field(default=None, compare=False)
    """Who looks names up; default: the system."""


class Fetcher:
    """One per worker child, made inside its event loop; `close` it there as well."""

    def __init__(self, settings: FetcherSettings, pace: Pace) -> None:
        self.settings = settings
        self.pace = pace
        self._wire = Wire(
            connections=settings.connections,
            allowed=settings.allow_private,
            ca_file=settings.ca_file,
            resolver=settings.resolver,
        )
        self.robots = Robots(self.visit, settings.user_agent, pace.client)
        self.helper = Helper()
        self.received_bytes = 0
        """Bodies as they came over the wire so far, redirects left out."""
        self._named: dict[tuple[str, str, int], float] = {}
        self._head = (
            f"User-Agent: {settings.user_agent}\r\nAccept-Encoding: {ACCEPTED}\r\nAccept-Language: *\r\n"
        )

    async def close(self) -> None:
        """Close the connections, and end the helper process."""
        await self.helper.close()
        await self._wire.close()

    def forget_names(self) -> None:
        """Look every host name up again, though it was looked up a moment ago."""
        self._named.clear()
        self._wire.forget_names()

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
                answer = await self.visit(url, limits, ends=ends)
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

    async def visit(
        self,
        url: str | Target,
        limits: Limits,
        headers: Mapping[str, str] | None = None,
        *,
        ends: float | None = None,
    ) -> Answer:
        """Ask once, follow redirects, and return the answer whatever its status.

        `headers` go to the first origin only. `ends`, on the monotonic clock: default as `limits` say, from now.
        Raises PageError for what is no answer.
        """
        first = parse_target(url) if isinstance(url, str) else url
        visit = _Visit(first, limits.accept, headers)
        if ends is None:
            ends = visit.started + limits.total_s
        try:
            reply = await self._follow(visit, limits, ends)
        except _ERRORS as error:
            raise failure_of(error, limits.at_most(ends - visit.started)) from error
        self.received_bytes += len(reply.body)
        return _answer(visit, reply, limits)

    async def _follow(self, visit: "_Visit", limits: Limits, ends: float) -> Reply:
        for _ in range(limits.redirects + 1):
            target = visit.target
            if target.port not in limits.ports:
                await self._check_port(target, ends)
            reply = await self._wire.exchange(target, visit.head(self._head), limits, ends)
            location = reply.headers.get("Location") if reply.status in _REDIRECTS else None
            if not location:
                return reply
            visit.follow(location, reply.headers.getall("Set-Cookie", ()))
        raise PageError(http_failure(reply.status), f"more than {limits.redirects} redirects")

    async def _check_port(self, target: Target, ends: float) -> None:
        """Refuse other ports, except on networks that were named: their shops listen anywhere."""
        allowed = self.settings.allow_private
        if allowed:
            now = time.monotonic()
            if self._named.get(target.origin, 0.0) > now:
                return
            async with asyncio.timeout(ends - now):
                found = await self._wire.resolve(target)
            if all(is_named(parse_address(address), allowed) for address in found):
                self._named[target.origin] = now + DNS_TTL_S
                return
        hint = naming_hint(target.host)
        inside = f"{MARK} {target.host}{hint}; so " if hint else ""
        raise PageError("forbidden_host", f"{inside}port {target.port} is not allowed")


class _Visit:
    """One visit under way: where it has got to, and what it may still send there."""

    __slots__ = ("_accept", "_cookies", "_headers", "first", "started", "target")

    def __init__(self, target: Target, accept: str, headers: Mapping[str, str] | None) -> None:
        self.first = target
        self.target = target
        self.started = time.monotonic()
        self._accept = accept
        self._cookies: Cookies | None = None
        self._headers = headers

    def follow(self, location: str, cookies: Iterable[str]) -> None:
        """Go on to where a redirect leads; what was sent to one origin is not sent to another."""
        self._cookies = self._cookies or Cookies()
        self._cookies.keep(self.target, cookies)
        target = join(self.target, location)
        if target.origin != self.target.origin:
            self._headers = None
        self.target = target

    def head(self, common: str) -> bytes:
        """Return the request head. No value holds a line break: llhttp refuses them in what servers send."""
        target = self.target
        own = ""
        if self._headers:
            own = "".join(f"{name}: {value}\r\n" for name, value in self._headers.items())
        if self._cookies is not None and (cookie := self._cookies.header(target)):
            own += f"Cookie: {cookie}\r\n"
        start = f"GET {target.path} HTTP/1.1\r\nHost: {target.authority}\r\n"
        return f"{start}{common}Accept: {self._accept}\r\n{own}\r\n".encode("latin-1", "replace")


def _answer(visit: _Visit, reply: Reply, limits: Limits) -> Answer:
    """Return the answer with its body decoded. Raises PageError."""
    head = reply.headers
    body, encoding = reply.body, head.get("Content-Encoding")
    content_type = head.get("Content-Type", "").encode("ascii", "replace").decode()
    if encoding and body:
        body = decode(body, encoding, limits.decoded_bytes)
    elif not reply.delimited and reply.status == 200 and "html" in content_type.lower():
        _check_whole(body)
    if len(body) > limits.decoded_bytes:
        raise PageError("too_large", f"the body is larger than {limits.decoded_bytes} bytes")
    now = datetime.now(UTC)
    page = Page(
        url=visit.first.text,
        final_url=visit.first.text if visit.target is visit.first else visit.target.url,
        status=reply.status,
        body=body,
        content_type=content_type,
        fetched_at=now,
        elapsed_ms=round((time.monotonic() - visit.started) * 1000),
    )
    retry_after = head.get("Retry-After")
    return Answer(
        page,
        etag=_ascii(head.get("ETag")),
        last_modified=_ascii(head.get("Last-Modified")),
        retry_after_s=parse_retry_after(retry_after, now) if retry_after else None,
        no_store="no-store" in head.get("Cache-Control", "").lower(),
    )


def _ascii(value: str | None) -> str | None:
    """Return a header's value; None for one that is no ASCII: it could not be sent back as it was."""
    return value if value is None or value.isascii() else None


def _check_whole(body: bytes) -> None:
    """Raise PageError `connect` for HTML that only the connection's end delimits and that lacks its end tag.

    Such a body looks like an answer when its connection breaks; encoded ones show the cut by themselves.
    """
    if b"</html" not in body[-1024:].lower():
        raise PageError("connect", "the body was cut short: it has no length and ends before </html>")
