"""Publish a report to a sheet: read, decide, write at once; after a lost answer look before writing again.

    read ──> same run there: done · later run there: StaleRun
     │
     ├─ small: one batch with typed cells
     └─ large: staging tab ── fill in chunks ── count ── one batch that copies it

Whatever happens in between, a reader sees the report of one run, whole. Nothing is ever resent blindly: an
answer that was lost leads back to the reading.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from secrets import randbelow
from typing import Final

import structlog

from exporters.errors import PublishRefused, StaleRun
from exporters.google.answers import AnswerLost, Rejected
from exporters.google.client import GoogleClient
from exporters.google.pace import Lease
from exporters.published import Published
from exporters.sheets import batches
from exporters.sheets.batches import Plan, Target
from exporters.sheets.grid import Place, a1_range, parse_cell
from exporters.sheets.layout import Request, layout_digest
from exporters.sheets.staging import chunks, missing, small
from exporters.sheets.state import FIELDS, STAGING_PREFIX, Mark, SheetState, look
from exporters.table import Table
from jobs.definition import SheetTarget
from reports.errors import Unavailable

log = structlog.get_logger()

_RANGES_A_READ: Final = 50


@dataclass(frozen=True)
class Patience:
    """How a publish sizes its requests and how long it goes on."""

    small_bytes: int = 1_900_000
    """A report of fewer bytes goes in one batch. Google advises 2 MB a request."""
    chunk_bytes: int = 1_900_000
    faults: int = 8
    """Lost or refused answers until it gives up and is tried again later."""
    pauses_s: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0)
    """Waits after the first, second, … fault; the last one repeats."""
    within_s: float = 400.0
    """After this long the next fault is the last: the step's own deadline must not cut a publish short."""


def always() -> None:
    """Nobody can end what is published here."""


def publish_to_sheet(  # noqa: PLR0913 - a publish needs all of them, by name
    table: Table,
    target: SheetTarget,
    *,
    job: str,
    run_id: str,
    sequence: int,
    life: int = 0,
    google: GoogleClient,
    patience: Patience | None = None,
    still_wanted: Callable[[], None] = always,
) -> Published:
    """Show the report in the target's tab and return where. A repeat for the same run changes nothing.

    `sequence` orders the runs of the `job`: a run never replaces one with a higher number, nor another job's.
    `life` counts how often a person has had this run done again: its rows may be others than in the life before.
    `still_wanted` is asked before each batch that readers see, and raises where the run was ended meanwhile. Raises
    StaleRun, SheetFull, NoAccess or PublishRefused when a person must act, Unavailable when it may work later; in
    either case what a reader sees is as before, or the whole new report.
    """
    with google.pace.writer(target.spreadsheet, run_id) as lease:
        publishing = _Publishing(
            table,
            target,
            job,
            run_id,
            sequence,
            life,
            google,
            patience or Patience(),
            lease,
            still_wanted,
            time.monotonic(),
        )
        return publishing.run()


def check_latest(state: SheetState, job: str, run_id: str, sequence: int) -> None:
    """Raise StaleRun when any tab of the job shows a later run: one run's tabs never stand beside another's."""
    newest = max(
        (mark for mark in state.marks if mark.job == job), key=lambda mark: mark.sequence, default=None
    )
    if newest is not None and newest.sequence > sequence:
        msg = f"The sheet already shows a later run ({newest.run}) than {run_id}"
        raise StaleRun(msg, "Nothing to do: the later report stays.")


class _StartOver(Exception):  # noqa: N818
    """The staging tab is not as we left it: read again and begin anew."""


