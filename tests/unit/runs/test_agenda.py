"""The clock's notes."""

import time

from fakeredis import FakeRedis

from runs.agenda import Agenda


def test_who_paused_first_stays_until_it_is_resumed() -> None:
    agenda = Agenda(FakeRedis())
    assert agenda.pause("a", "anna", "holidays")
    assert not agenda.pause("a", "ben")
    assert (agenda.paused()["a"].by, agenda.paused()["a"].why) == ("anna", "holidays")
    assert agenda.resume("a")
    assert not agenda.resume("a")
    assert agenda.paused() == {}


def test_good_versions_are_kept_until_their_file_is_gone() -> None:
    agenda = Agenda(FakeRedis())
    agenda.put_good({"a.yaml": "{}", "b.yaml": "{}"}, set())
    agenda.put_good({}, {"b.yaml"})
    assert agenda.good() == {"a.yaml": "{}"}


def test_a_mistake_that_comes_back_belongs_to_another_round() -> None:
    agenda = Agenda(FakeRedis())
    assert agenda.complaint() == ("", "")
    number, told = agenda.open_complaint()
    assert told == ""
    agenda.put_complaint(number, "abc")
    assert agenda.open_complaint() == (number, "abc")
    agenda.end_complaint()
    time.sleep(0.002)
    assert agenda.open_complaint()[0] != number
