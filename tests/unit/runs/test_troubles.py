"""What people have heard, and what waits for a digest."""

from datetime import UTC, datetime, timedelta

from fakeredis import FakeRedis

from runs.troubles import Quiet, Trouble, Troubles

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def trouble(run: str, sequence: int, *, kind: str = "failed", told: bool = True) -> Trouble:
    return Trouble(job="a", kind=kind, run=run, sequence=sequence, since=NOW, told=told)


def test_the_first_of_a_kind_is_told_and_its_repetitions_wait() -> None:
    quiet = Quiet(FakeRedis())
    assert quiet.may_tell("a", "failed/scrape", "run-1", HOUR)
    assert not quiet.may_tell("a", "failed/scrape", "run-2", HOUR)
    assert quiet.may_tell("a", "failed/reduce_rows", "run-3", HOUR)
    assert quiet.may_tell("b", "failed/scrape", "run-4", HOUR)


def test_a_repeat_of_the_question_has_the_same_answer() -> None:
    quiet = Quiet(FakeRedis())
    for _ in range(2):
        assert quiet.may_tell("a", "failed", "run-1", HOUR)
        assert not quiet.may_tell("a", "failed", "run-2", HOUR)
    (kept,) = quiet.all()
    assert kept.runs == ("run-2",)


def test_after_the_window_the_next_is_told_at_once_where_nothing_waits() -> None:
    quiet = Quiet(FakeRedis())
    quiet.may_tell("a", "failed", "run-1", timedelta(0))
    assert quiet.may_tell("a", "failed", "run-2", timedelta(0))


def test_a_report_published_in_between_ends_a_series() -> None:
    quiet = Quiet(FakeRedis())
    assert quiet.may_tell("a", "failed", "run-1", HOUR, published=1)
    assert not quiet.may_tell("a", "failed", "run-2", HOUR, published=1)
    assert not quiet.may_tell("a", "failed", "run-2", HOUR, published=3), "a repeat of the question"
    for _ in range(2):
        assert quiet.may_tell("a", "failed", "run-4", HOUR, published=3)
    assert not quiet.may_tell("a", "failed", "run-5", HOUR, published=3)
    (kept,) = quiet.all()
    assert kept.runs == ("run-2", "run-5"), "what waited for the digest goes on waiting"


def test_what_comes_while_a_digest_is_told_waits_for_the_next() -> None:
    quiet = Quiet(FakeRedis())
    for run in ("run-1", "run-2"):
        quiet.may_tell("a", "failed", run, HOUR)
    (kept,) = quiet.all()
    quiet.may_tell("a", "failed", "run-3", HOUR)
    quiet.digested(kept)
    assert [one.runs for one in quiet.all()] == [("run-3",)]
    quiet.digested(quiet.all()[0])
    quiet.digested(quiet.all()[0])
    assert quiet.all() == []


def test_a_trouble_is_counted_until_the_job_is_well() -> None:
    troubles = Troubles(FakeRedis())
    troubles.put(trouble("run-1", 1))
    troubles.put(trouble("run-1", 1))
    troubles.put(trouble("run-2", 2, told=False))
    troubles.put(trouble("run-0", 0))  # an older run says nothing new
    (stands,) = troubles.all()
    assert (stands.run, stands.times, stands.told) == ("run-2", 2, True)
    assert troubles.clear("a")
    assert not troubles.clear("a")
