"""What becomes of a connection after its answer, whatever the server does with it: kept, or gone at once."""

import asyncio
import socket
import ssl
import struct
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reports.errors import PageError
from scraping.fetcher import Fetcher, FetcherSettings
from scraping.http.addresses import parse_allowed
from scraping.limits import Limits
from scraping.pacing.pace import Pace
from tests.support.certificate import write_certificate
from tests.support.resolver import ChangingResolver
from tests.support.site_hostile import PRODUCT, Handler, HostileSite, Request, page
from tests.support.sockets import established

ONCE = Limits(retries=0, total_s=5, read_s=1, connect_s=1)


def parts(*sent: bytes, reset: bool = False, keep: bool = False) -> Handler:
    """Return a handler that sends bytes piece by piece, then resets, closes or keeps the connection."""

    async def handle(writer: asyncio.StreamWriter, _request: Request) -> bool:
        for part in sent:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.05)
        if reset:
            endpoint = writer.get_extra_info("socket")
            endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        return keep

    return handle


async def test_a_page_that_ends_the_server_s_part_is_asked_once_more_however_many_connections_lie_idle(
    site: HostileSite, fetcher: Fetcher
) -> None:
    site.on("/slow", parts(b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", keep=True))
    await asyncio.gather(*(fetcher.get_bytes(site.url("/slow"), ONCE) for _ in range(4)))
    assert site.connections == 4
    with pytest.raises(PageError, match="closed the connection before it had answered"):
        await fetcher.get_bytes(site.url("/closed"), ONCE)
    assert site.asked["/closed"] == 2
    assert site.connections == 5


@pytest.mark.parametrize(
    ("head", "keep"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 50\r\n\r\nshort", False),
        (b"HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 50\r\n\r\n", True),
        (b"HTTP/1.1 302 Found\r\nLocation: /ok\r\n\r\n", True),
    ],
)
async def test_a_redirect_whose_body_never_comes_is_followed(
    site: HostileSite, fetcher: Fetcher, head: bytes, keep: bool
) -> None:
    site.on("/moved", parts(head, keep=keep))
    limits = Limits(retries=0, total_s=5, read_s=0.3)
    assert (await fetcher.get_bytes(site.url("/moved"), limits)).body == PRODUCT
    assert site.connections == 2, "the rest of its body may still come"


@pytest.mark.parametrize("first", [0, 20])
async def test_bytes_beyond_a_body_s_length_cost_the_connection_and_not_the_page(
    site: HostileSite, fetcher: Fetcher, first: int
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PRODUCT)
    site.on("/more", parts(head + PRODUCT[:first], PRODUCT[first:] + b"<!-- cached -->", keep=True))
    for _ in range(2):
        assert (await fetcher.get_bytes(site.url("/more"), ONCE)).body == PRODUCT
    assert site.connections == 2


async def test_bytes_beyond_a_body_that_come_with_its_head_cost_the_connection_and_not_the_page(
    site: HostileSite, fetcher: Fetcher
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PRODUCT)
    site.on("/more", parts(head + PRODUCT + b"<!-- cached -->", keep=True))
    for _ in range(2):
        assert (await fetcher.get_bytes(site.url("/more"), ONCE)).body == PRODUCT
    assert site.connections == 2


async def test_a_body_without_length_is_not_whole_when_its_connection_is_reset(
    site: HostileSite, fetcher: Fetcher
) -> None:
    site.on("/list", parts(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n", b"url\na\n", reset=True))
    with pytest.raises(PageError, match="cut short"):
        await fetcher.get_bytes(site.url("/list"), ONCE)


async def test_a_connection_that_lies_idle_holds_nothing_of_what_it_read(
    site: HostileSite, fetcher: Fetcher
) -> None:
    site.on("/large", page(b"x" * 5_000_000))
    await fetcher.get_bytes(site.url("/ok"), ONCE)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    assert len((await fetcher.get_bytes(site.url("/large"), ONCE)).body) == 5_000_000
    await asyncio.sleep(0)  # the step of this task that the answer woke holds it to its end
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert site.connections == 1
    assert held < 1_000_000


async def test_of_too_many_idle_connections_those_that_were_used_longest_ago_give_way(
    site: HostileSite,
) -> None:
    site.on("/slow", parts(b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", keep=True))
    settings = FetcherSettings(
        allow_private=parse_allowed("127.0.0.1"), connections=3, resolver=ChangingResolver("127.0.0.1")
    )
    fetcher = Fetcher(settings, Pace(None))
    limits = Limits(retries=0)
    await asyncio.gather(*(fetcher.get_bytes(site.url("/slow", "busy.example"), limits) for _ in range(2)))
    await fetcher.get_bytes(site.url("/ok", "idle.example"), limits)
    await fetcher.get_bytes(site.url("/ok", "busy.example"), limits)
    await fetcher.get_bytes(site.url("/ok", "new.example"), limits)
    assert site.connections == 4
    await asyncio.gather(*(fetcher.get_bytes(site.url("/slow", "busy.example"), limits) for _ in range(2)))
    await fetcher.close()
    assert site.connections == 4, "the busy host's connections were kept"


@contextmanager
def deaf_shop(certificate: Path) -> Iterator[int]:
    """Serve one answer a TLS connection and never look at it again, its end included; yield the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    kept = []

    def serve() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            secure = context.wrap_socket(plain, server_side=True)
            secure.recv(65_536)
            secure.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
            kept.append(secure)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for secure in kept:
            secure.close()


async def test_a_tls_connection_is_gone_at_once_though_the_server_never_lets_go_of_it(tmp_path: Path) -> None:
    allowed = parse_allowed("127.0.0.1,::1")
    settings = FetcherSettings(allow_private=allowed, ca_file=str(write_certificate(tmp_path, "localhost")))
    fetcher = Fetcher(settings, Pace(None))
    with deaf_shop(tmp_path / "localhost.pem") as port:
        for _ in range(3):
            assert (await fetcher.get_bytes(f"https://localhost:{port}/", ONCE)).body == b"ok"
        await asyncio.sleep(0.1)
        assert not established(port)
    await fetcher.close()


async def test_connections_do_not_add_up_over_failures_and_cancellations(
    site: HostileSite, fetcher: Fetcher
) -> None:
    paths = [
        "/ok",
        "/closed",
        "/short-length",
        "/garbage",
        "/two-lengths",
        "/long-length",
        "/silent",
        "/drip",
    ]
    limits = Limits(retries=0, total_s=0.4, read_s=0.2)
    for turn in range(10):
        tasks = [asyncio.ensure_future(fetcher.get_bytes(site.url(path), limits)) for path in paths * 4]
        await asyncio.sleep(0.002 * turn)
        for task in tasks[:: 2 if turn % 2 else 5]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0.1)
    idle = established(site.port)
    assert (await fetcher.get_bytes(site.url("/ok"), ONCE)).body == PRODUCT
    await fetcher.close()
    await asyncio.sleep(0.1)
    assert idle <= 4, "no more than were good at once"
    assert not established(site.port)
