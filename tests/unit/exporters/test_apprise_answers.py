"""What Apprise's log says about a notification that was not taken."""

import logging

import pytest

from exporters.messages.apprise_answers import Heard, verdict

FAILED = "Failed to send JSON POST notification: Not Found, error={}."


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, "refused"),
        (403, "refused"),
        (408, "failed"),
        (429, "failed"),
        (503, "failed"),
        (500, "unknown"),
        (504, "unknown"),
    ],
)
def test_a_status_tells_whether_to_try_again(status: int, outcome: str) -> None:
    assert verdict(False, [(logging.WARNING, FAILED.format(status))]) == (outcome, f"HTTP {status}")


def test_a_request_that_never_left_may_be_tried_again() -> None:
    text = "Socket Exception: HTTPConnectionPool(host='x'): Max retries exceeded (Caused by NewConnectionError(…))"
    assert verdict(False, [(logging.DEBUG, text)])[0] == "failed"


def test_a_read_that_timed_out_leaves_the_outcome_unknown() -> None:
    text = "Socket Exception: HTTPSConnectionPool(host='x', port=443): Read timed out. (read timeout=30.0)"
    assert verdict(False, [(logging.DEBUG, text)])[0] == "unknown"


def test_a_refusal_before_any_request_is_for_good() -> None:
    assert verdict(False, [(logging.WARNING, "There are no targets")])[0] == "refused"


def test_nothing_that_apprise_logs_goes_further_and_its_logger_is_as_before(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("apprise")
    before = (logger.level, logger.propagate, logger.handlers[:])
    with Heard() as heard:
        logger.debug("POST https://hooks.example/s3cret")
    assert [text for _, text in heard.lines] == ["POST https://hooks.example/s3cret"]
    assert caplog.text == ""
    assert (logger.level, logger.propagate, logger.handlers[:]) == before
