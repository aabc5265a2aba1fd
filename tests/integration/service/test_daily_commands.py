"""Variables and the catalogue from the command line, in this process: what is printed, and the exit codes."""

from pathlib import Path
from time import process_time

import pytest
from redis import Redis
from typer.testing import CliRunner

from console import backfill
from console.app import command
from tasks import start
from tests.integration.conftest import Run


def test_a_variable_is_held_to_its_type_and_to_the_definitions_that_use_it(run: Run) -> None:
    assert "there is no Variable NIGHTLY" in run("jobs", "check", code=2)
    assert "five fields" in run("variables", "set", "NIGHTLY", "soon", "--type", "cron", code=2)
    assert "one of text" in run("variables", "set", "NIGHTLY", "1", "--type", "crone", code=2)
    assert "a name of capital letters" in run("variables", "set", "nightly", "1", code=2)
    assert run("variables", "set", "NIGHTLY", "0 6 * * *", "--type", "cron")["used_by"] == ["daily"]
    assert run("jobs", "check") == {"jobs": ["daily"], "mistakes": [], "warnings": []}
    broken = run("variables", "set", "NIGHTLY", "0 99", "--type", "text", code=2)
    assert "break definitions" in broken
    assert "daily.yaml:4: schedule: a cron expression" in broken
    assert run("variables", "get", "NIGHTLY")["value"] == "0 6 * * *"
    assert "break definitions" in run("variables", "unset", "NIGHTLY", code=2)
    gone = run("variables", "unset", "NIGHTLY", "--force")
    assert gone["to"] is None
    assert "there is no Variable NIGHTLY" in gone["broken"][0]
    assert "no Variable 'NIGHTLY'" in run("variables", "get", "NIGHTLY", code=2)
    assert [one["to"] for one in run("variables", "log")] == [None, "0 6 * * *"]
    assert run("variables", "set", "NIGHTLY", "0 6 * * *", "--type", "cron")["broken"] == []
    said = run("variables", "unset", "NIGHTLY", "--force", raw=True)
    assert "NIGHTLY is gone (was 0 6 * * *) this breaks definitions" in said
    assert "daily.yaml:4: schedule" in said


def test_export_and_import_give_the_same_variables(run: Run, tmp_path: Path) -> None:
    run("variables", "set", "NIGHTLY", "0 6 * * *", "--type", "cron", "--description", "after imports")
    run("variables", "set", "SHOP", "shop.example")
    file = tmp_path / "all.yaml"
    run("variables", "export", str(file), raw=True)
    assert run("variables", "import", str(file)) == []
    run("variables", "set", "SHOP", "other.example")
    (change,) = run("variables", "import", "-", stdin=file.read_text())
    assert (change["name"], change["from"], change["to"]) == ("SHOP", "other.example", "shop.example")
    said = run("variables", "import", "-", stdin="SHOP: {value: shop.example, description: ours}", raw=True)
    assert said == "0 of 1 value changed; type or description of 1 more"
    assert [one["type"] for one in run("variables", "list")] == ["cron", "text"]
    assert "a key of a Variable" in run("variables", "import", "-", stdin="A: {val: 1}", code=2)


def test_an_export_of_no_variables_is_an_empty_file_of_them(run: Run, tmp_path: Path) -> None:
    done = CliRunner().invoke(command("variables"), ["variables", "export"])
    assert (done.stdout, done.stderr.startswith("No Variable is set")) == ("", True)
    file = tmp_path / "all.yaml"
    file.write_text("SHOP: of before")
    run("variables", "export", str(file), raw=True)
    assert run("variables", "import", str(file)) == []


