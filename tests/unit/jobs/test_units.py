from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.units import check_cron, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90.0), ("1h30m", 5400.0), ("2d", 172_800.0), ("500ms", 0.5), ("1m5ms", 60.005), ("0s", 0.0)],
)
def test_a_duration_reads_as_people_write_it(text: str, seconds: float) -> None:
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "1", "h", "1s1h", "-1s", "1 h", "99999999d", "90s\n", 5, None])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="a duration such as"):
        parse_duration(text)


@settings(deadline=None)
@given(st.timedeltas(timedelta(0), timedelta(days=1000)))
def test_a_written_duration_reads_back_to_the_millisecond(value: timedelta) -> None:
    assert abs(parse_duration(format_duration(value)) - value) < timedelta(milliseconds=1)


@pytest.mark.parametrize("text", ["", "* * * *", "* * * * * *", "61 * * * *", "0 0 31 2 *", "@daily"])
def test_a_cron_expression_has_five_fields_and_comes_due(text: str) -> None:
    with pytest.raises(ValueError, match="a cron expression"):
        check_cron(text)
