"""Redis emptied, Redis full: what was due is delivered, people are told, and nobody has to lend a hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.exceptions import OutOfMemoryError

from runs import keys
from runs.ledger import Ledger
from runs.record import PUBLISHED_STATES
from tests.chaos.verdict import judge
from tests.chaos.world import World, running, wait_until, world

pytestmark = pytest.mark.fleet  # takes long: `make fleet-test`


@pytest.fixture
def made(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path / "world", workers=1) as one:
        yield one


@pytest.mark.timeout(180)
def test_a_redis_emptied_in_the_middle_of_the_day_delivers_again_and_says_so(made: World) -> None:
    made.write_jobs(2, sheets=1)
    with made.client() as client:
        client.set(keys.BORN, 1)  # a Redis that has been there for long
    with running(made), made.client() as client:
        assert made.wait_for_ends(60)
        assert judge(made).violations == []
        first = {run.job: run for run in made.runs()}
        client.flushall()
        assert made.wait_for_ends(90)
        second = {run.job: run for run in made.runs()}
        for job, run in second.items():
            assert run.state in PUBLISHED_STATES, run
            assert run.id == first[job].id  # the same due time, and so the same Message-ID
            assert run.sequence > first[job].sequence
        bodies = [mail.letter.get_body(("plain",)) for mail in made.mail.taken]
        texts = [str(body.get_content()) for body in bodies if body is not None]
        assert ["may have been delivered before" in " ".join(text.split()) for text in texts] == [
            False,
            False,
            True,
            True,
        ]
        assert len({str(mail.letter["Message-ID"]) for mail in made.mail.taken}) == 2


@pytest.mark.timeout(180)
def test_a_full_redis_says_so_and_goes_on_by_itself_when_there_is_room(made: World) -> None:
    made.shop.longest_answer_s = 1.5
    made.write_jobs(3, sheets=0)
    with running(made), made.client() as client:
        wait_until(lambda: made.shop.visits.total() >= 10)
        client.config_set("maxmemory", 1)
        with pytest.raises(OutOfMemoryError, match="maxmemory"):
            Ledger(client.__class__.from_url(made.redis.url)).remember()
        before = made.shop.visits.total()
        wait_until(lambda: "redis_full" in made.beat.log.read_text(), 20)
        client.config_set("maxmemory", 0)
        assert made.wait_for_ends(120)
        assert judge(made).violations == []
        assert made.shop.visits.total() >= before
