"""Bisection: the URL that kills its worker is found in a few deaths, and only it is given up."""

import math

import pytest
from fakeredis import FakeRedis

from runs.suspects import Suspects, halves
from tasks.batch import parts


class WorkerDied(Exception):  # noqa: N818 - what a kill looks like from outside
    pass


def scrape_until_it_ends(size: int, poison: set[int]) -> tuple[set[int], int]:
    """Play attempts of a batch whose worker dies at each place of `poison`; return the blamed and the deaths."""
    suspects = Suspects(FakeRedis(), "run-1", "scrape:0")
    for deaths in range(200):
        blamed = suspects.blamed()
        try:
            for part in parts(size, suspects.tried()):
                suspects.try_part(part)
                if poison & (set(range(*part)) - blamed):
                    raise WorkerDied
        except WorkerDied:
            continue
        return blamed, deaths
    pytest.fail("never ended")


@pytest.mark.parametrize("place", [0, 1, 124, 249])
def test_one_poisonous_url_is_found_by_halving(place: int) -> None:
    blamed, deaths = scrape_until_it_ends(250, {place})
    assert blamed == {place}
    assert deaths <= math.ceil(math.log2(250)) + 1


def test_several_poisonous_urls_are_all_found() -> None:
    assert scrape_until_it_ends(100, {3, 50, 51})[0] == {3, 50, 51}


def test_a_batch_of_one_url_is_given_up_after_one_death() -> None:
    assert scrape_until_it_ends(1, {0}) == ({0}, 1)


def test_halves_of_one_place_are_that_place() -> None:
    assert halves((4, 5)) == [(4, 5)]
    assert halves((4, 7)) == [(4, 5), (5, 7)]
