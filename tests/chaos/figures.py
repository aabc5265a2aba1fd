"""Figures for people: printed as they are found, and gathered by `tests.chaos.proof` into its summary."""

import sys
from typing import Final

MARK: Final = "» "


def say(line: str) -> None:
    """Print a figure at once."""
    sys.stdout.write(f"{MARK}{line}\n")
    sys.stdout.flush()
