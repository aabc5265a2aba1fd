"""Gaps: URLs of which a report cannot say what they sell, although another day it may."""

from typing import Final

from reports.summary import Summary

_SETTLED: Final = frozenset(
    {
        "http_404",
        "http_410",
        "bad_url",
        "robots",
        "forbidden_host",
        "not_html",
        "not_found",
        "listing",
        "other",
    }
)
"""What is known of such a URL is all there is to know: it sells no product, or we may not look."""


def gaps(summary: Summary) -> int:
    """Return how many URLs are gaps: time-outs, refusals, consent walls, faults of ours and the like."""
    return sum(count for reason, count in summary.failures.items() if reason not in _SETTLED)
