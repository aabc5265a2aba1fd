"""An hour, a real one, in which Google Sheets is down and the mail server takes nothing. Part of `make chaos`."""

import time
from pathlib import Path

import pytest

from runs.deliveries import Deliveries
from tests.chaos.figures import say
from tests.chaos.verdict import judge
from tests.chaos.world import running, wait_until, world
from tests.support.sheets_api import Fault

HOUR_S = 3_600


@pytest.mark.timeout(HOUR_S + 1_200)
def test_an_hour_without_sheets_and_without_mail_costs_patience_only(tmp_path: Path) -> None:
    with world(tmp_path / "world", workers=1) as made:
        made.google.chooses = lambda _method, _path: Fault("503")
        made.mail.keeper.data_answer = "451 try later"
        made.write_jobs(2, sheets=1, deadline="3h")
        with running(made), made.client() as client:
            wait_until(lambda: len(made.runs()) == 2 and any(run.hindered for run in made.runs()))
            time.sleep(HOUR_S)
            assert not any(run.ended for run in made.runs())
            tries = [{step.name: step.attempts for step in run.steps} for run in made.runs()]
            asked = [Deliveries(client, run.id).records() for run in made.runs()]
            made.google.chooses, back = None, time.monotonic()
            wait_until(lambda: all(run.next_step() == "write_message" for run in made.runs()), 120)
            sheet_s = time.monotonic() - back
            made.mail.keeper.data_answer, back = "250 taken", time.monotonic()
            assert made.wait_for_ends(400)
            mail_s = time.monotonic() - back
            verdict = judge(made)
    mails = max(records["result:0"].attempts for records in asked if records)
    say(
        f"an hour without Sheets and mail: write_to_sheet tried {tries[0]['write_to_sheet']} times, a letter {mails} "
        f"times; the sheet was there {sheet_s:.0f} s after Google, the letters {mail_s:.0f} s after the mail server; "
        f"{len(verdict.violations)} violations"
    )
    assert verdict.violations == []
    assert (tries[0]["write_to_sheet"] <= 80, mails <= 40) == (True, True), "asked ever more rarely"
    assert (sheet_s < 90, mail_s < 330) == (True, True)
