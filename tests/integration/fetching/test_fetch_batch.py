"""A batch against a site: one row a URL whatever happens, neighbours unharmed, time bounded."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import cast

import pytest
import redis.asyncio
from redis import Redis

from reports.row import ProductUrl
from runs.embedded import EmbeddedRedis
from scraping.batch import scrape
from scraping.fetcher import Fetcher, FetcherSettings
from scraping.http.addresses import parse_allowed
from scraping.pacing.pace import Pace
from scraping.seen import KEEP
from tests.support.scraped import QUICK, rows_of
from tests.support.shop_worker import report
from tests.support.site_hostile import HANDLERS, PRODUCT, HostileSite, Request, page, send


@pytest.fixture
async def fleet_fetcher(redis_server: EmbeddedRedis, redis: Redis) -> AsyncIterator[Fetcher]:
    client = redis_asyncio(redis_server.url)
    made = Fetcher(FetcherSettings(allow_private=parse_allowed("127.0.0.0/8")), Pace(client))
    yield made
    await made.close()
    await client.aclose()


def redis_asyncio(url: str) -> "redis.asyncio.Redis":
    """Return an asyncio client; the name `redis` is a fixture here."""
    from redis.asyncio import Redis as Client  # noqa: PLC0415

    return Client.from_url(url)


async def test_each_url_has_its_row_in_order(site: HostileSite, fetcher: Fetcher) -> None:
    urls = [
        site.url("/ok"), "no url at all", site.url("/nothing"), site.url("/image"), "http://10.0.0.1/",
        site.url("/gzip-cut"), "http://nowhere.invalid/", site.url("/ok?again"), "ftp://shop.example/",
    ]  # fmt: skip
    rows = await rows_of(fetcher, urls, report(**QUICK))
    assert [row.position for row in rows] == list(range(9))
    assert [row.url for row in rows] == urls
    assert [row.failure for row in rows] == [
        None, "bad_url", "http_404", "not_html", "forbidden_host", "connect", "dns", None, "bad_url",
    ]  # fmt: skip
    assert rows[0].price == Decimal("24.90")
    assert rows[0].name == "Kettle"
    assert rows[2].http_status == 404
    assert all(row.failure_detail for row in rows if row.failure not in {None, "http_404"})


async def test_no_urls_make_no_rows(fetcher: Fetcher) -> None:
    assert await rows_of(fetcher, [], report(**QUICK)) == []


async def test_the_deadline_makes_rows_of_what_is_left(site: HostileSite, fetcher: Fetcher) -> None:
    urls = [site.url("/ok"), *(site.url(f"/silent?{number}") for number in range(20))]
    began = time.monotonic()
    rows = await rows_of(fetcher, urls, report(concurrency=4, robots="ignore"), deadline_s=1)
    assert time.monotonic() - began < 2
    words = [row.failure for row in rows]
    # Four were being asked; the shop has no part in the others.
    assert words[:5] == [None] + ["timeout"] * 4
    assert set(words[9:]) == {"not_asked"}
    assert rows[-1].failure_detail == "the batch's deadline came first"


async def test_rows_are_told_as_they_are_made(site: HostileSite, fetcher: Fetcher) -> None:
    heard: list[int] = []
    items = [ProductUrl(7, site.url("/ok")), ProductUrl(9, "no url")]
    await scrape(items, fetcher, report(**QUICK), deadline_s=5, on_row=lambda row: heard.append(row.position))
    assert sorted(heard) == [7, 9]


def cpu_s() -> float:
    """Return the CPU time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in WHO]
    return sum(part.ru_utime + part.ru_stime for part in used)


WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
HOSTILE = {
    "attributes": b"<div " + b" ".join(b"a%d=1" % number for number in range(20_000)) + b">",
    "attributes-quoted": b"<div " + b" ".join(b'a%d=">"' % number for number in range(120_000)) + b">",
    "scripts": b'<script type="application/ld+json">' + b"[" * 100_000 + b"</script>",
    "digits": b'<script type="application/ld+json">{"@type":"Product","name":"x","offers":{"price":'
    + b"9" * 20_000
    + b"}}</script>",
    "exponent": b'<script type="application/ld+json">{"@type":"Product","name":"x","offers":{"price":"1e100000"}}'
    b"</script>",
    "text": b"<p>" + b"x" * 9_000_000,
    "tables": b"<table><a>" * 100_000,
    "formats": b"<b><i><p>" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_page_is_bounded_and_its_neighbours_finish(
    name: str, site: HostileSite, fetcher: Fetcher
) -> None:
    site.on("/hostile", page(b"<html><head><title>x</title></head><body>" + HOSTILE[name]))
    urls = [site.url("/hostile"), *(site.url(f"/ok?{number}") for number in range(20))]
    began = cpu_s()
    # A child's peak begins with what its parent had when it forked; other tests may have made that large.
    most_kb = 300_000 + max(resource.getrusage(who).ru_maxrss for who in WHO)
    rows = await rows_of(fetcher, urls, report(**{**QUICK, "timeout": "30s"}), deadline_s=60)
    await fetcher.close()
    assert cpu_s() - began < 10
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= most_kb
    assert [row.name for row in rows[1:]] == ["Kettle"] * 20
    assert rows[0].failure in {None, "parse"}


async def test_the_helper_comes_back_after_it_was_ended(site: HostileSite, fetcher: Fetcher) -> None:
    site.on("/deep", page(b"<div>" * 2_000_000))
    site.on("/large", page(PRODUCT.replace(b"</body>", b"<p>" + b"text " * 100_000 + b"</p></body>")))
    rows = await rows_of(fetcher, [site.url("/deep"), site.url("/large")], report(**QUICK))
    assert rows[1].name == "Kettle"
    assert rows[0].failure in {None, "parse"}


async def test_robots_are_obeyed_unless_the_job_says_otherwise(site: HostileSite, fetcher: Fetcher) -> None:
    site.on("/robots.txt", page(b"User-agent: *\nDisallow: /members\n"))
    urls = [site.url("/ok"), site.url("/members/ok")]
    obeying = report(**{**QUICK, "robots": "obey"})
    rows = await rows_of(fetcher, urls, obeying)
    assert [row.failure for row in rows] == [None, "robots"]
    await rows_of(fetcher, urls, obeying)
    assert site.asked["/robots.txt"] == 1
    assert site.asked["/members/ok"] == 0
    await rows_of(fetcher, urls, report(**QUICK))
    assert site.asked["/members/ok"] == 1


@pytest.mark.parametrize(("status", "failure"), [(404, None), (403, None), (503, "robots"), (429, "robots")])
async def test_robots_that_cannot_be_had(
    status: int, failure: str | None, site: HostileSite, fetcher: Fetcher
) -> None:
    async def answer(writer: asyncio.StreamWriter, _request: Request) -> bool:
        return send(writer, b"", status=status)

    site.on("/robots.txt", answer)
    rows = await rows_of(fetcher, [site.url("/ok")], report(**{**QUICK, "robots": "obey"}))
    assert rows[0].failure == failure


async def test_robots_that_take_their_time_are_waited_for(
    site: HostileSite, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow_robots(writer: asyncio.StreamWriter, _request: Request) -> bool:
        await asyncio.sleep(0.6)
        return send(writer, b"User-agent: *\nDisallow: /ok", html=False)

    monkeypatch.setattr("scraping.batch._RENEW_S", 0.1)
    site.on("/robots.txt", slow_robots)
    urls = [site.url(f"/ok?{number}") for number in range(3)]
    rows = await rows_of(fetcher, urls, report(**{**QUICK, "robots": "obey"}))
    assert [row.failure for row in rows] == ["robots"] * 3
    assert not site.asked["/ok"]


async def test_robots_that_a_batch_s_deadline_cut_short_leave_nothing_behind(
    site: HostileSite, fetcher: Fetcher
) -> None:
    site.on("/robots.txt", HANDLERS["/silent"])
    rows = await rows_of(fetcher, [site.url("/ok")], report(**{**QUICK, "robots": "obey"}), deadline_s=0.2)
    assert rows[0].failure == "not_asked"
    assert not fetcher.robots._asking


async def test_a_host_that_is_not_there_is_not_called_a_matter_of_robots(fetcher: Fetcher) -> None:
    urls = ["http://10.0.0.1/", "http://nowhere.invalid/", "http://127.0.0.1:1/"]
    rows = await rows_of(fetcher, urls, report(**{**QUICK, "robots": "obey"}))
    assert [row.failure for row in rows] == ["forbidden_host", "dns", "connect"]
    assert rows[1].failure_detail == "the host name does not resolve: Name or service not known"
    assert str(rows[2].failure_detail).endswith(": no connection to 127.0.0.1:1: Connection refused")


async def test_the_fleet_asks_for_robots_once(
    site: HostileSite, fleet_fetcher: Fetcher, redis_server: EmbeddedRedis
) -> None:
    site.on("/robots.txt", page(b"User-agent: *\nCrawl-delay: 0.3\n"))
    obeying = report(**{**QUICK, "robots": "obey"})
    began = time.monotonic()
    await rows_of(fleet_fetcher, [site.url(f"/ok?{number}") for number in range(4)], obeying)
    assert time.monotonic() - began >= 0.9
    client = redis_asyncio(redis_server.url)
    other = Fetcher(fleet_fetcher.settings, Pace(client))
    await rows_of(other, [site.url("/ok")], obeying)
    await other.close()
    await client.aclose()
    assert site.asked["/robots.txt"] == 1


async def test_a_page_that_has_not_changed_is_not_sent_again(
    site: HostileSite, fleet_fetcher: Fetcher, redis: Redis
) -> None:
    etag = ['"one"']

    async def with_etag(writer: asyncio.StreamWriter, request: Request) -> bool:
        if request.headers.get("if-none-match") == etag[0]:
            return send(writer, b"", status=304)
        return send(writer, PRODUCT.replace(b"24.90", b"19.90") if etag[0] == '"two"' else PRODUCT,
                    headers=f"ETag: {etag[0]}\r\n")  # fmt: skip

    site.on("/p", with_etag)
    wanted = report(**QUICK)
    first, second = [(await rows_of(fleet_fetcher, [site.url("/p")], wanted))[0] for _ in range(2)]
    [entry] = cast("list[bytes]", redis.keys("sb:cond:*"))
    redis.expire(entry, 60)
    [third] = await rows_of(fleet_fetcher, [site.url("/p")], wanted)
    assert redis.ttl(entry) > KEEP.total_seconds() - 60, "what is asked for stays remembered"
    assert [row.http_status for row in (first, second, third)] == [200, 304, 304]
    assert [row.price for row in (first, second, third)] == [Decimal("24.90")] * 3
    assert second.fetched_at is not None
    assert first.fetched_at is not None
    assert second.fetched_at > first.fetched_at
    etag[0] = '"two"'
    prices = [(await rows_of(fleet_fetcher, [site.url("/p")], wanted))[0].price for _ in range(2)]
    assert prices == [Decimal("19.90")] * 2, "what changed is remembered anew"
    anew = report(**QUICK, conditional=False)
    assert (await rows_of(fleet_fetcher, [site.url("/p")], anew))[0].http_status == 200


async def test_headers_in_another_encoding_cost_no_page(site: HostileSite, fleet_fetcher: Fetcher) -> None:
    head = 'ETag: "für"\r\nLast-Modified: gestern früh\r\nContent-Type: text/html; name=für\r\n'

    async def latin_1(writer: asyncio.StreamWriter, request: Request) -> bool:
        filling = b"<!-- -->" * (50_000 if request.query == "large" else 0)
        return send(writer, PRODUCT + filling, headers=head, html=False)

    site.on("/latin-1", latin_1)
    urls = [site.url("/latin-1"), site.url("/latin-1?large")]
    for _ in range(2):
        rows = await rows_of(fleet_fetcher, urls, report(**QUICK))
        assert [row.name for row in rows] == ["Kettle", "Kettle"]


async def test_a_batch_ends_although_a_cancellation_of_what_runs_beside_it_is_lost(
    site: HostileSite, fetcher: Fetcher
) -> None:
    lost = 0

    async def deaf() -> bool:
        nonlocal lost
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            lost += 1
        return False

    items = [ProductUrl(position, site.url(f"/ok?{position}")) for position in range(3)]
    async with asyncio.timeout(10):
        rows = await scrape(items, fetcher, report(**QUICK), deadline_s=30, give_way=deaf)
    assert lost == 1
    assert len(rows) == 3


async def test_nothing_of_one_job_reaches_another(site: HostileSite, fetcher: Fetcher) -> None:
    async def sets(writer: asyncio.StreamWriter, _request: Request) -> bool:
        return send(writer, PRODUCT, headers="Set-Cookie: who=first\r\n")

    site.on("/sets", sets)
    await rows_of(fetcher, [site.url("/sets")], report(**QUICK))
    await rows_of(fetcher, [site.url("/ok")], report(**QUICK))
    assert "cookie" not in site.requests[-1].headers