def test_variables_of_a_file_serve_where_there_is_no_redis(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "variables.yaml"
    file.write_text('NIGHTLY: "0 6 * * *"\n')
    assert run("jobs", "check", "--variables", str(file))["jobs"] == ["daily"]


def test_what_is_hardly_meant_is_a_warning_and_no_mistake(run: Run, jobs: Path) -> None:
    (jobs / "daily.yaml").unlink()
    (jobs / "self-test.yaml").write_text(
        "job: self-test\nurls: [{sitemap: shop.example/sitemap.xml}]\npublish: {files: [csv]}\n"
    )
    told = run("jobs", "check")["warnings"]
    assert {(one["key"], one["line"] > 0) for one in told} == {("job", True), ("urls.0.sitemap", True)}
    said = run("jobs", "check", raw=True)
    assert "warning: urls.0.sitemap: no such file here" in said
    assert "an address begins with http://" in said


def test_a_pace_that_the_deadline_does_not_allow_is_a_warning(run: Run, jobs: Path) -> None:
    urls = ", ".join(f"https://shop.example/{number}" for number in range(300))
    text = (
        f"job: daily\nurls: [{{list: [{urls}]}}]\nfetch: {{rate: 0.5}}\npublish: {{files: [csv]}}\ndeadline: "
    )
    (jobs / "daily.yaml").write_text(text + "1m")
    (told,) = run("jobs", "check")["warnings"]
    assert (told["key"], told["line"]) == ("fetch.rate", 3)
    assert told["allowed"].startswith(
        "300 URLs of shop.example, one every 2 s, take 10 min; fetching has 30 s"
    )
    (jobs / "daily.yaml").write_text(text + "12m")
    assert run("jobs", "check")["warnings"] == []


def test_a_shown_definition_is_a_file_that_says_the_same(run: Run, jobs: Path) -> None:
    run("variables", "set", "NIGHTLY", "0 6 * * *", "--type", "cron")
    shown = run("jobs", "show", "daily")
    done = CliRunner().invoke(command("jobs"), ["jobs", "show", "daily"])
    (jobs / "daily.yaml").write_text(done.stdout)
    assert run("jobs", "show", "daily") == shown


def test_the_list_of_jobs_fits_120_columns(run: Run, jobs: Path) -> None:
    (jobs / "daily.yaml").write_text(
        "job: a-shop-with-rather-a-long-name-daily\ncustomer: A customer of many words and of one more\n"
        "description: Prices and stock of all products that it sells, every morning\ntimezone: America/New_York\n"
        "schedule: '0 6 * * 1-5'\nurls: [{list: ['https://shop.example/']}]\npublish: {files: [csv]}\n"
    )
    for why in ("", "the shop moves to another platform and comes back in the spring of next year"):
        listed = CliRunner().invoke(command("jobs"), ["jobs", "list"])
        assert "a-shop-with-rather-a-long-name-daily" in listed.stdout
        assert max(map(len, listed.stdout.splitlines())) <= 120
        run("jobs", "pause", "a-shop-with-rather-a-long-name-daily", "--why", why)


def test_pause_resume_and_what_comes_next(run: Run) -> None:
    run("variables", "set", "NIGHTLY", "0 6 * * *", "--type", "cron")
    upcoming = run("jobs", "next", "daily", "-n", "2")
    assert [one["local"][11:16] for one in upcoming] == ["06:00", "06:00"]
    assert run("jobs", "pause", "daily", "--why", "holidays")["paused"]["why"] == "holidays"
    (listed,) = [one for one in run("jobs", "list") if one["job"] == "daily"]
    assert (listed["paused"]["why"], listed["next"]) == ("holidays", upcoming[0]["due_at"])
    assert run("jobs", "next", "daily", "-n", "1")[0]["paused"] is True
    assert run("jobs", "resume", "daily")["next"] == upcoming[0]["due_at"]
    assert "not paused" in run("jobs", "resume", "daily", code=1)
    assert "no job 'nobody'" in run("jobs", "pause", "nobody", code=2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("backfill", "daily", "--from", "yesterday", "--to", "2026-01-02"),
            "--from: a day such as 2026-12-31",
        ),
        (("backfill", "daily", "--from", "2026-01-01", "--to", "2026-12-31"), "more than --at-most 100"),
        (
            ("backfill", "daily", "--from", "2026-01-02", "--to", "2026-01-01"),
            "--to 2026-01-01 is before --from 2026-01-02",
        ),
        (("backfill", "daily", "--from", "2126-01-01", "--to", "2126-01-02"), "is still to come"),
        (("backfill", "clean", "--from", "2026-01-01", "--to", "2026-01-02"), "no job 'clean'"),
        (("jobs", "trigger", "daily", "--set", "fetch.batch_size"), "--set: KEY=VALUE"),
        (("jobs", "trigger", "daily", "--set", "fetch.batch_size=0"), "fetch.batch_size: at least 1"),
        (("runs", "release", "nothing"), "no run 'nothing'"),
        (("runs", "rerun", "nothing"), "give one of --from STEP and --failed-urls"),
    ],
)
def test_wrong_usage_says_what_is_right(run: Run, arguments: tuple[str, ...], said: str) -> None:
    run("variables", "set", "NIGHTLY", "0 6 * * *", "--type", "cron")
    assert said in run(*arguments, code=2)


def test_a_backfill_says_of_what_another_started_meanwhile_that_it_has_its_run(
    run: Run, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("variables", "set", "NIGHTLY", "0 6 * * *", "--type", "cron")
    monkeypatch.setattr(start, "enqueue", lambda *_: None)
    days = ("backfill", "daily", "--from", "2026-03-01", "--to", "2026-03-02")
    assert run(*days[:4], "--to", "2026-03-01")["started"] == ["daily-20260301T050000Z"]
    monkeypatch.setattr(backfill, "is_open", lambda *_: True)  # as it was when the command looked
    said = run(*days, raw=True)
    assert "2026-03-01 06:00 has its run daily-20260301T050000Z" in said
    assert "2026-03-02 06:00 started daily-20260302T050000Z" in said
    assert run(*days)["started"] == []


def test_a_backfill_of_too_long_a_period_is_refused_before_its_due_times_are_listed(run: Run) -> None:
    run("variables", "set", "NIGHTLY", "*/5 * * * *", "--type", "cron")
    began = process_time()
    said = run("backfill", "daily", "--from", "2000-01-01", "--to", "2026-01-01", code=2)
    assert "more than --at-most 100 due times" in said
    assert process_time() - began < 5  # all 2.7 million of them take a minute


def test_every_command_explains_itself(run: Run) -> None:
    for name in ("jobs", "runs", "variables", "secrets", "notify"):
        listed = run(name, "--help", raw=True)
        assert "Commands" in listed
    for line in (("runs", "rerun"), ("backfill",), ("doctor",), ("variables", "set"), ("jobs", "trigger")):
        assert "--json" in run(*line, "--help", raw=True)
