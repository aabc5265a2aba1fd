"""Rows of text, CSV and TSV files, streamed; the encoding and the separator found from the content."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from scraping.sources.errors import NoSuchColumn

MAX_CELL_CHARS: Final = 2_000_000  # a product's description can be long; csv's own limit is 131,072
_CHUNK: Final = 1 << 18
_SEPARATORS: Final = ("\t", ";", ",", "|")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Row = Sequence[str]


def text_lines(stream: BinaryIO) -> Iterator[str]:
    """Yield the lines of a text file that hold something; `#` at the start makes a comment."""
    for line in _text(stream):
        entry = line.strip()
        if entry and not entry.startswith("#"):
            yield entry


def csv_rows(stream: BinaryIO) -> Iterator[Row]:
    """Yield the rows of a CSV or TSV file, the separator found in its first line. Raises csv.Error."""
    csv.field_size_limit(MAX_CELL_CHARS)
    text = _text(stream)
    first = text.readline(MAX_CELL_CHARS)
    separator = max(_SEPARATORS, key=_outside_quotes(first).count)
    stream.seek(0)
    yield from csv.reader(_text(stream), delimiter=separator)


def column(rows: Iterable[Row], name: str | None) -> Iterator[str]:
    """Yield the cells of one column that hold something.

    Without a name: the only column, whose heading may be missing, or the one headed `url`.
    Raises NoSuchColumn naming the columns there are.
    """
    iterator = iter(rows)
    header = next((row for row in iterator if any(cell.strip() for cell in row)), None)
    if header is None:
        return
    index = _index(header, name)
    if name is None and _is_address(header[index]):
        yield header[index].strip()
    for row in iterator:
        cell = row[index].strip() if index < len(row) else ""
        if cell:
            yield cell


def _index(header: Row, name: str | None) -> int:
    names = [cell.strip() for cell in header]
    if name is None:
        if len([cell for cell in names if cell]) == 1:
            return next(index for index, cell in enumerate(names) if cell)
        name, asked = "url", "name the column that holds the URLs"
    else:
        asked = f"no column {name!r}"
    if name in names:
        return names.index(name)
    folded = [cell.casefold() for cell in names]
    if name.strip().casefold() in folded:
        return folded.index(name.strip().casefold())
    shown = ", ".join(repr(cell[:60]) for cell in names[:50] if cell)
    message = f"{asked}; it has {shown}"
    raise NoSuchColumn(message)


def _is_address(cell: str) -> bool:
    return cell.strip().lower().startswith(("http://", "https://"))


def _outside_quotes(line: str) -> str:
    """Return a line without what stands in quotes."""
    return "".join(line.split('"')[::2])


def _text(stream: BinaryIO) -> io.TextIOWrapper:
    """Return the stream as text; the wrapper never closes what it wraps."""
    return _Text(stream, encoding=_encoding(stream), newline="")


def _encoding(stream: BinaryIO) -> str:
    """Return UTF-8, UTF-16 (by its mark), or Windows-1252 for what is neither, and rewind the stream."""
    head = stream.read(4)
    for mark, name in _BOMS:
        if head.startswith(mark):
            stream.seek(0)
            return name
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
        while chunk := stream.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    finally:
        stream.seek(0)
    return "utf-8"


class _Text(io.TextIOWrapper):
    """A text view that leaves the bytes under it open when it goes."""

    def __init__(self, stream: BinaryIO, encoding: str, newline: str) -> None:
        # A byte that Windows-1252 leaves open is no reason to lose a list of URLs.
        super().__init__(stream, encoding=encoding, errors="replace", newline=newline)

    def __del__(self) -> None:
        if not self.closed:
            self.detach()
