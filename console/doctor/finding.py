"""What the doctor found."""

from dataclasses import dataclass
from typing import Literal

Health = Literal["good", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    check: str
    health: Health
    found: str
    fix: str = ""
    """What to do; '' where nothing is to be done."""


def good(check: str, found: str) -> Finding:
    """Return a finding that is as it should be."""
    return Finding(check, "good", found)


def warning(check: str, found: str, fix: str) -> Finding:
    """Return a finding that will hurt some day."""
    return Finding(check, "warning", found, fix)


def problem(check: str, found: str, fix: str) -> Finding:
    """Return a finding that hurts now."""
    return Finding(check, "problem", found, fix)
