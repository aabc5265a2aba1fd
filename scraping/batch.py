"""A batch of URLs in, one row for each out.

    by host ── robots.txt ── share of connections ── turn ── visit (retried) ── extract ── row
                 the batch's deadline turns what is left into rows that say so

A page never raises: what goes wrong is its row (law 4).
"""

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Final

import structlog

from jobs.definition import Report
from reports.errors import PageError, Unavailable
from reports.failure import http_failure
from reports.row import ProductUrl, Row
from scraping.bounded.parsing import Parsing
from scraping.fetcher import Fetcher
from scraping.limits import Limits
from scraping.pacing.host_gate import NOT_ASKED, HostGate, Job
from scraping.pacing.retrying import PASSING_STATUS, backoff_s, can_pass
from scraping.pacing.robots import Rules
from scraping.pacing.rules import HostAsk, HostShare
from scraping.page import Answer
from scraping.seen import Known, Seen
from scraping.urls import parse_target

log = structlog.get_logger()

_RENEW_S: Final = 2.0
_ASK_AGAIN_S: Final = 0.2
_MAKE_WAY_S: Final = 0.5
_CANCEL_AGAIN_S: Final = 0.5
_LATE: Final = "the batch's deadline came first"
GiveWay = Callable[[], Awaitable[bool]]
_NO_ANSWER: Final = frozenset({"connect", "timeout", "dns", "tls", "http_502", "http_503", "http_504"})


async def scrape(  # noqa: PLR0913 - the bounds are named at every call
    urls: Sequence[ProductUrl],
    fetcher: Fetcher,
    report: Report,
    *,
    deadline_s: float,
    patience_s: float | None = None,
    give_way: GiveWay | None = None,
    on_row: Callable[[Row], None] | None = None,
) -> list[Row]:
    """Return one row per URL, in the order given. A page never raises; the deadline makes rows of the rest.

    `deadline_s` is seconds from now. `patience_s`: how long the batch may go on while all that is left waits for
    hosts that set their own pace; default: to the deadline. `give_way` is asked twice a second whether the batch
    should end early for the sake of others. What was then not asked says so (`was_not_asked`).
    `on_row` hears of each row as it is made. Raises Unavailable when the fleet's pace cannot be asked.
    """
    batch = _Batch(urls, fetcher, report, deadline_s, on_row)
    if give_way is not None:
        batch.give_way = give_way
    return await batch.run(deadline_s if patience_s is None else patience_s)


def was_not_asked(row: Row) -> bool:
    """Return whether a row's URL was left for a later turn, so that asking then may well give a page."""
    return row.failure == NOT_ASKED and not was_cut_short(row)


def was_cut_short(row: Row) -> bool:
    """Return whether the batch's deadline came before the row's page did."""
    return row.failure_detail == _LATE


async def _never() -> bool:
    return False


