"""Half a minute of `make chaos`: a few reports under random faults, every promise checked."""

from pathlib import Path

import pytest

from tests.chaos.__main__ import ordeal
from tests.chaos.kills import kill_at


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_every_due_report_is_delivered_whole_and_once_while_machines_die(tmp_path: Path) -> None:
    verdict, faults = ordeal(tmp_path / "world", 3, jobs=6, sheets=1, fault_s=12, patience_s=200)
    assert verdict.violations == [], faults
    assert (verdict.delivered, verdict.rows) == (6, 6 * 24)


@pytest.mark.fleet
@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_a_death_at_any_transition_is_found_and_the_run_goes_on(tmp_path: Path) -> None:
    points = ("after_claim", "body", "after_batch", "before_sheet", "after_intent", "before_confirm")
    for point, found in kill_at(tmp_path / "world", points, 1, 200).items():
        assert found.violations == [], point
        assert found.deaths == 1, point
        assert all(seconds < 60 for seconds in found.gone_on_after_s), point
