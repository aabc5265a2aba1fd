"""Pages seen before: what to ask them with (ETag, Last-Modified), and the product to reuse when they say 304.

Kept in Redis for a few days under the job, the URL and how the page was read: other site rules, other columns
or another version of the readers find nothing here and read the page anew. One call asks for a whole batch,
one writes what is new of it: a command for each page takes ten times the CPU.
"""

import hashlib
import importlib.resources
from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib.metadata import version
from typing import Final

import msgspec
import structlog
from isal import isal_zlib
from redis.asyncio import Redis
from redis.exceptions import RedisError

from jobs.definition import Report
from reports.row import ProductUrl, Row
from scraping.page import Answer

log = structlog.get_logger()

KEEP: Final = timedelta(days=3)
MOST_PAGES: Final = 100_000
"""Of a report's list, the first so many URLs are remembered: about 60 MB of Redis at the most."""
_LONGEST: Final = 8_192
"""An entry larger than this costs more to keep than the page costs to read."""
_VERSION: Final = version("shelfbeat")
_FORMAT: Final = 2
"""How an entry is written: another number, and those written otherwise are not found."""
_LEVEL: Final = 1
_REMEMBER: Final = (importlib.resources.files("scraping") / "lua" / "remember.lua").read_text()


class Known(msgspec.Struct, frozen=True, array_like=True):
    """A page as it was last seen."""

    etag: str | None
    last_modified: str | None
    row: Row

    def headers(self) -> Mapping[str, str]:
        """Return what asks the server whether the page has changed."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value}

    def unchanged(self, answer: Answer, item: ProductUrl) -> Row:
        """Return the product as it was, with the visit as it is now; its status says 304."""
        page = answer.page
        return msgspec.structs.replace(
            self.row,
            position=item.position,
            url=item.url,
            feed=item.feed,
            fetched_at=page.fetched_at,
            elapsed_ms=page.elapsed_ms,
            http_status=page.status,
        )


_decoder: Final = msgspec.msgpack.Decoder(Known)


class Seen:
    """The memory of one report's pages. Unreachable, it costs speed and nothing else."""

    def __init__(self, client: "Redis | None", report: Report) -> None:
        self._client = client if report.fetch.conditional else None
        self._report = report
        self._fresh: dict[str, bytes] = {}
        self._unchanged: list[str] = []
        self._recipe = _recipe(report)

    async def recall(self, urls: Sequence[ProductUrl]) -> dict[int, Known]:
        """Return what is known of a batch's URLs, by their index in it; in one call."""
        wanted = [index for index, item in enumerate(urls) if item.position < MOST_PAGES]
        if self._client is None or not wanted:
            return {}
        try:
            found = await self._client.mget([self._key(urls[index].url) for index in wanted])
        except RedisError as error:
            log.warning("seen_pages_unreachable", error=str(error))
            return {}
        return {
            index: _decoder.decode(isal_zlib.decompress(data))
            for index, data in zip(wanted, found, strict=True)
            if data is not None
        }

    def note(self, answer: Answer, row: Row, known: Known | None) -> None:
        """Remember a page that can be asked for conditionally."""
        if self._client is None or not row.is_product or row.position >= MOST_PAGES or answer.no_store:
            return
        etag, last_modified = answer.etag, answer.last_modified
        if row.http_status == 304 and known is not None:  # a 304 may leave out what has not changed
            etag, last_modified = etag or known.etag, last_modified or known.last_modified
            if (etag, last_modified) == (known.etag, known.last_modified):
                self._unchanged.append(self._key(row.url))
                return
        if etag or last_modified:
            data = isal_zlib.compress(msgspec.msgpack.encode(Known(etag, last_modified, row)), _LEVEL)
            if len(data) <= _LONGEST:
                self._fresh[self._key(row.url)] = data

    async def save(self) -> None:
        """Write what was noted, and keep what has not changed for as long again; in one call."""
        if self._client is None or not (self._fresh or self._unchanged):
            return
        keys = [*self._fresh, *self._unchanged]
        args: list[int | bytes] = [int(KEEP.total_seconds()), *self._fresh.values()]
        try:
            await self._client.register_script(_REMEMBER)(keys=keys, args=args)
        except RedisError as error:
            log.warning("seen_pages_unreachable", error=str(error))

    def _key(self, url: str) -> str:
        digest = hashlib.blake2b(url.encode("utf-8", "replace"), digest_size=12, key=self._recipe)
        return f"sb:cond:{self._report.job}:{digest.hexdigest()}"


def _recipe(report: Report) -> bytes:
    """Return a digest of all that decides how a page of this report is read."""
    read = report.model_dump_json(include={"sites", "columns", "gates"})
    return hashlib.blake2b(f"{_VERSION} {_FORMAT}\n{read}".encode(), digest_size=16).digest()
