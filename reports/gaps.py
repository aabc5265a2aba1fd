"""Gaps: URLs of which a report cannot say what they sell, although another day it may."""

from reports.reasons import SETTLED
from reports.summary import Summary


def gaps(summary: Summary) -> int:
    """Return how many URLs are gaps: time-outs, refusals, consent walls, faults of ours and the like."""
    return sum(count for reason, count in summary.failures.items() if reason not in SETTLED)
