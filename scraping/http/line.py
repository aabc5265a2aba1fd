"""One kept connection: a request head out, one whole answer in, never above its caps.

aiohttp's handler gives a body away piece by piece, and each piece costs a timer and wakes a task. A visit wants all of
a page or none: here one future waits for the whole of it, and one alarm, seldom set, for a whole connection.
"""

import asyncio
import math
import time
from typing import Final

import aiohttp
import msgspec
from aiohttp.client_proto import ResponseHandler
from aiohttp.helpers import EMPTY_BODY_STATUS_CODES
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpParser, HttpResponseParser, RawResponseMessage
from aiohttp.streams import StreamReader
from multidict import CIMultiDictProxy

from reports.errors import PageError
from scraping.limits import HEADER_BYTES, Limits

_READ_BUFFER: Final = 1 << 18
_MAX_FIELD: Final = 16_384
_DULL_BYTES: Final = 65_536
"""A body nobody reads is drained up to here, to keep its connection; a longer one costs the connection."""
_SWITCHED: Final = 101
_HEAD_END: Final = b"\r\n\r\n"
_Parser = HttpParser[RawResponseMessage]


class Reply(msgspec.Struct, frozen=True):
    """An answer as sent, the body still in its Content-Encoding."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    delimited: bool
    """Whether a length or chunks say where the body ends, not the end of the connection alone."""


class Line(ResponseHandler):
    """A connection of aiohttp's connector. Asked once at a time; of no more use when asking it raises."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.used = 0.0
        """When it last answered, on the monotonic clock; the server may have let go of it since. 0: it never has."""
        self._answer: asyncio.Future[Reply] | None = None
        self._limits = Limits()
        self._message: RawResponseMessage | None = None
        self._length = -1
        self._parts: list[bytes] = []
        self._ends = self._heard = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = math.inf

    async def ask(self, head: bytes, limits: Limits, ends: float) -> Reply:
        """Send a request head and return the answer; only a 200 keeps its body. `ends` is on the monotonic clock.

        Raises PageError `too_large`, aiohttp's errors, OSError, TimeoutError.
        """
        transport = self.transport
        if transport is None or transport.is_closing():
            raise aiohttp.ClientConnectionResetError("the connection was closed before it was asked")
        self._payload = None
        self._limits, self._ends = limits, ends
        self._parser = self._new_parser()
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._answer = answer
        self._heard = time.monotonic()
        self._set_alarm(self._heard)
        transport.write(head)
        try:
            return await answer
        finally:
            # It may lie idle for long now, and so may hundreds: what it read is no longer its own.
            self._answer = self._message = None
            self._parts = []

    def _new_parser(self) -> _Parser:
        return HttpResponseParser(
            self,
            self._loop,
            _READ_BUFFER,
            payload_exception=aiohttp.ClientPayloadError,
            read_until_eof=True,
            auto_decompress=False,
            max_field_size=_MAX_FIELD,
        )

    def data_received(self, data: bytes) -> None:
        """Take what came; what nobody asked for ends the connection, lest it be taken for the next answer."""
        answer, parser = self._answer, self._parser
        if answer is None or parser is None or answer.done():
            self.abort()
            return
        self._heard = time.monotonic()
        try:
            self._take(parser, data)
            self._end(answer, self._payload)
        except Exception as error:  # noqa: BLE001 - raised where the answer is awaited
            self._fail(answer, error)

    def _take(self, parser: _Parser, data: bytes, *, whole: bool = True) -> None:
        """Parse what came: `whole` as it came, else what is left of it behind a head."""
        try:
            self._parse(parser, data)
        except HttpProcessingError:
            head, end, rest = data.partition(_HEAD_END)
            if self._payload is not None and self._payload.is_eof():
                # Bytes beyond a body's length are no part of it, whatever they are: every browser shows the page.
                self._should_close = True
            elif whole and self._payload is None and end and head.startswith(b"HTTP/"):
                # A parser keeps a head to itself that came together with what it refuses.
                self._parser = parser = self._new_parser()
                self._parse(parser, head + end)
                self._take(parser, rest, whole=False)
            else:
                raise

    def _parse(self, parser: _Parser, data: bytes) -> None:
        messages, self._upgraded, _ = parser.feed_data(data)
        for message, payload in messages:
            self._begin(message, payload)

    def _begin(self, message: RawResponseMessage, payload: StreamReader) -> None:
        """Note how the answer begins. Raises PageError for one that will be too large."""
        if message.should_close or self._message is not None:
            self._should_close = True
        if self._message is not None or (message.code < 200 and message.code != _SWITCHED):
            return
        size = sum([len(name) + len(value) for name, value in message.raw_headers])
        if size > HEADER_BYTES:
            raise PageError("too_large", f"the headers are larger than {HEADER_BYTES} bytes")
        self._message, self._payload = message, payload
        self._length = int(message.headers.get("Content-Length", "-1"))
        limits = self._limits
        if message.code == 200 and self._length > limits.wire_bytes and limits.cut is None:
            raise _too_large(limits.wire_bytes)

    def _end(self, answer: "asyncio.Future[Reply]", payload: StreamReader | None) -> None:
        """Give the answer away if it is whole, or as long as it is wanted. Raises PageError for one too large."""
        message = self._message
        if message is None or payload is None:
            return
        body = self._wanted(payload) if message.code == 200 else self._dull(message, payload)
        if body is not None:
            self._parser = None
            delimited = self._length >= 0 or message.chunked
            answer.set_result(Reply(message.code, message.headers, body, delimited))

    def _wanted(self, payload: StreamReader) -> bytes | None:
        """Return the body; None while it is not whole."""
        size, cap, cut = payload.total_bytes, self._limits.wire_bytes, self._limits.cut
        enough = cut is not None and size >= cut
        if size > cap and not enough:
            raise _too_large(cap)
        part = payload.read_nowait()
        if not self._parts and payload.is_eof():
            return part
        self._parts.append(part)
        return b"".join(self._parts) if enough or payload.is_eof() else None

    def _dull(self, message: RawResponseMessage, payload: StreamReader) -> bytes | None:
        """Return nothing for a body that nobody wants, once it is read or too long to be read; None before."""
        if message.code in EMPTY_BODY_STATUS_CODES or payload.is_eof():
            return b""
        if max(self._length, payload.total_bytes) > _DULL_BYTES:
            self._should_close = True
            return b""
        payload.read_nowait()
        return None

    def pause_reading(self) -> None:
        """Go on: a body is taken up as it comes, and its cap bounds it."""

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Nothing was ever paused."""

    def connection_lost(self, exc: BaseException | None) -> None:
        """End the answer under way: it is whole where only the connection's end delimits it."""
        payload = self._payload
        super().connection_lost(exc)
        if self._alarm is not None:
            self._alarm.cancel()
        answer = self._answer
        if answer is None or answer.done():
            return
        lost = self._exception if payload is None else payload.exception()
        if lost is None and isinstance(exc, ConnectionError):
            lost = aiohttp.ClientPayloadError(str(exc))
        try:
            self._end(answer, payload if lost is None else None)
        except Exception as error:  # noqa: BLE001 - raised where the answer is awaited
            lost = error
        if not answer.done():
            self._fail(answer, lost or aiohttp.ServerDisconnectedError())

    def _fail(self, answer: "asyncio.Future[Reply]", error: BaseException) -> None:
        """End the answer under way by an error, unless all that is wanted of it is there: its status and headers."""
        self._should_close = True
        message = self._message
        if message is None or message.code == 200:
            answer.set_exception(error)
        else:
            answer.set_result(Reply(message.code, message.headers, b"", delimited=False))

    def _set_alarm(self, now: float) -> None:
        """See to it that the alarm rings when silence or the whole answer has lasted too long; it may ring before."""
        due = min(self._heard + (self._limits.read_s or math.inf), self._ends)
        if self._alarm is not None:
            if self._alarm_at <= due:
                return
            self._alarm.cancel()
        self._alarm_at = due
        self._alarm = self._loop.call_later(max(0.0, due - now), self._rings)

    def _rings(self) -> None:
        self._alarm = None
        answer = self._answer
        if answer is None or answer.done():
            return
        now = time.monotonic()
        if now >= self._ends:
            self._fail(answer, TimeoutError())
        elif now >= self._heard + (self._limits.read_s or math.inf):
            self._fail(answer, aiohttp.SocketTimeoutError())
        else:
            self._set_alarm(now)


def _too_large(cap: int) -> PageError:
    return PageError("too_large", f"the body is larger than {cap} bytes")
