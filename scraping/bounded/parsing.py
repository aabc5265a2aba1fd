"""A page into its row, bounded: small pages here, under a stopwatch; the others in the helper process."""

from typing import Final

import msgspec

from jobs.definition import Report, SiteRules
from reports.columns import wanted
from reports.errors import PageError
from reports.failure import http_failure
from reports.hosts import host_of
from reports.row import ROW_FIELDS, ProductUrl, Row
from scraping.bounded.apart import Errand
from scraping.bounded.helper import Helper
from scraping.bounded.stopwatch import PAGE_CPU_S, OutOfTime, Stopwatch
from scraping.extraction import extract
from scraping.extraction.document.bounds import has_long_tag
from scraping.page import Page

HERE_BYTES: Final = 256 * 1024
"""Larger pages are read apart: of this size the worst page known takes 5 s of CPU, of twice the size 19 s."""
_TAG_BYTES: Final = 32 * 1024
"""Pages with this much between one `>` and the next are read apart: one tag may hold thousands of attributes."""
_READABLE: Final = frozenset(
    {"text/html", "application/xhtml+xml", "application/xml", "text/xml", "text/plain", ""}
)


def wanted_fields(report: Report) -> frozenset[str]:
    """Return the row fields to read from the report's pages: for its columns and gates; whole rows want all."""
    if "jsonl" in report.publish.files:
        return frozenset(ROW_FIELDS)
    return wanted(report.columns).union(report.gates.min_fields)


class Parsing:
    """How the pages of one report are read."""

    def __init__(self, report: Report, helper: Helper) -> None:
        self._sites = report.sites
        self._helper = helper
        self._wanted = wanted_fields(report)
        self.stopwatch = Stopwatch()

    async def row(self, page: Page, item: ProductUrl) -> Row:
        """Return the row of a page. Raises PageError `not_html`, or `parse` for a page that burns CPU."""
        if page.status != 200:
            if page.status < 400:
                raise PageError(http_failure(page.status), f"the server answered {page.status}")
            page = msgspec.structs.replace(page, body=b"")  # what the row says of it comes from its status
        kind = page.content_type.partition(";")[0].strip().lower()
        if page.status == 200 and kind not in _READABLE:
            raise PageError("not_html", f"the page is {kind[:80]}")
        rules = self._rules(page.url)
        if may_burn(page.body):
            told = rules.model_dump_json() if rules is not None else None
            return await self._helper.read(Errand(page, told, tuple(self._wanted), item.position, item.feed))
        try:
            with self.stopwatch:
                return extract(page, rules=rules, wanted=self._wanted, position=item.position, feed=item.feed)
        except OutOfTime:
            raise PageError("parse", f"reading the page took more than {PAGE_CPU_S:g} s of CPU") from None

    def _rules(self, url: str) -> SiteRules | None:
        if not self._sites:
            return None
        host = host_of(url)
        return self._sites.get(host) or self._sites.get(host.removeprefix("www."))


def may_burn(body: bytes) -> bool:
    """Return whether reading a page could hold C code for long."""
    return len(body) > HERE_BYTES or has_long_tag(body, _TAG_BYTES)
