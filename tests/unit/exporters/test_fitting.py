from typing import Final

import pytest

from exporters.messages.fitting import CUT, subject_and_text
from reports.message import Message

LINES: Final = "".join(f"• Kettle {number}: 20.00 → 25.00 EUR\n" for number in range(300))
MESSAGE: Final = Message(
    "ACME: 300 price changes", f"ACME: 300 price changes\n\nsheet: https://a\n{LINES}", "", "delivered"
)


@pytest.mark.parametrize("most", [200, 1_024, 4_000])
def test_a_text_that_a_channel_would_refuse_loses_whole_lines_at_its_end_and_says_so(most: int) -> None:
    title, text = subject_and_text(MESSAGE, "Google Chat", most)
    assert len(title) + len(text) < most
    first, *lines, last = text.split("\n")
    assert (first, last) == ("sheet: https://a", CUT)
    assert set(lines) <= set(LINES.split("\n"))
    assert len(lines) > (most - 200) / 50


def test_a_short_text_is_whole_and_its_subject_is_told_once() -> None:
    short = Message("ACME: well", "ACME: well\n\nsheet: https://a\n", "", "delivered")
    assert subject_and_text(short, "Slack", 35_000) == ("ACME: well", "sheet: https://a\n")


def test_a_text_in_words_of_its_own_stays_as_it_is() -> None:
    own = Message("ACME: well", "Good morning!\n", "", "delivered")
    assert subject_and_text(own, "Slack", 35_000) == ("ACME: well", "Good morning!\n")


def test_a_service_that_takes_more_than_apprise_counts_gets_more() -> None:
    _, text = subject_and_text(MESSAGE, "Power Automate / Workflows (for MSTeams)", 1_000)
    assert text.endswith(LINES)


def test_a_subject_calls_nobody() -> None:
    title, _ = subject_and_text(Message("<!channel> @here", "x", "", "held"), "Slack", 35_000)
    assert not set(title) & set("<>@")
