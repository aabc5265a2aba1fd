"""Distinct texts in a stream, at some 100 bytes a text however long it is."""

from hashlib import blake2b

DIGEST_BYTES = 16


class Distinct:
    """Remembers what it has seen as 16-byte digests: a million URLs of any length take about 100 MB.

    That two of a million URLs fall together has a probability of about 10^-27.
    """

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, text: str) -> bool:
        """Remember `text`; return whether it is new."""
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()
        before = len(self._seen)
        self._seen.add(digest)
        return len(self._seen) > before
