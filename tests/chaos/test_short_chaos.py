"""Half a minute of `make chaos`: a few reports under random faults, every promise checked."""

from pathlib import Path

import pytest

from tests.chaos.__main__ import ordeal


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_every_due_report_is_delivered_whole_and_once_while_machines_die(tmp_path: Path) -> None:
    verdict, faults = ordeal(tmp_path / "world", 3, jobs=6, sheets=1, fault_s=12, patience_s=200)
    assert verdict.violations == [], faults
    assert (verdict.delivered, verdict.rows) == (6, 6 * 24)
