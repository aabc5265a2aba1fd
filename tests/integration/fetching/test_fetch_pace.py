"""A batch at hosts that set their own pace, or refuse: no page is lost, no slot held, no host taken for a slow one."""

import asyncio
import time

from reports.row import ProductUrl
from scraping.batch import scrape, was_not_asked
from scraping.fetcher import Fetcher
from tests.support.scraped import QUICK, rows_of
from tests.support.shop_worker import report
from tests.support.site_hostile import PRODUCT, HostileSite, Request, hostile_site, page, send


async def test_one_slow_host_among_ten_fast_ones_does_not_hold_the_batch(fetcher: Fetcher) -> None:
    async with hostile_site("127.0.0.20") as slow:
        slow.on("/robots.txt", page(b"User-agent: *\nCrawl-delay: 5\n"))
        fast = [hostile_site(f"127.0.0.{number}") for number in range(2, 12)]
        sites = [await site.__aenter__() for site in fast]
        urls = [site.url(f"/ok?{n}", f"127.0.0.{at}") for at, site in enumerate(sites, 2) for n in range(10)]
        urls += [slow.url(f"/ok?{number}", "127.0.0.20") for number in range(20)]
        items = [ProductUrl(position, url) for position, url in enumerate(urls)]
        began = time.monotonic()
        rows = await scrape(
            items, fetcher, report(**{**QUICK, "robots": "obey"}), deadline_s=120, patience_s=3
        )
        took = time.monotonic() - began
        for site in fast:
            await site.__aexit__(None, None, None)
    assert [row.name for row in rows[:100]] == ["Kettle"] * 100
    assert took < 10
    assert rows[100].name == "Kettle"
    left = [row for row in rows if was_not_asked(row)]
    assert len(left) >= 17
    assert {row.failure for row in left} == {"not_asked"}


async def test_a_batch_that_others_wait_for_ends_what_it_asked_and_leaves_the_rest(
    site: HostileSite, fetcher: Fetcher
) -> None:
    async def slow(writer: asyncio.StreamWriter, _request: Request) -> bool:
        await asyncio.sleep(1.5)
        return send(writer, PRODUCT)

    async def others_wait() -> bool:
        return time.monotonic() - began > 1

    site.on("/slow", slow)
    items = [ProductUrl(position, site.url(f"/slow?{position}")) for position in range(40)]
    began = time.monotonic()
    rows = await scrape(
        items,
        fetcher,
        report(**{**QUICK, "per_host": 2, "read_timeout": "4s"}),
        deadline_s=60,
        give_way=others_wait,
    )
    assert time.monotonic() - began < 8
    left = [row.position for row in rows if was_not_asked(row)]
    assert [row.name for row in rows if row.position not in left] == ["Kettle"] * (40 - len(left))
    assert 20 <= len(left) <= 38


async def test_a_refusal_at_the_very_start_costs_the_batch_a_moment_and_not_its_pace(
    site: HostileSite, fetcher: Fetcher
) -> None:
    async def refuse_the_first(writer: asyncio.StreamWriter, _request: Request) -> bool:
        first = site.asked["/busy"] == 1
        return send(
            writer, PRODUCT, status=429 if first else 200, headers="Retry-After: 1\r\n" if first else ""
        )

    site.on("/busy", refuse_the_first)
    began = time.monotonic()
    rows = await rows_of(
        fetcher,
        [site.url(f"/busy?{number}") for number in range(30)],
        report(**{**QUICK, "timeout": "30s", "retries": 1}),
    )
    assert [row.name for row in rows] == ["Kettle"] * 30
    assert time.monotonic() - began < 12


async def test_a_refusal_after_a_quiet_while_is_no_sign_of_a_slow_host(
    site: HostileSite, fetcher: Fetcher
) -> None:
    async def refuse_late(writer: asyncio.StreamWriter, _request: Request) -> bool:
        await asyncio.sleep(3)
        return send(writer, PRODUCT, status=429, headers="Retry-After: 1\r\n")

    site.on("/late", refuse_late)
    quick = [site.url(f"/ok?{number}") for number in range(60)]
    patient = report(**{**QUICK, "read_timeout": "5s"})
    first = await rows_of(fetcher, [*quick[:30], site.url("/late")], patient)
    assert [row.failure for row in first] == [None] * 30 + ["http_429"]
    began = time.monotonic()
    assert [row.failure for row in await rows_of(fetcher, quick, patient)] == [None] * 60
    assert time.monotonic() - began < 5  # a second of it the host asked for


async def test_a_batch_takes_each_turn_of_a_slow_host_and_none_ahead(
    site: HostileSite, fetcher: Fetcher
) -> None:
    items = [ProductUrl(number, site.url(f"/ok?{number}")) for number in range(30)]
    for _ in range(2):  # the second batch finds no turn taken that the first did not use
        before = len(site.requests)
        rows = await scrape(items, fetcher, report(**QUICK, delay="1s"), deadline_s=20, patience_s=3)
        assert 4 <= len(site.requests) - before <= 8
        assert {row.failure for row in rows} == {None, "not_asked"}
        assert all(was_not_asked(row) for row in rows if row.failure)


async def test_a_page_whose_host_asks_it_to_wait_for_longer_than_it_may_take_says_what_the_host_said(
    fetcher: Fetcher,
) -> None:
    async def busy(writer: asyncio.StreamWriter, _request: Request) -> bool:
        return send(writer, b"", status=503, headers="Retry-After: 2\r\n")

    async with hostile_site() as site:
        site.on("/busy", busy)
        rows = await rows_of(fetcher, [site.url("/busy")], report(**{**QUICK, "retries": 2, "timeout": "1s"}))
        assert rows[0].failure == "http_503"
        assert site.asked["/busy"] == 1
