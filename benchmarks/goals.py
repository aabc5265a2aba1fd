"""What the product must reach, beside what was measured: the last lines of `make bench`."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """One figure that was measured, and its bound."""

    what: str
    reached: float
    bound: float
    shown: str = ".2f"
    """Format of both figures."""
    at_least: bool = True
    """Whether more is better; otherwise `bound` is the most that is allowed."""

    @property
    def met(self) -> bool:
        """Whether the bound is kept."""
        return self.reached >= self.bound if self.at_least else self.reached <= self.bound


def print_goals(goals: Sequence[Goal]) -> None:
    """Print each goal with PASS or FAIL."""
    print(f"\n{'Goal':66}{'reached':>10}{'bound':>10}")
    for goal in goals:
        bound = f"{'≥' if goal.at_least else '≤'} {goal.bound:{goal.shown}}"
        print(
            f"{goal.what:66}{goal.reached:>10{goal.shown}}{bound:>10}  {'PASS' if goal.met else 'FAIL'}",
            flush=True,
        )
