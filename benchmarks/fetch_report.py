"""The report that the benchmarks run: default columns, nothing that holds it back."""

from jobs.definition import Fetch, Publish, Report
from jobs.url_sources import ListSource


def bench_report(concurrency: int) -> Report:
    """Return a report with the default columns that fetches as fast as it can."""
    return Report(
        job="bench",
        urls=(ListSource(list=("http://shop.example/",)),),
        publish=Publish(files=("jsonl",)),
        fetch=Fetch(concurrency=concurrency, per_host=512),
    )