@dataclass
class _Publishing:
    """One publish on its way. Only `faults` changes."""

    table: Table
    target: SheetTarget
    job: str
    run_id: str
    sequence: int
    life: int
    google: GoogleClient
    patience: Patience
    lease: Lease
    still_wanted: Callable[[], None]
    started: float
    faults: int = 0

    def run(self) -> Published:
        rejected = ""
        while True:
            try:
                state = self._read()
                done = self._decide(state)
                return done or self._write(state)
            except (AnswerLost, _StartOver) as fault:
                self._pause(fault)
            except Rejected as fault:
                # Once it is the compare-and-swap at work; the same sentence again and again is our mistake
                # or a protected range.
                if fault.detail == rejected and self.faults >= self.patience.faults // 2:
                    msg = f"Google rejects the report: {fault.detail}"
                    raise PublishRefused(
                        msg,
                        "Look for protected ranges and merged cells in the tab.",
                    ) from fault
                rejected = fault.detail
                self._pause(fault)

    def _pause(self, fault: Exception) -> None:
        self.faults += 1
        log.warning("sheet_request_failed", fault=str(fault), faults=self.faults, run=self.run_id)
        spent_s = time.monotonic() - self.started
        if self.faults >= self.patience.faults or spent_s > self.patience.within_s:
            raise Unavailable("Google Sheets", f"{self.faults} requests failed, the last: {fault}") from fault
        time.sleep(self.patience.pauses_s[min(self.faults, len(self.patience.pauses_s)) - 1])

    def _read(self) -> SheetState:
        self.lease.renew()
        return look(self.google.spreadsheet(self.target.spreadsheet, FIELDS), self.target.tab, self.job)

    def _decide(self, state: SheetState) -> Published | None:
        """Return what is there when it is this run's. Raises StaleRun for a later one's, PublishRefused for a job's."""
        mark = state.mark
        if mark is not None and mark.job != self.job:
            msg = f"The tab {self.target.tab} shows the report of the job {mark.job}"
            raise PublishRefused(
                msg, "Give each job a `tab` of its own; delete this one if that job is gone."
            )
        if mark is not None and mark.run == self.run_id and mark.life >= self.life:
            return self._published(state.url, state.live.id if state.live else 0, mark.rows)
        check_latest(state, self.job, self.run_id, self.sequence)
        return None

    def _published(self, url: str, tab: int, rows: int) -> Published:
        url = url or f"https://docs.google.com/spreadsheets/d/{self.target.spreadsheet}/edit"
        return Published(kind="sheet", link=f"{url}#gid={tab}", rows=rows)

    def _write(self, state: SheetState) -> Published:
        start = parse_cell(self.target.start)
        layout = layout_digest(self.table, start)
        plan = batches.make_plan(state, self.table, Target(self.target.tab, start), layout)
        batches.check_room([plan])
        dead = [tab.id for tab in state.leftovers]
        typed = small(self.table, self.patience.small_bytes)
        if typed is not None:
            self._publish(plan, typed.checksum, batches.typed_rows(plan, typed.rows), dead)
        else:
            staging_id, checksum = self._stage(plan)
            self._publish(plan, checksum, batches.pasted(plan, staging_id), [staging_id])
        log.info("sheet_published", run=self.run_id, rows=self.table.total, staged=typed is None)
        return self._published(state.url, plan.live_id, self.table.total)

    def _publish(self, plan: Plan, checksum: str, data: list[Request], leftovers: list[int]) -> None:
        mark = Mark(
            job=self.job,
            run=self.run_id,
            sequence=self.sequence,
            rows=self.table.total,
            columns=len(self.table.columns),
            checksum=checksum,
            tab=self.target.tab,
            start=self.target.start,
            generation=plan.generation_id,
            layout=plan.layout,
            life=self.life,
        )
        self.lease.renew()
        self.still_wanted()
        self.google.batch_update(
            self.target.spreadsheet, batches.publish_requests(plan, mark, data, leftovers)
        )

    def _stage(self, plan: Plan) -> tuple[int, str]:
        """Fill a staging tab of this attempt's own and return its id with the rows' checksum."""
        batches.check_room([plan], staged_rows=self.table.total)
        name = f"{randbelow(10**12):012d}"
        staging_id = batches.free_id(name, plan.state.ids | {plan.live_id, plan.generation_id})
        width = len(self.table.columns) + 1  # the last column numbers the rows
        self.google.batch_update(
            self.target.spreadsheet,
            batches.staging_requests(staging_id, name, self.table.total, width, plan.state.leftovers),
        )
        digest, edges = hashlib.sha256(), list[int]()
        for chunk in chunks(self.table, self.patience.chunk_bytes, digest):
            last = chunk.first + len(chunk.rows)
            place = a1_range(STAGING_PREFIX + name, Place(chunk.first, 0), Place(last - 1, width - 1))
            self._fill(staging_id, place, chunk.rows)
            edges += [chunk.first + 1, last]
        self._count(STAGING_PREFIX + name, width - 1, edges)
        return staging_id, digest.hexdigest()[:16]

    def _fill(self, staging_id: int, place: str, rows: list[bytes]) -> None:
        """Write one chunk. The place is absolute and the tab this attempt's own: twice is as good as once."""
        while True:
            self.lease.renew()
            try:
                self.google.write_raw(self.target.spreadsheet, place, rows)
            except AnswerLost as fault:
                self._pause(fault)
                state = self._read()
                if self._decide(state) or staging_id not in state.ids:
                    raise _StartOver("the staging tab is gone") from fault
            else:
                return

    def _count(self, tab: str, column: int, edges: list[int]) -> None:
        """Check that every chunk has arrived, by the row numbers at both its ends; start over otherwise."""
        if not edges or edges[-1] != self.table.total:
            message = f"the report has {edges[-1] if edges else 0} rows, not {self.table.total}"
            raise ValueError(message)
        for first in range(0, len(edges), _RANGES_A_READ):
            some = edges[first : first + _RANGES_A_READ]
            ranges = [a1_range(tab, Place(number - 1, column), Place(number - 1, column)) for number in some]
            lost = missing(self.google.values(self.target.spreadsheet, ranges), some)
            if lost:
                msg = f"rows {lost} did not arrive in the staging tab"
                raise _StartOver(msg)
