"""Which URL goes into which batch: few hosts a batch, hosts interleaved within it, batches in windows.

Within a window of batches any URL may be in any batch; no URL leaves its window. So rows can be put back into
URL-list order while only one window of them is in memory, however long the list is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import accumulate, islice
from typing import Final

from reports.hosts import host_of
from reports.row import ProductUrl

WINDOW_BATCHES: Final = 16
_END_BATCHES: Final = 4
"""Of the URLs that are left, a batch takes no more than such a part: then processes end together."""
_SMALLEST: Final = 250
"""Batches are not made smaller than this for the end's sake: each costs some 20 ms, however few URLs it has."""


def plan_batches(urls: Iterable[ProductUrl], size: int) -> Iterator[list[list[ProductUrl]]]:
    """Yield windows of at most WINDOW_BATCHES batches of at most `size` URLs, in order.

    Every window but the last holds exactly WINDOW_BATCHES batches, all full but for those at the end of the list.
    """
    stream = iter(urls)
    ahead = list(islice(stream, size * (WINDOW_BATCHES + _END_BATCHES)))
    while ahead:
        sizes = _sizes(len(ahead), size)
        taken = sum(sizes)
        yield _split(ahead[:taken], sizes)
        ahead = [*ahead[taken:], *islice(stream, taken)]


def _sizes(left: int, size: int) -> list[int]:
    """Return the sizes of the next window's batches, when so many URLs are left, or more than could matter."""
    found: list[int] = []
    while left and len(found) < WINDOW_BATCHES:
        found.append(min(left, size, max(_SMALLEST, left // _END_BATCHES)))
        left -= found[-1]
    return found


def windows(batches: int) -> list[range]:
    """Return the numbers of the batches of each window, for a run of `batches` batches."""
    return [range(at, min(at + WINDOW_BATCHES, batches)) for at in range(0, batches, WINDOW_BATCHES)]


def fetching_time(deadline: timedelta) -> timedelta:
    """Return how long a run may fetch, so that it can still be published by its deadline."""
    return deadline - min(max(deadline / 10, timedelta(seconds=30)), timedelta(minutes=10), deadline / 2)


def not_in_time(urls_by_host: Mapping[str, int], interval_s: float, left: timedelta) -> str:
    """Return in words which host's URLs cannot all be asked in the time that is left for it; '' where all can.

    `interval_s`: least seconds between two requests to one host.
    """
    host, urls = max(urls_by_host.items(), key=lambda pair: pair[1], default=("", 0))
    needed_s = urls * interval_s
    if needed_s <= left.total_seconds():
        return ""
    return (
        f"{urls:,} URLs of {host}, one every {interval_s:g} s, take {_span(needed_s)}; "
        f"fetching has {_span(left.total_seconds())} of the deadline"
    )


def _span(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < 120 else f"{seconds / 60:,.0f} min"


def _split(window: list[ProductUrl], sizes: Sequence[int]) -> list[list[ProductUrl]]:
    by_host: dict[str, list[ProductUrl]] = defaultdict(list)
    for item in window:
        by_host[host_of(item.url)].append(item)
    if len(by_host) == 1:
        return _cut(window, sizes)
    # Small hosts first, so that each host lies in as few batches as it can.
    grouped = [
        item for host in sorted(by_host, key=lambda name: len(by_host[name])) for item in by_host[host]
    ]
    return [_interleave(batch) for batch in _cut(grouped, sizes)]


def _cut(urls: list[ProductUrl], sizes: Sequence[int]) -> list[list[ProductUrl]]:
    ends = list(accumulate(sizes))
    return [urls[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def _interleave(batch: list[ProductUrl]) -> list[ProductUrl]:
    """Spread each host's URLs evenly over the batch, so that no host gets all its requests in one burst."""
    by_host: dict[str, list[ProductUrl]] = defaultdict(list)
    for item in batch:
        by_host[host_of(item.url)].append(item)
    placed = [
        ((index + 0.5) / len(items), order, item)
        for order, items in enumerate(by_host.values())
        for index, item in enumerate(items)
    ]
    placed.sort(key=lambda place: (place[0], place[1]))
    return [item for _, _, item in placed]
