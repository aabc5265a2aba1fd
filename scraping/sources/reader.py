"""Opening a source: a local path or an http(s) address as one stream of decoded bytes, capped."""

import gzip
import io
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol, cast

from scraping.sources.download import DownloadSettings, download
from scraping.sources.errors import UnusableContent

MAX_DECODED_BYTES: Final = 10_000_000_000
_GZIP_MAGIC: Final = b"\x1f\x8b"
_LAYERS: Final = 2  # a .gz file, sent with Content-Encoding gzip on top


class Reader(Protocol):
    """What collecting needs to know of the outside."""

    def open(self, address: str) -> AbstractContextManager[BinaryIO]:
        """Open a local path or an http(s) address; gzip is taken off. The stream can seek.

        Raises Unreachable for what may pass, UnusableContent for what will not.
        """
        ...


class SourceReader:
    """Reads local files in place and http(s) addresses through a temporary file."""

    def __init__(self, settings: DownloadSettings, max_decoded_bytes: int = MAX_DECODED_BYTES) -> None:
        self._settings = settings
        self._max_decoded_bytes = max_decoded_bytes

    @contextmanager
    def open(self, address: str) -> Iterator[BinaryIO]:
        """See Reader."""
        if is_http(address):
            with tempfile.TemporaryFile() as kept:
                download(address, kept, self._settings)
                yield decoded(cast("BinaryIO", kept), self._max_decoded_bytes)
            return
        path = Path(address)
        if not path.is_file():
            raise UnusableContent("there is no such file" if not path.exists() else "it is no regular file")
        try:
            file = path.open("rb")
        except OSError as error:
            raise UnusableContent(error.strerror or str(error)) from error
        with file:
            yield decoded(file, self._max_decoded_bytes)


def is_http(address: str) -> bool:
    """Whether an address is asked for over the network."""
    return address[:8].lower().startswith(("http://", "https://"))


def decoded(file: BinaryIO, max_bytes: int) -> BinaryIO:
    """Return a stream of the file's content, gzip taken off wherever its first bytes say so.

    Reading more than `max_bytes` raises UnusableContent: a bomb stops while it unfolds.
    """
    stream = file
    for _ in range(_LAYERS):
        magic = stream.read(2)
        stream.seek(0)
        if magic != _GZIP_MAGIC:
            break
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb"))
    if stream is file:
        return file
    return cast("BinaryIO", io.BufferedReader(_Capped(stream, max_bytes), 1 << 17))


class _Capped(io.RawIOBase):
    """A stream that refuses to go further than its cap."""

    def __init__(self, inner: BinaryIO, cap: int) -> None:
        self._inner = inner
        self._cap = cap

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self._inner.read(len(buffer))
        buffer[: len(data)] = data
        if self._inner.tell() > self._cap:
            message = f"more than {self._cap:,} bytes when unpacked"
            raise UnusableContent(message)
        return len(data)
