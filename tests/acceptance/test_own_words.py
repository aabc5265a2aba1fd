"""A report told in its job's own words; and one whose words fail: people get it all the same, operators hear why."""

import time
from pathlib import Path

from console.demo.shop import DemoShop
from tests.acceptance.conftest import Services, json_of, shelfbeat
from tests.support.receivers import Hook


def test_a_job_tells_its_report_itself_and_a_template_that_fails_loses_no_message(
    shop: DemoShop, services: Services, tmp_path: Path
) -> None:
    with Hook(200) as team, Hook(200) as ops:
        services.env |= {"SHELFBEAT_OPERATORS": ops.address(), "TEAM_HOOK": team.address()}
        (tmp_path / "jobs.d" / "words.txt.j2").write_text("Moin! {{ summary.products }} Produkte\n")
        (tmp_path / "jobs.d" / "kettles.yaml").write_text(
            f"job: kettles\nurls: [{{list: ['{shop.urls()[0]}']}}]\npublish: {{files: [csv]}}\n"
            "notify: ['secret:TEAM_HOOK']\nmessage:\n  subject: Kessel\n  text: {file: words.txt.j2}\n"
        )
        services.worker()
        run = json_of(shelfbeat("jobs", "trigger", "kettles", "--json", env=services.env))["run"]
        services.wait_for_end(run)
        assert [(body["title"], body["message"].strip()) for body in team.bodies] == [
            ("Kessel", "Moin! 1 Produkte")
        ]

        # A value for one run alone is not tried out, so what is wrong with it shows when the run needs it.
        wrong = "message.text=Moin {{ 1 / (summary.products - 1) }}"
        run = json_of(shelfbeat("jobs", "trigger", "kettles", "--set", wrong, "--json", env=services.env))[
            "run"
        ]
        view = services.wait_for_end(run)
        assert view["state"] == "published"
        assert str(team.bodies[1]["title"]).startswith("kettles: products from 1 of 1 URL")
        (event,) = [one for one in view["events"] if one["event"] == "template_unused"]
        assert event["detail"] == "message.text, line 1: ZeroDivisionError: division by zero"
        ends = time.monotonic() + 10
        while not ops.bodies and time.monotonic() < ends:
            time.sleep(0.1)
        (told,) = ops.bodies
        assert told["title"] == "Shelfbeat: the template of kettles cannot be used"
        assert "division by zero" in str(told["message"])

        (tmp_path / "jobs.d" / "words.txt.j2").write_text("Moin!\n{{ summary.produkte }}\n")
        checked = shelfbeat("jobs", "check", env=services.env)
        assert checked.returncode == 2
        assert (
            "words.txt.j2:2: message.text: a template that works; Summary has no attribute" in checked.stdout
        )
