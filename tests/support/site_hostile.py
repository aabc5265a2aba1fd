"""A loopback site that speaks raw HTTP/1.1 and misbehaves in each way that sites do."""

import asyncio
import contextlib
import gzip
import ssl
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import brotli

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ModuleNotFoundError:
    from backports import zstd

PRODUCT = (
    b'<html><head><script type="application/ld+json">{"@context":"https://schema.org","@type":"Product",'
    b'"name":"Kettle","offers":{"@type":"Offer","price":"24.90","priceCurrency":"EUR",'
    b'"availability":"https://schema.org/InStock"}}</script></head><body><h1>Kettle</h1></body></html>'
)


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    path: str
    query: str
    headers: dict[str, str]


Handler = Callable[[asyncio.StreamWriter, Request], Awaitable[bool]]
"""Answers a request; returns whether the connection is kept."""


@dataclass
class HostileSite:
    """Counts connections and requests, and answers by path."""

    port: int = 0
    connections: int = 0
    requests: list[Request] = field(default_factory=list)
    handlers: dict[str, Handler] = field(default_factory=dict)
    scheme: str = "http"

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the address of a path."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def asked(self) -> Counter[str]:
        """How often each path was asked for."""
        return Counter(request.path for request in self.requests)

    def on(self, path: str, handler: Handler) -> None:
        """Answer a path by a handler of the test's own."""
        self.handlers[path] = handler

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self.connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                while await self._answer(reader, writer):
                    await writer.drain()
                writer.close()
                await writer.wait_closed()
        finally:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        path, _, query = first.split(" ")[1].partition("?")
        fields = dict(line.split(": ", 1) for line in lines if ": " in line)
        request = Request(path, query, {name.lower(): value for name, value in fields.items()})
        self.requests.append(request)
        handler = self.handlers.get(path) or HANDLERS.get(path)
        if handler is not None:
            return await handler(writer, request)
        if path.startswith("/status/"):
            return send(writer, b"<html>no</html>", status=int(path[8:]))
        return send(writer, b"<html>not here</html>", status=404)


