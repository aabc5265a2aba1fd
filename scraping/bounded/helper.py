"""The process that reads large pages for this one, started when first needed and replaced when it dies."""

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import PIPE, Process
from typing import Final

import msgspec
import structlog

from reports.errors import PageError
from reports.row import Row
from scraping.bounded.apart import CPU_S, LENGTH, Errand

log = structlog.get_logger()

_WALL_S: Final = 60.0
"""The CPU bound is the kernel's; this one is for a machine that gives no CPU."""


class Helper:
    """One reading process, one page at a time."""

    def __init__(self) -> None:
        self._process: Process | None = None
        self._turn = asyncio.Lock()

    async def read(self, errand: Errand) -> Row:
        """Return the row of a page. Raises PageError `parse` when reading it takes too much CPU or memory."""
        data = msgspec.msgpack.encode(errand)
        async with self._turn:
            done = False
            try:
                answer = await asyncio.wait_for(self._exchange(data), _WALL_S)
                done = True
            except (asyncio.IncompleteReadError, ConnectionError, TimeoutError) as error:
                raise PageError("parse", await self._cause()) from error
            finally:
                if not done:  # also when cancelled: half an answer may be on its way
                    await self._end()
        return msgspec.msgpack.decode(answer, type=Row)

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            await self._end()

    async def _exchange(self, data: bytes) -> bytes:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "scraping.bounded.apart", stdin=PIPE, stdout=PIPE
            )
        source, sink = process.stdout, process.stdin
        assert source is not None  # noqa: S101 - for the type checker: both are pipes
        assert sink is not None  # noqa: S101
        sink.write(LENGTH.pack(len(data)))
        sink.write(data)
        await sink.drain()
        size = LENGTH.unpack(await source.readexactly(LENGTH.size))[0]
        return await source.readexactly(size)

    async def _cause(self) -> str:
        process = self._process
        if process is not None:
            with contextlib.suppress(TimeoutError):
                if await asyncio.wait_for(process.wait(), 1) == -signal.SIGPROF:
                    return f"reading the page took more than {CPU_S:g} s of CPU"
        return "reading the page took more memory or time than a page may"

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
