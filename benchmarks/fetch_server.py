"""A page server that costs its machine less than any client: one uvloop process, ready answers, no parsing.

    python -m benchmarks.fetch_server PAGES SEED DELAY_MS SIZE [CERTIFICATE]

Prints its port, serves until its standard input closes. `/p/<n>` is page n gzipped, `/once/<n>` the same page on a
connection that ends with it, all else is 404. With a certificate (PEM, its key in the same file) it speaks TLS.
"""

import asyncio
import ssl
import sys
from typing import Final, cast

import uvloop

from benchmarks.fetch_pages import generate

_NOT_FOUND: Final = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class PageProtocol(asyncio.Protocol):
    """Answers each request head with a ready response, optionally after a delay."""

    def __init__(self, answers: list[bytes], delay_s: float) -> None:
        self._answers = answers
        self._delay_s = delay_s
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has its own class

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head, self._rest = self._rest[: self._rest.find(b"\r\n")], self._rest[end + 4 :]
            path = head.split(b" ", 2)[1]
            answer = self._answer(path)
            if path.startswith(b"/once/"):
                self._transport.write(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                self._transport.close()
            elif self._delay_s:
                asyncio.get_running_loop().call_later(self._delay_s, self._transport.write, answer)
            else:
                self._transport.write(answer)

    def _answer(self, path: bytes) -> bytes:
        number = path.rpartition(b"/")[2]
        return self._answers[int(number) % len(self._answers)] if number.isdigit() else _NOT_FOUND


async def serve(pages: int, seed: int, delay_s: float, size: float, certificate: str | None) -> None:
    """Serve generated pages until standard input closes."""
    answers = [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(page.gzipped), page.gzipped)
        for page in generate(pages, seed, size)
    ]
    loop = asyncio.get_running_loop()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await loop.create_server(
        lambda: PageProtocol(answers, delay_s), "127.0.0.1", 0, backlog=2048, ssl=context
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    pages, seed, delay_ms, size, *certificate = sys.argv[1:]
    uvloop.run(
        serve(int(pages), int(seed), float(delay_ms) / 1000, float(size), next(iter(certificate), None))
    )
