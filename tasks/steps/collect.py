"""collect_urls: from the definition's sources to distinct URLs in batches, stored window by window."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import structlog

from exporters.sheets.ranges import read_range
from jobs.secrets import resolve
from reports.hosts import host_of
from reports.planning import not_in_time, plan_batches
from runs.log import note
from scraping.http.addresses import parse_allowed
from scraping.sources.collect import Places, collect
from scraping.sources.distinct import Distinct
from scraping.sources.download import DownloadSettings
from scraping.sources.reader import SourceReader
from tasks.steps.child import user_agent
from tasks.steps.step import Done, Work, step
from tasks.steps.turns import time_left

log = structlog.get_logger()


@step("collect_urls", deadline_s=480)
def collect_urls(work: Work) -> Done:
    """Read every source and store its URLs in batches; memory holds one window and a digest of each URL."""
    settings = work.context.settings
    reader = SourceReader(
        DownloadSettings(
            user_agent=user_agent(settings),
            allow_private=parse_allowed(settings.allow_private_hosts),
            ports=frozenset(work.report.fetch.ports),
        )
    )
    seen = Distinct()
    urls = collect(
        work.report.urls,
        read=reader,
        read_sheet=lambda spreadsheet, a1: read_range(spreadsheet, a1, work.context.google),
        places=Places(
            Path(work.context.ledger.field(work.run_id, "base") or settings.jobs),
            lambda reference: resolve(reference, work.context.secrets),
        ),
        seen=seen,
    )
    batches = total = 0
    by_host = Counter[str]()
    for window in plan_batches(urls, work.report.fetch.urls_a_batch):
        work.store.put_urls(work.attempt.fence, enumerate(window, start=batches))
        batches += len(window)
        total += sum(len(batch) for batch in window)
        if (
            work.report.fetch.interval_s
        ):  # without a pace of its own no host is asked too slowly for the deadline
            by_host.update(host_of(item.url) for batch in window for item in batch)
    too_slow = _warn_of_time(work, by_host) if by_host else ""
    if seen.repeats:
        words = f"{seen.repeats:,} of {total + seen.repeats:,} URLs repeat others and were left out"
        note(work.context.redis, work.run_id, "repeats_left_out", step="collect_urls", detail=words)
    log.info("urls_collected", urls=total, repeats=seen.repeats, batches=batches)
    figures = {"urls": total, "repeats": seen.repeats, "batches": batches}
    return Done(fields={**figures, "url_edition": work.attempt.fence, "too_slow": too_slow})


def _warn_of_time(work: Work, urls_by_host: Mapping[str, int]) -> str:
    """Note in the run's log, and return, that the definition's own pace leaves URLs without their turn; '' if not."""
    left = time_left(work.context.ledger, work.run_id)
    words = not_in_time(urls_by_host, work.report.fetch.interval_s, left)
    if words:
        note(work.context.redis, work.run_id, "time_too_short", step="collect_urls", detail=words)
        log.warning("time_too_short", reason=words)
    return words
