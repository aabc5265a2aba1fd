"""reduce_rows: every row there, once, in order? What changed, and how good is it? One pass, one window in memory."""

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec
import structlog

from reports.comparison import Comparison
from reports.gaps import gaps
from reports.planning import windows
from reports.quality import COMPARED_RUNS, Finding, Verdict, judge, verdict
from reports.snapshot import SnapshotWriter
from reports.summary import KEPT, Summary, Summing
from runs.ledger import UnknownRun
from runs.record import Run
from runs.store import RowsExpired, RunStore, pack_snapshot
from tasks.context import Context
from tasks.steps.compared import previous_snapshot, rows_in_order
from tasks.steps.step import Done, Superseded, Work, step

log = structlog.get_logger()


class Reduced(msgspec.Struct, frozen=True, kw_only=True):
    """What reduce_rows found; the step's result in the ledger."""

    summary: Summary
    findings: tuple[Finding, ...] = ()
    verdict: Verdict = "publish"
    gaps: int = 0


@step("reduce_rows", deadline_s=480)
def reduce_rows(work: Work) -> Done:
    """Check, compare and sum up the run's rows, and draw up what the next run is compared with."""
    here = work.context
    run = here.ledger.run(work.run_id)
    before = previous_snapshot(here, run)
    comparison, summing, writer = Comparison(before), Summing(), SnapshotWriter(before)
    for row in rows_in_order(here, run):
        writer.add(row)
        summing.add(comparison.row(row))
    if not here.ledger.save_snapshot(work.attempt, pack_snapshot(writer.to_bytes())):
        raise Superseded
    gone = comparison.gone_positions()
    summary = summing.result(len(gone), _urls_at(here, run, gone[:KEPT]))
    findings = judge(work.report.gates, summary, _earlier(here, run))
    found = Reduced(
        summary=summary,
        findings=tuple(findings),
        verdict=verdict(work.report.gates, findings),
        gaps=gaps(summary),
    )
    log.info("rows_reduced", urls=summary.urls, products=summary.products, gaps=found.gaps)
    return Done(msgspec.json.encode(found), {"edition": work.attempt.life})


def reduced(here: Context, run_id: str) -> Reduced | None:
    """Return what reduce_rows found; None while it is not done."""
    raw = here.ledger.result(run_id, "reduce_rows")
    return None if raw is None else msgspec.json.decode(raw, type=Reduced)


def reduced_before(here: Context, run: Run) -> Reduced | None:
    """Return what reduce_rows found for what the run is compared with; None for a first run."""
    before, edition = here.ledger.compared_with(run.id)
    try:
        raw = here.ledger.figures(before, edition) if before else None
    except UnknownRun:  # its snapshot is kept for longer than its records
        return None
    return None if raw is None else msgspec.json.decode(raw, type=Reduced)


def _earlier(here: Context, run: Run) -> list[Summary]:
    """Return the summaries of the last published runs before this one, the newest last."""
    found: list[Summary] = []
    for run_id in here.ledger.runs_of(run.job, 3 * COMPARED_RUNS):
        try:
            is_earlier = here.ledger.sequence(run_id) < run.sequence
        except UnknownRun:  # its records have expired, its id has not yet
            continue
        raw = here.ledger.published_figures(run_id) if is_earlier else None
        if raw is not None:
            found.append(msgspec.json.decode(raw, type=Reduced).summary)
        if len(found) == COMPARED_RUNS:
            break
    return found[::-1]


def _urls_at(here: Context, run: Run, positions: Sequence[int]) -> list[str]:
    """Return the URLs at these positions of the previous run's list; none when it has none or may have another."""
    previous, edition = here.ledger.compared_with(run.id)
    if not previous or not positions:
        return []
    try:
        before = here.ledger.run(previous)
        if not before.is_out or int(here.ledger.field(previous, "edition") or 0) != edition:  # done again
            return []
        named = _named(here.store(previous), before.batches or 0, set(positions))
        return list(islice(named, len(positions)))
    except (RowsExpired, LookupError):
        return []


def _named(store: RunStore, batches: int, positions: set[int]) -> Iterator[str]:
    """Yield the URLs at `positions`, in order, reading windows only as far as needed."""
    left = len(positions)
    for window in windows(batches):
        urls = [item for batch in window for item in store.urls(batch) if item.position in positions]
        for item in sorted(urls, key=lambda item: item.position):
            yield item.url
        left -= len(urls)
        if not left:
            return
