"""A source over http(s) into a temporary file: of any size up to a cap, in the memory of one chunk.

The same doors as for pages: every address is checked when the socket is made, redirects included.
"""

import asyncio
import random
import socket
from dataclasses import dataclass
from typing import IO, Final

import aiohttp
from yarl import URL

from jobs.addresses import has_login
from reports.errors import PageError
from reports.failure import http_failure
from scraping.http.addresses import ForbiddenAddress, Network, is_named, may_connect, parse_address
from scraping.http.faults import failure_of
from scraping.pacing.retrying import backoff_s, can_pass
from scraping.sources.errors import Unreachable, UnusableContent
from scraping.urls import Target, parse_target

MAX_REDIRECTS: Final = 10
_CHUNK: Final = 1 << 18
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MAY_PASS: Final = frozenset({"dns", "http_500"})  # beside what can pass for a page


@dataclass(frozen=True)
class DownloadSettings:
    """The bounds of one download. Times in seconds."""

    user_agent: str
    allow_private: tuple[Network, ...] = ()
    """Networks behind the door that may be visited all the same, on any port."""
    max_bytes: int = 2_000_000_000
    """Largest file as sent."""
    ports: frozenset[int] = frozenset({80, 443})
    connect_s: float = 10.0
    read_s: float = 60.0
    """Longest silence of the server."""
    total_s: float = 900.0
    tries: int = 3


def download(url: str, into: IO[bytes], settings: DownloadSettings) -> None:
    """Write what `url` answers into a file, as sent. Gzip encoding stays on: the reader takes it off.

    User and password in it are sent to its own origin alone, redirects elsewhere do without them.
    Raises Unreachable for what may pass (after `tries`), UnusableContent for what will not. Must not be
    called inside a running event loop.
    """
    asyncio.run(_download(url, into, settings))


async def _download(url: str, into: IO[bytes], settings: DownloadSettings) -> None:
    """Try, and try again what can pass."""
    address, login = _parted(url)
    for attempt in range(1, settings.tries + 1):
        try:
            into.seek(0)
            into.truncate()
            async with _session(settings) as session:
                await _fetch(session, parse_target(address), login, into, settings)
        except PageError as error:
            if not can_pass(error.failure) and error.failure not in _MAY_PASS:
                raise UnusableContent(error.detail) from error
            if attempt == settings.tries:
                raise Unreachable(error.detail) from error
            await asyncio.sleep(backoff_s(attempt, random.random()))
        else:
            into.seek(0)
            return


def _session(settings: DownloadSettings) -> aiohttp.ClientSession:
    def open_socket(info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        check_address(str(address[0]), int(address[1]), settings)
        return socket.socket(family, kind, protocol)

    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(socket_factory=open_socket, limit=2),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": settings.user_agent, "Accept": "*/*", "Accept-Encoding": "gzip"},
        timeout=aiohttp.ClientTimeout(
            total=settings.total_s, sock_connect=settings.connect_s, sock_read=settings.read_s
        ),
        auto_decompress=False,
    )


def check_address(host: str, port: int, settings: DownloadSettings) -> None:
    """Refuse an address that must not be connected to. Raises ForbiddenAddress."""
    if not may_connect(host, settings.allow_private):
        raise ForbiddenAddress(host)
    if port not in settings.ports and not is_named(parse_address(host), settings.allow_private):
        refused = f"{host} port {port}"
        raise ForbiddenAddress(refused)


def _parted(url: str) -> tuple[str, dict[str, str]]:
    """Return an address without its login, and the login as the header that it is sent in."""
    if not has_login(url):
        return url, {}
    try:
        whole = URL(url)
    except ValueError as error:  # what cannot be read must not be repeated: it holds a password
        raise UnusableContent("the address with a user in it is no URL") from error
    login = aiohttp.encode_basic_auth(whole.user or "", whole.password or "", "utf-8")
    return str(whole.with_user(None)), {"Authorization": login}


async def _fetch(
    session: aiohttp.ClientSession,
    target: Target,
    login: dict[str, str],
    into: IO[bytes],
    settings: DownloadSettings,
) -> None:
    """One try, redirects followed. Raises PageError."""
    home = target.origin
    try:
        for _ in range(MAX_REDIRECTS + 1):
            own = login if target.origin == home else {}
            async with session.get(target.url, allow_redirects=False, headers=own) as response:
                location = response.headers.get("Location")
                if response.status in _REDIRECTS and location:
                    target = parse_target(str(response.url.join(URL(location))))
                    continue
                if response.status != 200:
                    raise PageError(http_failure(response.status), f"the server answered {response.status}")
                await _save(response, into, settings.max_bytes)
                return
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        raise failure_of(error, None) from error
    raise PageError("http_310", f"more than {MAX_REDIRECTS} redirects")


async def _save(response: aiohttp.ClientResponse, into: IO[bytes], max_bytes: int) -> None:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        raise PageError(
            "parse", f"the server answered with Content-Encoding {encoding[:40]!r}, not asked for"
        )
    size = 0
    async for chunk in response.content.iter_chunked(_CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise PageError("too_large", f"larger than {max_bytes:,} bytes")
        into.write(chunk)
