"""Reads pages in a process of its own, bounded in CPU and memory by the kernel.

    python -m scraping.bounded.apart

A page can hold C code for hours (deep nesting and many attributes take quadratic time) or take gigabytes; no
exception reaches it there. So large pages are read here: the kernel ends this process when a page goes too far,
the page becomes a row that says so, and the next page gets a new process.

Both ways: four bytes of length, big-endian, then a msgpack `Errand` in and a `Row` out. Ends with its input.
"""

import resource
import signal
import struct
import sys
from typing import BinaryIO, Final

import msgspec

from jobs.definition import SiteRules
from reports.row import FeedClaim, Row
from scraping.extraction import extract
from scraping.page import Page

CPU_S: Final = 4.0
"""CPU time of one page."""
MEMORY_BYTES: Final = 250_000_000
"""Private memory of the process, the interpreter and the readers (about 60 MB) included."""
LENGTH: Final = struct.Struct(">I")


class Errand(msgspec.Struct, frozen=True):
    """One page to read, and how."""

    page: Page
    rules: str | None
    """SiteRules as JSON."""
    wanted: tuple[str, ...]
    position: int
    feed: FeedClaim | None


def main() -> None:
    """Read pages until the input ends."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker; it closes our input
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    decoder, encoder = msgspec.msgpack.Decoder(Errand), msgspec.msgpack.Encoder()
    while (size := source.read(LENGTH.size)) and len(size) == LENGTH.size:
        errand = decoder.decode(source.read(LENGTH.unpack(size)[0]))
        # Unhandled, SIGPROF ends the process: also in C code that never returns.
        signal.setitimer(signal.ITIMER_PROF, CPU_S)
        row = _read(errand)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _answer(sink, encoder.encode(row))


def _read(errand: Errand) -> Row:
    rules = SiteRules.model_validate_json(errand.rules) if errand.rules else None
    return extract(
        errand.page,
        rules=rules,
        wanted=frozenset(errand.wanted),
        position=errand.position,
        feed=errand.feed,
    )


def _answer(sink: BinaryIO, data: bytes) -> None:
    sink.write(LENGTH.pack(len(data)) + data)
    sink.flush()


if __name__ == "__main__":
    main()