async def end_all(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Cancel tasks until each has ended: a client may take a cancellation for a fault of its own and go on."""
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_CANCEL_AGAIN_S)
    await asyncio.gather(*tasks, return_exceptions=True)


class _Batch:
    def __init__(
        self,
        urls: Sequence[ProductUrl],
        fetcher: Fetcher,
        report: Report,
        deadline_s: float,
        on_row: Callable[[Row], None] | None,
    ) -> None:
        self._urls = urls
        self._fetcher = fetcher
        self._report = report
        self._limits = Limits.of(report.fetch)
        self._ends = time.monotonic() + deadline_s
        self._on_row = on_row
        self.give_way: GiveWay = _never
        self._rows: list[Row | None] = [None] * len(urls)
        self._parsing = Parsing(report, fetcher.helper)
        self._free: asyncio.Semaphore | None = asyncio.Semaphore(report.fetch.concurrency)
        self._gates: dict[str, HostGate] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._token = uuid.uuid4().hex
        self._seen = Seen(fetcher.pace.client, report)
        self._known: dict[int, Known] = {}
        self._asked: set[int] = set()

    async def run(self, patience_s: float) -> list[Row]:
        self._sort()
        gates = list(self._gates.values())
        if len(gates) == 1:  # its share of connections is bound enough
            self._free = None
        if gates:
            self._known = await self._seen.recall(self._urls)
            self._parsing.stopwatch.start()
            for gate, share in zip(gates, await self._pace_enter(gates), strict=True):
                gate.heed(share)
            try:
                await self._visit_all(gates, patience_s)
            finally:
                self._parsing.stopwatch.stop()
                await self._leave()
            await self._seen.save()
        for index, row in enumerate(self._rows):
            if row is None:
                late = PageError("timeout" if index in self._asked else NOT_ASKED, _LATE)
                self._keep(index, self._failed(index, late))
        return [row for row in self._rows if row is not None]

    def _sort(self) -> None:
        """Put each URL into the queue of its host; what is no URL becomes its row."""
        fetch = self._report.fetch
        for index, item in enumerate(self._urls):
            try:
                target = parse_target(item.url)
            except PageError as error:
                self._keep(index, self._failed(index, error))
                continue
            gate = self._gates.get(target.host)
            if gate is None:
                ask = HostAsk(target.host, fetch.concurrency, fetch.per_host, fetch.interval_s)
                gate = HostGate(target.host, self._fetcher.pace, ask, self._ends)
                self._gates[target.host] = gate
            gate.queue.append((index, target))

    async def _visit_all(self, gates: list[HostGate], patience_s: float) -> None:
        for gate in gates:
            self._start(self._open(gate))
        beside = [
            asyncio.ensure_future(work) for work in (self._keep_shares(patience_s), self._make_way(gates))
        ]
        try:
            while (left_s := self._ends - time.monotonic()) > 0:
                if self._tasks:
                    await asyncio.wait(self._tasks, timeout=left_s)
                elif any(gate.queue for gate in gates):
                    await asyncio.sleep(min(left_s, _ASK_AGAIN_S))  # no connection is ours yet
                else:
                    break
        finally:
            await end_all([*beside, *self._tasks])

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _open(self, gate: HostGate) -> None:
        """Read the host's robots.txt where it is to be obeyed, then send the workers."""
        if self._report.fetch.robots == "obey":
            await self._obey(gate)
        gate.opened = True
        self._staff(gate)

    async def _obey(self, gate: HostGate) -> None:
        known: dict[tuple[str, str, int], Rules] = {}
        for target in {target.origin: target for _, target in gate.queue}.values():
            rules = known[target.origin] = await self._fetcher.robots.rules(target, self._limits)
            gate.no_faster_than(rules.delay_s)
        jobs = list(gate.queue)
        gate.queue.clear()
        for index, target in jobs:
            refusal = known[target.origin].refusal(target)
            if refusal is None:
                gate.queue.append((index, target))
            else:
                self._keep(index, self._failed(index, refusal))

    def _staff(self, gate: HostGate) -> None:
        """Start as many workers as the host has connections for; none that asks before robots.txt was read."""
        if not gate.opened and not gate.closed:
            return
        while gate.workers < min(gate.share or bool(gate.closed), len(gate.queue)):
            gate.workers += 1
            self._start(self._work(gate))

    async def _work(self, gate: HostGate) -> None:
        try:
            while gate.queue and (gate.workers <= gate.share or gate.closed):
                index, target = gate.queue.popleft()
                self._keep(index, await self._row(gate, (index, target)))
        finally:
            gate.workers -= 1

    async def _row(self, gate: HostGate, job: Job) -> Row:
        index = job[0]
        try:
            answer = await self._fetch(gate, job)
            item, known = self._urls[index], self._known.get(index)
            if known is not None and answer.page.status == 304:
                row = known.unchanged(answer, item)
            else:
                row = await self._parsing.row(answer.page, item)
            self._seen.note(answer, row, known)
            return row
        except PageError as error:
            return self._failed(index, error)
        except Exception as error:
            log.exception("page_failed_inside", url=self._urls[index].url)
            return self._failed(index, PageError("internal", f"{type(error).__name__}: {error}"[:300]))

    async def _fetch(self, gate: HostGate, job: Job) -> Answer:
        """Return the last answer, after asking again where that may help. Raises PageError for none."""
        limits = self._limits
        answer: Answer | None = None
        fault: PageError | None = None
        ends = 0.0
        tries = 0
        while True:
            if not gate.free:
                await gate.turn()
            now = time.monotonic()
            ends = ends or min(self._ends, now + limits.total_s)
            if not tries or now < ends:  # the host may have made the page wait for longer than it has
                tries += 1
                answer, fault = await self._try(gate, job, ends)
                if answer is not None and fault is None:
                    return answer
            wait_s = backoff_s(tries, random.random())
            again = fault is not None and can_pass(fault.failure) and tries <= limits.retries
            if not again or time.monotonic() + wait_s >= ends:
                if answer is None:
                    raise fault or PageError("internal", "neither an answer nor a reason")
                return answer
            await gate.pause(wait_s)

    async def _try(self, gate: HostGate, job: Job, ends: float) -> tuple[Answer | None, PageError | None]:
        """Ask once and tell the host's gate how that went; return what came, and what is wrong with it."""
        answer = None
        if self._free is not None:
            await self._free.acquire()
        gate.in_flight += 1
        self._asked.add(job[0])
        sent = time.monotonic()
        try:
            known = self._known.get(job[0])
            headers = known.headers() if known else None
            answer = await self._fetcher.visit(job[1], self._limits, headers, ends=ends)
        except PageError as error:
            fault = error
        finally:
            gate.in_flight -= 1
            if self._free is not None:
                self._free.release()
        if answer is not None:
            status = answer.page.status
            if status not in PASSING_STATUS:
                gate.answered(sent)
                if gate.failing:
                    await gate.recovered()
                return answer, None
            if status in {429, 503}:
                await gate.refused(answer.retry_after_s, sent)
            fault = PageError(http_failure(status), f"the server answered {status}")
        if fault.failure in _NO_ANSWER:
            await gate.failed()
        return answer, fault

    async def _keep_shares(self, patience_s: float) -> None:
        """Renew the batch's shares while it lasts; end it when all that is left waits for its host."""
        waiting_since: float | None = None
        while True:
            active = [gate for gate in self._gates.values() if gate.queue or gate.workers]
            await asyncio.sleep(_RENEW_S if all(gate.share for gate in active) else _ASK_AGAIN_S)
            active = [gate for gate in self._gates.values() if gate.queue or gate.workers]
            if not active:
                continue
            try:
                shares = await self._pace_enter(active)
            except Unavailable as error:
                log.warning("pace_unreachable", error=str(error))  # the shares at hand stay as they are
                continue
            for gate, share in zip(active, shares, strict=True):
                gate.heed(share)
                self._staff(gate)
            now = time.monotonic()
            if not all(gate.slow for gate in active):
                waiting_since = None
            elif waiting_since is None:
                waiting_since = now
            elif now - waiting_since >= patience_s:
                self._give_up(active, "the host's own pace leaves it for later")

    async def _make_way(self, gates: Sequence[HostGate]) -> None:
        """End the batch as soon as others need its place."""
        while not await self.give_way():
            await asyncio.sleep(_MAKE_WAY_S)
        self._give_up(gates, "others went before it")

    def _give_up(self, gates: Sequence[HostGate], why: str) -> None:
        for gate in gates:
            gate.give_up(why)
            self._staff(gate)

    async def _leave(self) -> None:
        try:
            await self._fetcher.pace.leave(self._token, list(self._gates))
        except Unavailable as error:  # the shares run out by themselves; the rows must not be lost for them
            log.warning("pace_unreachable", error=str(error))

    async def _pace_enter(self, gates: list[HostGate]) -> list[HostShare]:
        return await self._fetcher.pace.enter(self._token, [gate.ask() for gate in gates])

    def _failed(self, index: int, error: PageError) -> Row:
        item = self._urls[index]
        return Row(
            position=item.position,
            url=item.url,
            failure=error.failure,
            failure_detail=error.detail,
            feed=item.feed,
        )

    def _keep(self, index: int, row: Row) -> None:
        self._rows[index] = row
        if self._on_row is not None:
            self._on_row(row)
