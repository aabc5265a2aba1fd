"""XML of any size, an element at a time: no entity is expanded, nothing is loaded, the tree does not grow."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO, cast

from lxml import etree


def elements(stream: BinaryIO, names: frozenset[str]) -> Iterator[etree._Element]:
    """Yield each element whose local name is among `names`, complete, then forget it and all before it.

    Raises lxml.etree.XMLSyntaxError.
    """
    events = etree.iterparse(
        stream,
        events=("end",),
        tag=[f"{{*}}{name}" for name in sorted(names)],
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    for _, element in events:
        yield element
        element.clear(keep_tail=False)
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


def root_name(stream: BinaryIO) -> str:
    """Return the local name of the root element, in small letters, and rewind the stream."""
    try:
        for _, element in etree.iterparse(stream, events=("start",), resolve_entities=False, no_network=True):
            return local_name(element).lower()
    finally:
        stream.seek(0)
    return ""


def local_name(element: etree._Element) -> str:
    """Return an element's name without its namespace; "" for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def text_of(element: etree._Element) -> str:
    """Return the text of an element, white space around it gone."""
    if len(element) == 0:
        return (element.text or "").strip()
    return cast("str", element.xpath("string()", smart_strings=False)).strip()


def looks_like_xml(stream: BinaryIO) -> bool:
    """Whether the first visible byte is `<`; the stream is rewound."""
    head = stream.read(1024)
    stream.seek(0)
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if head.startswith(mark):
            head = head.decode(name, "ignore").encode()
    return head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")
