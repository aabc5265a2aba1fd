"""What a definition says where it says nothing."""

import pytest

from jobs.definition import Fetch


@pytest.mark.parametrize(
    ("concurrency", "urls"), [(1, 250), (32, 250), (33, 330), (128, 1_280), (512, 5_000)]
)
def test_a_batch_is_long_against_its_connections(concurrency: int, urls: int) -> None:
    assert Fetch(concurrency=concurrency).urls_a_batch == urls
    assert Fetch(concurrency=concurrency, batch_size=40).urls_a_batch == 40
