"""Addresses compared: which variant or product does this URL name?"""

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit


@lru_cache(maxsize=2048)
def address_key(url: str) -> str:
    """Return host and path of a URL in one spelling, without scheme, www., query, fragment and end slash."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    host = (parts.netloc or "").lower().removeprefix("www.")
    return f"{host}{unquote(parts.path).rstrip('/').lower()}"


@lru_cache(maxsize=2048)
def query_values(url: str) -> frozenset[str]:
    """Return the values of a URL's query and fragment parameters."""
    if "?" not in url and "#" not in url:
        return frozenset()
    try:
        parts = urlsplit(url.strip())
        pairs = parse_qsl(parts.query) + parse_qsl(parts.fragment)
    except ValueError:
        return frozenset()
    return frozenset(value for _, value in pairs if value)


def same_address(one: str, other: str) -> bool:
    """Whether two absolute URLs name one page; a relative one is compared by its path."""
    if not one or not other:
        return False
    if one.startswith("/") or other.startswith("/"):
        return address_key(one).rpartition("/")[2] == address_key(other).rpartition("/")[2] != ""
    return address_key(one) == address_key(other)


def names(url: str, codes: Iterable[str | None]) -> bool:
    """Whether the URL carries one of the codes: as a query value or as a part of its path."""
    values = query_values(url)
    path = address_key(url).partition("/")[2]
    return any(code and len(code) >= 3 and (code in values or code.lower() in path) for code in codes)
