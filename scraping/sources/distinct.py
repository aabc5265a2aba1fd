"""Distinct URLs in a stream, at some 100 bytes a URL however long it is."""

import re
from hashlib import blake2b
from typing import Final

DIGEST_BYTES: Final = 16
_SCHEME_AND_HOST: Final = re.compile("https?://[^/?#]*", re.IGNORECASE)


class Distinct:
    """Remembers URLs as 16-byte digests: a million of any length take about 100 MB.

    That two of a million URLs fall together has a probability of about 10^-27.
    """

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self.repeats = 0
        """How often a URL was added that had been added before."""

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, url: str) -> bool:
        """Remember a URL, or a text that is none; return whether it is new."""
        digest = blake2b(
            _one_spelling(url).encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES
        ).digest()
        before = len(self._seen)
        self._seen.add(digest)
        is_new = len(self._seen) > before
        self.repeats += not is_new
        return is_new


def _one_spelling(url: str) -> str:
    """Return a URL as all have it that ask for the same: scheme and host in small letters, no fragment.

    Source: RFC 3986, 6.2.2.1 and 3.5. A fragment with a value (`#variant=4711`) stays: the server is not told of it,
    but it names the variant that is read from the page.
    """
    start = _SCHEME_AND_HOST.match(url)
    if start is None:
        return url
    page, _, fragment = url.partition("#")
    rest = url if "=" in fragment else page
    return start[0].lower() + rest[start.end() :]
