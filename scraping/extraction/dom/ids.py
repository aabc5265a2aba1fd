"""The shop's own number of the product: what the page's address names and the page itself uses as an id."""

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from scraping.extraction.document.document import Document
from scraping.extraction.document.scan import find
from scraping.extraction.reading import Reading

_QUERY_NAMES: Final = frozenset(
    {
        "id", "pid", "sku", "product_id", "productid", "prodid", "prod_id", "item", "itemid", "item_id",
        "goods_id", "goodsno", "goods_no",
        "prdno", "product", "artnr", "article", "code", "p", "products_id", "variant_id", "idproduct",
        "id_product",
    }
)  # fmt: skip
_PATH_CODE: Final = re.compile(r"(?<![a-z0-9])(?:[pi]-?|iid-|id-?|dp-|art-?)?(\d{5,14})(?![a-z0-9])")
_USED_AS_ID: Final = re.compile(
    rb"""(?:data-[\w-]*(?:sku|id|code|number|product|item|ref)[\w-]*|value|id|name|content)\s*=\s*["']?(?:[\w-]*[_-])?\Z"""
    rb"""|["']?[\w-]*(?:sku|id|code|number|product|ids|item)[\w-]*["']?\s*:\s*\[?\s*["']?\Z""",
    re.IGNORECASE,
)
"""What stands before a number that the page uses as an id."""
_ENDS: Final = tuple(bytes([byte]) for byte in b"=:\"'[-_ \t\n\r\f\v")
"""How that ends: a look before the pattern."""
MAX_PLACES: Final = 200


def say_id(reading: Reading, document: Document) -> None:
    """Add product_id, and sku where nothing better says it (weakly)."""
    for code in _codes_in(document.url):
        if _used_as_id(document.body, code.encode()):
            reading.say("product_id", code, "the page's address, used as an id on the page")
            reading.say("sku", code, "the page's address, used as an id on the page", weak=True)
            return


def _used_as_id(body: bytes, code: bytes) -> bool:
    """Whether the page's markup or scripts use a number as an id."""
    place = -1
    for _ in range(MAX_PLACES):
        place = find(body, code, place + 1)
        if place == -1:
            return False
        before, after = body[max(0, place - 60) : place], body[place + len(code) : place + len(code) + 1]
        if before.endswith(_ENDS) and not after.isalnum() and _USED_AS_ID.search(before):
            return True
    return False


def _codes_in(url: str) -> list[str]:
    """Return the numbers in a URL that may be the product's: named in the query, else last in the path."""
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query)
    except ValueError:
        return []
    named = [
        value
        for name, value in pairs
        if name.lower() in _QUERY_NAMES and 4 <= len(value) <= 30 and any(map(str.isdigit, value))
    ]
    in_path = _PATH_CODE.findall(parts.path.lower())
    return named + in_path[::-1]
