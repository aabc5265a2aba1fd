"""The reports that the benchmarks run: default columns or those that markup answers, nothing that holds them back."""

from jobs.definition import Column, Fetch, Publish, Report
from jobs.url_sources import ListSource

MARKUP_COLUMNS = ("url", "name", "brand", "sku", "gtin", "price", "currency", "availability")
"""Columns that JSON-LD answers: the visible page, where list prices stand, need not be read for them."""


def bench_report(concurrency: int, columns: tuple[str, ...] | None = None) -> Report:
    """Return a report, with the default columns unless told otherwise, that fetches as fast as it can."""
    chosen = {} if columns is None else {"columns": tuple(Column(field=field) for field in columns)}
    return Report(
        job="bench",
        urls=(ListSource(list=("http://shop.example/",)),),
        publish=Publish(files=("csv",)),
        fetch=Fetch(concurrency=concurrency, per_host=512),
        **chosen,
    )
