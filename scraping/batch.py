"""A batch of URLs in, one row for each out.

    group by host -> each host's workers wait for its turn -> fetch (retried) -> extract -> row
                     the batch's deadline turns what is left into rows that say so

A page never raises: what goes wrong is its row (law 4).
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from jobs.definition import Report
from reports.errors import PageError
from reports.failure import http_failure
from reports.row import ProductUrl, Row
from scraping.extraction import extract
from scraping.fetcher import Answer, Fetcher
from scraping.limits import Limits
from scraping.retrying import backoff_s, can_pass
from scraping.urls import host_of

log = structlog.get_logger()


async def scrape(
    urls: Sequence[ProductUrl],
    fetcher: Fetcher,
    report: Report,
    *,
    deadline_s: float,
    on_row: Callable[[Row], None] | None = None,
) -> list[Row]:
    """Return one row per URL, in the order given. A page never raises; the deadline makes rows of the rest.

    `deadline_s` is seconds from now; `on_row` hears of each row as it is made.
    """
    batch = _Batch(fetcher, report, time.monotonic() + deadline_s, on_row)
    return await batch.run(urls)


class _Batch:
    def __init__(
        self, fetcher: Fetcher, report: Report, ends: float, on_row: Callable[[Row], None] | None
    ) -> None:
        self._fetcher = fetcher
        self._report = report
        self._limits = Limits.of(report.fetch)
        self._ends = ends
        self._on_row = on_row
        self._wanted = frozenset(column.field for column in report.columns)
        self._rows: dict[int, Row] = {}

    async def run(self, urls: Sequence[ProductUrl]) -> list[Row]:
        hosts: dict[str, deque[ProductUrl]] = {}
        for url in urls:
            hosts.setdefault(host_of(url.url), deque()).append(url)
        free = asyncio.Semaphore(self._report.fetch.concurrency)
        workers = [
            asyncio.ensure_future(self._work(queue, free))
            for host, queue in hosts.items()
            for _ in range(min(len(queue), self._report.fetch.per_host, self._report.fetch.concurrency))
        ]
        if workers:
            _, late = await asyncio.wait(workers, timeout=max(0.0, self._ends - time.monotonic()))
            for worker in late:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        for url in urls:
            if url.position not in self._rows:
                self._keep(_failed(url, PageError("timeout", "the batch's deadline came first")))
        return [self._rows[url.position] for url in urls]

    async def _work(self, queue: deque[ProductUrl], free: asyncio.Semaphore) -> None:
        while queue:
            async with free:
                if not queue:
                    return
                url = queue.popleft()
                self._keep(await self._row(url))

    async def _row(self, url: ProductUrl) -> Row:
        try:
            answer = await self._fetch(url)
            return self._extract(url, answer)
        except PageError as error:
            return _failed(url, error)
        except Exception as error:
            log.exception("page_failed_inside", url=url.url)
            return _failed(url, PageError("internal", f"{type(error).__name__}: {error}"[:300]))

    async def _fetch(self, url: ProductUrl) -> Answer:
        limits = self._limits
        ends = min(self._ends, time.monotonic() + limits.total_s)
        tries = 0
        while True:
            tries += 1
            wait_s = 0.0
            try:
                answer = await self._fetcher.visit(url.url, limits.at_most(ends - time.monotonic()))
                status = answer.page.status
                if status == 200:
                    return answer
                fault = PageError(http_failure(status), f"the server answered {status}")
                wait_s = answer.retry_after_s or 0.0
            except PageError as error:
                fault = error
            wait_s = max(wait_s, backoff_s(tries, random.random()))
            if tries > limits.retries or not can_pass(fault.failure) or time.monotonic() + wait_s >= ends:
                raise fault
            await asyncio.sleep(wait_s)

    def _extract(self, url: ProductUrl, answer: Answer) -> Row:
        page = answer.page
        kind = page.content_type.partition(";")[0].strip().lower()
        if kind and kind not in {
            "text/html",
            "application/xhtml+xml",
            "application/xml",
            "text/xml",
            "text/plain",
        }:
            raise PageError("not_html", f"the page is {kind[:80]}")
        rules = self._report.sites.get(host_of(url.url))
        return extract(page, rules=rules, wanted=self._wanted, position=url.position, feed=url.feed)

    def _keep(self, row: Row) -> None:
        self._rows[row.position] = row
        if self._on_row is not None:
            self._on_row(row)


def _failed(url: ProductUrl, error: PageError) -> Row:
    return Row(
        position=url.position,
        url=url.url,
        failure=error.failure,
        failure_detail=error.detail,
        feed=url.feed,
    )
