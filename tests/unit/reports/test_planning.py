"""Planning: every URL in exactly one batch, hosts few and spread, windows bounded."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.hosts import host_of
from reports.planning import WINDOW_BATCHES, plan_batches, windows
from reports.row import ProductUrl


def urls_of(hosts: list[str]) -> list[ProductUrl]:
    return [ProductUrl(place, f"https://{host}/p{place}") for place, host in enumerate(hosts)]


@given(
    st.lists(st.sampled_from(["a.example", "b.example", "c.example"]), max_size=300),
    st.integers(min_value=1, max_value=12),
)
def test_every_url_is_in_exactly_one_batch_of_its_window(hosts: list[str], size: int) -> None:
    urls = urls_of(hosts)
    numbered: list[list[ProductUrl]] = []
    for window in plan_batches(urls, size):
        assert len(window) <= WINDOW_BATCHES
        numbered += window
    assert all(0 < len(batch) <= size for batch in numbered)
    in_order = [
        item
        for window in windows(len(numbered))
        for item in sorted(
            (item for batch in window for item in numbered[batch]), key=lambda item: item.position
        )
    ]
    assert in_order == urls


def test_a_host_lies_in_few_batches_and_is_spread_within_them() -> None:
    (window,) = plan_batches(urls_of(["a.example", "b.example"] * 20), 20)
    assert [{host_of(item.url) for item in batch} for batch in window] == [{"a.example"}, {"b.example"}]
    (mixed,) = plan_batches(urls_of(["a.example"] * 15 + ["b.example"] * 5), 20)
    places = [place for place, item in enumerate(mixed[0]) if host_of(item.url) == "b.example"]
    assert [after - before for before, after in pairwise(places)] == [4, 4, 4, 4]


@pytest.mark.parametrize(
    ("urls", "size", "sizes"),
    [
        (20_000, 1_000, [*[1_000] * 17, 750, 562, 422, 316, 250, 250, 250, 200]),
        (20_000, 250, [250] * 80),
        (2_000, 1_000, [500, 375, 281, 250, 250, 250, 94]),
        (300, 1_000, [250, 50]),
        (16_000, 500, [*[500] * 29, 375, 281, 250, 250, 250, 94]),
    ],
)
def test_the_last_batches_are_smaller_so_that_processes_end_together(
    urls: int, size: int, sizes: list[int]
) -> None:
    plan = list(plan_batches(urls_of(["a.example"] * urls), size))
    assert [len(batch) for window in plan for batch in window] == sizes
    assert [len(window) for window in plan[:-1]] == [WINDOW_BATCHES] * (len(plan) - 1)


@given(st.integers(min_value=0, max_value=9_000), st.integers(min_value=240, max_value=700))
def test_a_plan_of_windows_holds_the_list_whatever_its_length(urls: int, size: int) -> None:
    items = urls_of(["a.example"] * urls)
    plan = list(plan_batches(iter(items), size))
    assert [item for window in plan for batch in window for item in batch] == items
    assert all(len(window) == WINDOW_BATCHES for window in plan[:-1])


def test_one_host_keeps_the_order_of_the_list() -> None:
    urls = urls_of(["a.example"] * 5)
    assert list(plan_batches(urls, 2)) == [[urls[0:2], urls[2:4], urls[4:5]]]


def test_what_is_no_url_has_no_host() -> None:
    assert [host_of(url) for url in ("no url", "http://[", "HTTP://Shop.Example/x")] == [
        "",
        "",
        "shop.example",
    ]
