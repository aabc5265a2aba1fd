import random
from datetime import UTC, date, datetime, time, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.definition import Report
from jobs.schedule import decide, due_times, next_due, upcoming

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def job(schedule: str | None, timezone: str = "Europe/Berlin", **keys: object) -> Report:
    return Report.model_validate(
        {
            "job": "a",
            "schedule": schedule,
            "timezone": timezone,
            "urls": [{"list": ["https://shop.example/a"]}],
            "publish": {"files": ["csv"]},
            **keys,
        }
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(report: Report, first: str, last: str) -> list[str]:
    """Return the due times of whole local days, as the wall clock shows them."""
    begin = datetime.fromisoformat(first).replace(tzinfo=report.zone)
    end = datetime.fromisoformat(last).replace(tzinfo=report.zone) + DAY
    found = due_times(report, begin - timedelta(seconds=1), end - timedelta(seconds=1))
    return [at.astimezone(report.zone).strftime("%d %H:%M%z") for at in found]


def test_a_job_comes_due_at_the_time_of_its_zone() -> None:
    assert due_times(job("0 6 * * *"), utc("2026-07-01T00:00"), utc("2026-07-02T12:00")) == [
        utc("2026-07-01T04:00"),
        utc("2026-07-02T04:00"),
    ]


def test_the_window_leaves_out_its_begin_and_holds_its_end() -> None:
    report = job("0 6 * * *", "UTC")
    assert due_times(report, utc("2026-07-01T06:00"), utc("2026-07-02T06:00")) == [utc("2026-07-02T06:00")]


@pytest.mark.parametrize("cron", ["30 2 * * *", "0-59/30 2 * * *", "*/30 2 * * *"])
def test_a_time_in_the_skipped_hour_comes_due_once(cron: str) -> None:
    assert local(job(cron), "2026-03-29", "2026-03-29") == ["29 03:00+0200"]


@pytest.mark.parametrize("cron", ["30 2 * * *", "30 2-2 * * *"])
def test_a_time_in_the_repeated_hour_comes_due_once(cron: str) -> None:
    assert local(job(cron), "2026-10-25", "2026-10-25") == ["25 02:30+0200"]


def test_every_second_hour_follows_both_rules() -> None:
    report = job("0 */2 * * *")
    assert local(report, "2026-03-29", "2026-03-29")[:3] == [
        "29 00:00+0100",
        "29 03:00+0200",
        "29 04:00+0200",
    ]
    assert local(report, "2026-10-25", "2026-10-25")[:3] == [
        "25 00:00+0200",
        "25 02:00+0200",
        "25 04:00+0100",
    ]


def test_every_hour_goes_by_real_hours() -> None:
    assert len(local(job("30 * * * *"), "2026-03-29", "2026-03-29")) == 23
    assert len(local(job("30 * * * *"), "2026-10-25", "2026-10-25")) == 25
    assert len(local(job("*/15 * * * *"), "2026-10-25", "2026-10-25")) == 100


def test_a_look_from_inside_the_repeated_hour_neither_repeats_nor_loses() -> None:
    report = job("30 2 * * *")
    for minutes in range(0, 240, 7):
        after = utc("2026-10-24T23:00") + timedelta(minutes=minutes)
        due = utc("2026-10-25T00:30")
        expected = due if after < due else utc("2026-10-26T01:30")
        assert next_due(report, after) == expected


def test_a_zone_whose_clocks_change_at_midnight_has_its_midnight_run() -> None:
    # Cairo goes from 2026-04-24 00:00 to 01:00.
    assert local(job("0 0 * * *", "Africa/Cairo"), "2026-04-23", "2026-04-25") == [
        "23 00:00+0200",
        "24 01:00+0300",
        "25 00:00+0300",
    ]


@settings(max_examples=60, deadline=None)
@given(zone=st.sampled_from(ZONES), at=st.times(), begin=st.dates(date(2025, 1, 1), date(2026, 12, 1)))
def test_a_daily_job_comes_due_once_on_every_local_day(zone: str, at: time, begin: date) -> None:
    report = job(f"{at.minute} {at.hour} * * *", zone)
    place = ZoneInfo(zone)
    first = datetime.combine(begin, time(), tzinfo=place) - timedelta(seconds=1)
    days = 40
    found = due_times(report, first, first + days * DAY + HOUR)
    expected = []
    for day in range(days):
        wall = datetime.combine(begin + day * DAY, time(at.hour, at.minute))
        while wall.replace(tzinfo=place).astimezone(UTC).astimezone(place).replace(tzinfo=None) != wall:
            wall += timedelta(minutes=1)
        expected.append(wall.replace(tzinfo=place).astimezone(UTC))
    assert found[: days - 1] == expected[: days - 1]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("cron", ["30 2 * * *", "0 */6 * * *", "15 1,2,3 * * SUN"])
def test_a_year_replayed_by_two_schedulers_has_one_run_a_due_time(zone: str, cron: str) -> None:
    report = job(cron, zone, deadline="2h")
    begin, end = utc("2026-01-01T00:00"), utc("2027-01-01T00:00")
    dice = random.Random(f"{zone}{cron}")
    claims: list[datetime] = []
    clocks = [begin, begin]
    while min(clocks) < end:
        which = clocks.index(min(clocks))
        now = clocks[which]
        # Both look at the same claims; either may be frozen for most of a deadline.
        for due in decide(report, max(claims, default=begin), now).start:
            assert due not in claims
            claims.append(due)
        clocks[which] = now + timedelta(minutes=dice.choice([7, 23, 61, 97]))
    assert claims == [at for at in due_times(report, begin, end) if at <= max(claims)]
    assert len(claims) >= len(due_times(report, begin, end)) - 1


def test_a_missed_run_still_starts_before_its_deadline_and_not_after() -> None:
    report = job("0 6 * * *", "UTC", deadline="1h")
    before = utc("2026-07-01T12:00")
    due = utc("2026-07-02T06:00")
    assert decide(report, before, due + HOUR - timedelta(seconds=1)).start == (due,)
    late = decide(report, before, due + HOUR)
    assert (late.start, late.missed) == ((), (due,))


@pytest.mark.parametrize(
    ("policy", "started"), [("skip", []), ("last", [5]), ("all", [2, 3, 4, 5])], ids=["skip", "last", "all"]
)
def test_the_catch_up_policy_says_which_missed_runs_start(policy: str, started: list[int]) -> None:
    report = job("0 6 * * *", "UTC", catchup=policy)
    decision = decide(report, utc("2026-07-01T06:00"), utc("2026-07-05T20:00"))
    assert [at.day for at in decision.start] == started
    assert sorted([*started, *(at.day for at in decision.missed)]) == [2, 3, 4, 5]


def test_the_last_missed_run_does_not_start_beside_one_that_is_in_time() -> None:
    report = job("0 6 * * *", "UTC", catchup="last")
    decision = decide(report, utc("2026-07-01T06:00"), utc("2026-07-05T06:10"))
    assert [at.day for at in decision.start] == [5]


def test_catching_up_has_a_bound() -> None:
    report = job("* * * * *", "UTC", catchup="all", deadline="1m")
    decision = decide(report, utc("2026-07-01T00:00"), utc("2026-07-02T00:00"))
    assert len(decision.start) == 1_001
    assert decision.start[-1] == utc("2026-07-02T00:00")


def test_a_paused_job_starts_nothing_and_says_what_it_missed() -> None:
    report = job("0 6 * * *", "UTC", catchup="all")
    decision = decide(report, utc("2026-07-01T06:00"), utc("2026-07-02T06:00"), paused=True)
    assert (decision.start, decision.missed) == ((), (utc("2026-07-02T06:00"),))


def test_nothing_is_due_before_the_start_date_of_the_zone() -> None:
    report = job("0 0 * * *", "Europe/Berlin", start="2026-07-03")
    assert upcoming(report, utc("2026-07-01T00:00"), 2) == [utc("2026-07-02T22:00"), utc("2026-07-03T22:00")]


def test_a_job_without_schedule_never_comes_due() -> None:
    assert due_times(job(None), utc("2020-01-01T00:00"), utc("2026-01-01T00:00")) == []
    assert upcoming(job(None), utc("2020-01-01T00:00"), 3) == []


def test_naive_times_are_refused() -> None:
    with pytest.raises(ValueError, match="without zone"):
        next_due(job("0 6 * * *"), datetime(2026, 1, 1))  # noqa: DTZ001 - the very thing


def test_a_list_of_due_times_that_is_bounded_looks_no_further() -> None:
    began = process_time()
    found = due_times(job("*/5 * * * *"), utc("2000-01-01T00:00"), utc("2026-01-01T00:00"), 3)
    assert found == [utc(f"2000-01-01T00:{minute:02}") for minute in (5, 10, 15)]
    assert process_time() - began < 1  # all 2.7 million of them take a minute
