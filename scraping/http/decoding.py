"""A body out of its Content-Encoding, never larger than its cap: bombs stop while being decoded. Pure."""

from typing import Final, Protocol

import brotli
from isal import igzip_lib, isal_zlib

from reports.errors import PageError

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ModuleNotFoundError:  # before Python 3.14
    from backports import zstd

ACCEPTED: Final = "gzip, deflate, zstd"
"""What servers are asked for. Without br, which some send all the same: it takes twice gzip's CPU."""
_ZSTD_WINDOW_LOG: Final = 23  # RFC 9659: a browser's zstd window is 8 MB at the most; more is a memory bomb
_GZIP, _ZLIB, _RAW = 31, 15, -15
_ISAL_ERROR: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment]  # its stub calls it a value


class _Inflater(Protocol):
    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


def decode(body: bytes, encoding: str, cap: int) -> bytes:
    """Return `body` decoded from its Content-Encoding, at most `cap` bytes.

    Raises PageError: `too_large` above the cap, `connect` for a body cut short, `parse` for one that is not
    what its header says and for encodings that are unknown or stacked.
    """
    name = encoding.strip().lower()
    if not body or name in {"", "identity"}:
        decoded = body
    elif name in {"gzip", "x-gzip"}:
        decoded = _inflate(body, _GZIP, cap)
    elif name == "deflate":
        decoded = _deflate(body, cap)
    elif name == "br":
        decoded = _brotli(body, cap)
    elif name == "zstd":
        decoded = _zstd(body, cap)
    else:
        what = "is stacked" if "," in name else "is unknown"
        raise PageError("parse", f"the Content-Encoding {encoding[:80]!r} {what}")
    if len(decoded) > cap:
        raise PageError("too_large", f"the decoded body is larger than {cap} bytes")
    return decoded


def _inflate(body: bytes, wbits: int, cap: int) -> bytes:
    """Gzip and zlib by isal, which takes 40 % of zlib's time. A gzip body may have several members."""
    parts: list[bytes] = []
    room = cap + 1
    while True:
        inflater: _Inflater = isal_zlib.decompressobj(wbits=wbits)
        try:
            part = inflater.decompress(body, room)
        except _ISAL_ERROR as error:
            if parts:  # bytes after the last member: every browser ignores them
                break
            raise PageError("parse", f"the body does not decode: {error}") from error
        parts.append(part)
        room -= len(part)
        if room <= 0:
            break
        if not inflater.eof:
            raise _cut_short()
        body = inflater.unused_data
        if wbits != _GZIP or not body.startswith(b"\x1f\x8b"):
            break
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _deflate(body: bytes, cap: int) -> bytes:
    """`deflate` means zlib; some servers send the raw stream."""
    try:
        return _inflate(body, _ZLIB, cap)
    except PageError as error:
        if error.failure != "parse":
            raise
        return _inflate(body, _RAW, cap)


def _brotli(body: bytes, cap: int) -> bytes:
    decoder = brotli.Decompressor()
    parts: list[bytes] = []
    size, data = 0, body
    try:
        while size <= cap and not decoder.is_finished():
            part = decoder.process(data, output_buffer_limit=min(cap + 1 - size, 1 << 20))
            data = b""
            if not part and decoder.can_accept_more_data():
                break
            parts.append(part)
            size += len(part)
    except brotli.error as error:
        raise PageError("parse", f"the body does not decode: {error}") from error
    if size <= cap and not decoder.is_finished():
        raise _cut_short()
    return b"".join(parts)[: cap + 1]


def _zstd(body: bytes, cap: int) -> bytes:
    parts: list[bytes] = []
    room = cap + 1
    while body and room > 0:
        decoder = zstd.ZstdDecompressor(
            options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        )
        try:
            part = decoder.decompress(body, room)
        except zstd.ZstdError as error:
            raise PageError("parse", f"the body does not decode: {error}") from error
        parts.append(part)
        room -= len(part)
        if room > 0 and not decoder.eof:
            raise _cut_short()
        body = decoder.unused_data if decoder.eof else b""
    return b"".join(parts)


def _cut_short() -> PageError:
    return PageError("connect", "the body was cut short")
