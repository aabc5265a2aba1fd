"""A page that burns CPU in Python is broken off."""

import itertools
import re
import time

import pytest

from scraping.bounded.stopwatch import OutOfTime, Stopwatch


@pytest.fixture
def stopwatch() -> "Stopwatch":
    return Stopwatch(limit_s=0.5)


def test_a_page_that_never_ends_is_broken_off(stopwatch: Stopwatch) -> None:
    stopwatch.start()
    try:
        with pytest.raises(OutOfTime), stopwatch:
            sum(number for number in itertools.count())
    finally:
        stopwatch.stop()


def test_a_regular_expression_that_never_ends_is_broken_off(stopwatch: Stopwatch) -> None:
    stopwatch.start()
    try:
        with pytest.raises(OutOfTime), stopwatch:
            re.match(r"(a+)+$", "a" * 60 + "b")
    finally:
        stopwatch.stop()


def test_time_between_pages_does_not_count(stopwatch: Stopwatch) -> None:
    stopwatch.start()
    try:
        ends = time.process_time() + 1.2
        while time.process_time() < ends:
            with stopwatch:
                pass
    finally:
        stopwatch.stop()
