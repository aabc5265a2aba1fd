"""Bisection: the URL that kills its worker is found in a few deaths, and only it is given up."""

import math

import pytest
from fakeredis import FakeRedis

from runs.suspects import Suspects, parts


class WorkerDied(Exception):  # noqa: N818 - what a kill looks like from outside
    pass


def scrape_until_it_ends(positions: list[int], poison: set[int]) -> tuple[set[int], int]:
    """Play attempts of a batch whose worker dies at each place of `poison`; return the blamed and the deaths."""
    suspects = Suspects(FakeRedis(), "run-1", "scrape:0")
    for deaths in range(200):
        guilty = suspects.blamed(positions)
        try:
            for part in parts([at for at in positions if at not in guilty], suspects.tried()):
                suspects.try_part(part)
                if poison & set(part):
                    raise WorkerDied
        except WorkerDied:
            continue
        return guilty, deaths
    pytest.fail("never ended")


@pytest.mark.parametrize("place", [0, 1, 124, 249])
def test_one_poisonous_url_is_found_by_halving(place: int) -> None:
    blamed, deaths = scrape_until_it_ends(list(range(250)), {place})
    assert blamed == {place}
    assert deaths <= math.ceil(math.log2(250)) + 1


def test_several_poisonous_urls_are_all_found() -> None:
    assert scrape_until_it_ends(list(range(100)), {3, 50, 51})[0] == {3, 50, 51}


def test_a_batch_of_one_url_is_given_up_after_one_death() -> None:
    assert scrape_until_it_ends([7], {7}) == ({7}, 1)


def test_positions_far_apart_are_found_like_neighbours() -> None:
    positions = [4, 9, 1_000, 1_001, 3_999]
    blamed, deaths = scrape_until_it_ends(positions, {1_000})
    assert blamed == {1_000}
    assert deaths <= 4


def test_who_is_blamed_stays_blamed_when_other_pages_are_already_there() -> None:
    suspects = Suspects(FakeRedis(), "run-1", "scrape:0")
    suspects.try_part([7])
    assert suspects.blamed([5, 7, 9]) == {7}
    assert suspects.blamed([7, 9]) == {7}
    assert suspects.blamed([9]) == set()


def test_every_position_is_in_one_part() -> None:
    assert parts([1, 2, 3, 8, 9], (2, 9)) == [[2], [3, 8], [1], [9]]
    assert parts([1, 2, 3], None) == [[1], [2, 3]]
    assert parts([1, 2, 3], (50, 60)) == [[1], [2, 3]]