@contextlib.asynccontextmanager
async def hostile_site(
    host: str = "127.0.0.1", context: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[HostileSite]:
    """Serve a site of its own while the block runs."""
    site = HostileSite(scheme="https" if context else "http")
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        with contextlib.suppress(asyncio.CancelledError):
            await site.serve(reader, writer)

    server = await asyncio.start_server(serve, host, port, ssl=context, limit=1 << 20)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def send(
    writer: asyncio.StreamWriter, body: bytes, *, status: int = 200, headers: str = "", html: bool = True
) -> bool:
    """Send a well-formed answer and keep the connection."""
    kind = "Content-Type: text/html; charset=utf-8\r\n" if html else ""
    head = f"HTTP/1.1 {status} Whatever\r\n{kind}Content-Length: {len(body)}\r\n{headers}\r\n"
    writer.write(head.encode("latin-1") + body)
    return True


def encoded(body: bytes, name: str) -> Handler:
    """Return a handler that sends a body already encoded."""

    async def handle(writer: asyncio.StreamWriter, _request: Request) -> bool:
        return send(writer, body, headers=f"Content-Encoding: {name}\r\n")

    return handle


def page(body: bytes) -> Handler:
    """Return a handler that serves one page."""

    async def handle(writer: asyncio.StreamWriter, _request: Request) -> bool:
        return send(writer, body)

    return handle


def redirect(to: str, headers: str = "") -> Handler:
    """Return a handler that redirects."""

    async def handle(writer: asyncio.StreamWriter, _request: Request) -> bool:
        return send(writer, b"", status=302, headers=f"Location: {to}\r\n{headers}")

    return handle


async def _ok(writer: asyncio.StreamWriter, _request: Request) -> bool:
    return send(writer, PRODUCT)


async def _drip(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def _silent(_writer: asyncio.StreamWriter, _request: Request) -> bool:
    await asyncio.sleep(60)
    return False


async def _endless_headers(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    number = 0
    while True:
        number += 1
        writer.write(b"X-Header-%d: %s\r\n" % (number, b"y" * 1000))
        await writer.drain()


async def _long_header(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        writer.write(b"y" * 10_000)
        await writer.drain()


async def _large_headers(writer: asyncio.StreamWriter, _request: Request) -> bool:
    return send(writer, PRODUCT, headers="".join(f"X-{number}: {'y' * 8000}\r\n" for number in range(9)))


async def _endless_interim(writer: asyncio.StreamWriter, _request: Request) -> bool:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def _short_length(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n" + PRODUCT)
    return False


async def _long_length(writer: asyncio.StreamWriter, _request: Request) -> bool:
    body = PRODUCT + b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(PRODUCT) + body
    )
    return True


async def _two_lengths(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 5\r\n\r\n" + PRODUCT)
    return False


async def _short_chunks(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    writer.write(b"%x\r\n%s\r\n" % (len(PRODUCT), PRODUCT))
    return False


async def _chunks(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
    for at in range(0, len(PRODUCT), 50):
        part = PRODUCT[at : at + 50]
        writer.write(b"%x\r\n%s\r\n" % (len(part), part))
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    return True


async def _cut_without_length(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PRODUCT[:-40])
    return False


async def _whole_without_length(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PRODUCT)
    return False


async def _closed(_writer: asyncio.StreamWriter, _request: Request) -> bool:
    return False


async def _half_closed(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write_eof()
    await asyncio.sleep(60)
    return False


async def _garbage(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"\x16\x03\x01\x00\x02\x02(\x00 this is no HTTP at all\r\n\r\n")
    return False


async def _said_large(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 11000000\r\n\r\n")
    return False


async def _endless_body(writer: asyncio.StreamWriter, _request: Request) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def _image(writer: asyncio.StreamWriter, _request: Request) -> bool:
    return send(writer, b"\x89PNG", html=False, headers="Content-Type: image/png\r\n")


def _raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


BOMB_BYTES = 100_000_000


def bombs() -> dict[str, bytes]:
    """Return a body per encoding that expands to 100 MB."""
    zeros = bytes(BOMB_BYTES)
    return {
        "gzip": gzip.compress(zeros, 6),
        "deflate": zlib.compress(zeros, 6),
        "br": brotli.compress(zeros, quality=1, lgwin=18),
        "zstd": zstd.compress(zeros, 3),
    }


HANDLERS: dict[str, Handler] = {
    "/ok": _ok,
    "/gzip": encoded(gzip.compress(PRODUCT), "gzip"),
    "/gzip-members": encoded(gzip.compress(PRODUCT[:50]) + gzip.compress(PRODUCT[50:]), "gzip"),
    "/gzip-trailer": encoded(gzip.compress(PRODUCT) + b"\0\0padding", "gzip"),
    "/gzip-cut": encoded(gzip.compress(PRODUCT)[:-20], "gzip"),
    "/gzip-false": encoded(PRODUCT, "gzip"),
    "/br": encoded(brotli.compress(PRODUCT), "br"),
    "/br-cut": encoded(brotli.compress(PRODUCT)[:-5], "br"),
    "/zstd": encoded(zstd.compress(PRODUCT), "zstd"),
    "/zstd-cut": encoded(zstd.compress(PRODUCT)[:-5], "zstd"),
    "/deflate": encoded(zlib.compress(PRODUCT), "deflate"),
    "/deflate-raw": encoded(_raw_deflate(PRODUCT), "deflate"),
    "/stacked": encoded(gzip.compress(gzip.compress(PRODUCT)), "gzip, gzip"),
    "/unknown": encoded(PRODUCT, "lzma"),
    "/drip": _drip,
    "/silent": _silent,
    "/endless-headers": _endless_headers,
    "/long-header": _long_header,
    "/large-headers": _large_headers,
    "/endless-interim": _endless_interim,
    "/short-length": _short_length,
    "/long-length": _long_length,
    "/two-lengths": _two_lengths,
    "/short-chunks": _short_chunks,
    "/chunks": _chunks,
    "/cut-without-length": _cut_without_length,
    "/whole-without-length": _whole_without_length,
    "/closed": _closed,
    "/half-closed": _half_closed,
    "/garbage": _garbage,
    "/said-large": _said_large,
    "/endless-body": _endless_body,
    "/image": _image,
    "/loop": redirect("/loop"),
}
