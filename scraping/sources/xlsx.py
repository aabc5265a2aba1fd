"""XLSX files as rows of text, of any size: the table of strings goes to disk, the sheet is streamed.

openpyxl's read-only mode keeps every string and an empty element of every row: 500 MB for a million URLs.
Source: ECMA-376, SpreadsheetML: workbook.xml, its relationships, sharedStrings.xml, the sheets.
"""

import os
import posixpath
import re
import tempfile
import zipfile
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Final, cast

from lxml import etree

from scraping.sources.errors import UnusableContent
from scraping.sources.xml import elements, local_name

MAX_UNPACKED_BYTES: Final = 2_000_000_000  # the 1,048,576 rows of a full tab take some 100 MB a column
_WORKBOOK: Final = "xl/workbook.xml"
_STRINGS: Final = "xl/sharedStrings.xml"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION: Final = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_COLUMNS: Final = 16_384


def is_old_excel(stream: BinaryIO) -> bool:
    """Whether the file is one of Excel before 2007, or an encrypted one: both are OLE; the stream is rewound."""
    magic = stream.read(8)
    stream.seek(0)
    return magic == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_xlsx(stream: BinaryIO) -> bool:
    """Whether the file is a zip, as XLSX is; the stream is rewound."""
    magic = stream.read(4)
    stream.seek(0)
    return magic == b"PK\x03\x04"


def xlsx_rows(stream: BinaryIO, tab: str | None) -> Iterator[Sequence[str]]:
    """Yield the rows of a tab, the first unless named; empty rows are left out, numbers as the file has them.

    Raises UnusableContent, zipfile.BadZipFile, lxml.etree.XMLSyntaxError.
    """
    with _zip(stream) as parts:
        if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED_BYTES:
            message = f"more than {MAX_UNPACKED_BYTES:,} bytes when unpacked"
            raise UnusableContent(message)
        path = _tab_path(parts, tab)
        with _Strings.of(parts) as strings, _part(parts, path) as sheet:
            for row in elements(sheet, frozenset({"row"})):
                cells = _cells(row, strings)
                if cells:
                    yield cells


def _zip(stream: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except NotImplementedError as error:  # of a later version of the format, or damaged
        message = f"a zip that cannot be read ({error})"
        raise UnusableContent(message) from error


def _tab_path(parts: zipfile.ZipFile, tab: str | None) -> str:
    """Return where in the zip a tab is."""
    with _part(parts, _WORKBOOK) as stream:
        tabs = {
            sheet.get("name", ""): sheet.get(_RELATION) or sheet.get(_STRICT_RELATION) or ""
            for sheet in elements(stream, frozenset({"sheet"}))
        }
    name = next(iter(tabs), "") if tab is None else tab
    if name not in tabs:
        message = f"no tab {name!r}; it has {', '.join(map(repr, tabs))}"
        raise UnusableContent(message)
    with _part(parts, "xl/_rels/workbook.xml.rels") as stream:
        relations = elements(stream, frozenset({"Relationship"}))
        targets = {item.get("Id"): item.get("Target", "") for item in relations}
    target = targets.get(tabs[name], "")
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


@contextmanager
def _part(parts: zipfile.ZipFile, path: str) -> Iterator[BinaryIO]:
    try:
        stream = parts.open(path)
    except KeyError as error:
        message = f"a zip, but no XLSX file: {path} is missing"
        raise UnusableContent(message) from error
    except (NotImplementedError, RuntimeError) as error:  # a compression we do not have; a password
        message = f"{path} cannot be read ({error})"
        raise UnusableContent(message) from error
    with stream:
        yield cast("BinaryIO", stream)


def _cells(row: etree._Element, strings: "_Strings") -> list[str]:
    """Return the texts of a row, each at its column."""
    cells: list[str] = []
    for cell in row:
        if local_name(cell) != "c":
            continue
        place = _column(cell.get("r", "")) if cell.get("r") else len(cells)
        if not len(cells) <= place < _COLUMNS:
            continue  # no program writes columns backwards
        cells.extend([""] * (place - len(cells)))
        cells.append(_value(cell, strings))
    return cells


def _value(cell: etree._Element, strings: "_Strings") -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _rich_text(cell)
    value = next((child.text or "" for child in cell if local_name(child) == "v"), "")
    return strings[int(value)] if kind == "s" and value.isdecimal() else _unescaped(value)


def _column(reference: str) -> int:
    """Return the place, from 0, of the column of `AB12`."""
    place = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        place = place * 26 + ord(letter) - 64
    return place - 1


def _rich_text(element: etree._Element) -> str:
    """Return the text of a string in all its formats, its phonetic reading left out."""
    texts = [
        item.text or ""
        for item in element.iter("{*}t")
        if (parent := item.getparent()) is not None and local_name(parent) != "rPh"
    ]
    return _unescaped("".join(texts))


def _unescaped(text: str) -> str:
    """Take off the `_x000D_` by which the format writes what XML cannot hold."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class _Strings:
    """The strings that cells refer to by number, in a temporary file; 8 bytes of memory a string."""

    def __init__(self, descriptor: int, ends: "array[int]") -> None:
        self._descriptor = descriptor
        self._ends = ends

    def __getitem__(self, index: int) -> str:
        if index >= len(self._ends):
            message = f"a cell refers to string {index}, which the file does not have"
            raise UnusableContent(message)
        begin = self._ends[index - 1] if index else 0
        data = os.pread(self._descriptor, self._ends[index] - begin, begin)
        return data.decode("utf-8", "surrogatepass")

    @classmethod
    @contextmanager
    def of(cls, parts: zipfile.ZipFile) -> Iterator["_Strings"]:
        """Read the table of a file; one without strings has none."""
        ends: array[int] = array("Q")
        with tempfile.TemporaryFile() as file:
            if _STRINGS in parts.namelist():
                size = 0
                with _part(parts, _STRINGS) as stream:
                    for element in elements(stream, frozenset({"si"})):
                        size += file.write(_rich_text(element).encode("utf-8", "surrogatepass"))
                        ends.append(size)
                file.flush()
            yield cls(file.fileno(), ends)
