"""Visits to a site that misbehaves: every way of it becomes a failure with a word, in bounded time and memory."""

import asyncio
import time
import tracemalloc

import pytest

from reports.errors import PageError
from scraping.fetcher import Fetcher, FetcherSettings
from scraping.http.addresses import parse_allowed
from scraping.limits import Limits
from scraping.pacing.pace import Pace
from tests.support.site_hostile import (
    PRODUCT,
    HostileSite,
    Request,
    bombs,
    encoded,
    hostile_site,
    redirect,
    send,
)
from tests.support.sockets import established

ONCE = Limits(retries=0, total_s=5, read_s=1, connect_s=1)


@pytest.mark.parametrize(
    "path",
    [
        "/ok",
        "/gzip",
        "/gzip-members",
        "/gzip-trailer",
        "/br",
        "/zstd",
        "/deflate",
        "/deflate-raw",
        "/chunks",
        "/whole-without-length",
    ],
)
async def test_a_page_is_read_whole_however_it_is_sent(
    site: HostileSite, fetcher: Fetcher, path: str
) -> None:
    assert (await fetcher.get_bytes(site.url(path), ONCE)).body == PRODUCT


async def test_brotli_is_read_but_not_asked_for(site: HostileSite, fetcher: Fetcher) -> None:
    async def whether_brotli_is_asked_for(writer: asyncio.StreamWriter, request: Request) -> bool:
        asked = {part.strip() for part in request.headers["accept-encoding"].split(",")}
        return send(writer, b"asked" if "br" in asked else b"not asked")

    site.on("/choice", whether_brotli_is_asked_for)
    assert (await fetcher.get_bytes(site.url("/choice"), ONCE)).body == b"not asked"


@pytest.mark.parametrize(
    ("path", "failure", "says"),
    [
        ("/gzip-cut", "connect", "cut short"),
        ("/br-cut", "connect", "cut short"),
        ("/zstd-cut", "connect", "cut short"),
        ("/gzip-false", "parse", "does not decode"),
        ("/stacked", "parse", "stacked"),
        ("/unknown", "parse", "unknown"),
        ("/silent", "timeout", "silent for 1 s"),
        ("/half-closed", "connect", ""),
        ("/closed", "connect", ""),
        ("/garbage", "connect", "not HTTP"),
        ("/endless-headers", "too_large", "headers"),
        ("/long-header", "too_large", "headers"),
        ("/large-headers", "too_large", "headers"),
        ("/short-length", "connect", "cut short"),
        ("/short-chunks", "connect", "cut short"),
        ("/cut-without-length", "connect", "cut short"),
        ("/two-lengths", "connect", "not HTTP"),
        ("/said-large", "too_large", "10000000 bytes"),
        ("/endless-body", "too_large", "10000000 bytes"),
        ("/loop", "http_302", "more than 10 redirects"),
        ("/status/404", "http_404", ""),
        ("/status/500", "http_500", ""),
    ],
)
async def test_misbehaviour_has_a_word(
    site: HostileSite, fetcher: Fetcher, path: str, failure: str, says: str
) -> None:
    with pytest.raises(PageError) as raised:
        await fetcher.get_bytes(site.url(path), ONCE)
    assert raised.value.failure == failure
    assert says in raised.value.detail


@pytest.mark.parametrize("read_s", [5, 0.3])
@pytest.mark.parametrize("path", ["/drip", "/endless-interim"])
async def test_a_byte_now_and_then_ends_with_the_whole_page_s_time(
    site: HostileSite, fetcher: Fetcher, path: str, read_s: float
) -> None:
    began = time.monotonic()
    with pytest.raises(PageError, match=r"not complete in 0\.6 s"):
        await fetcher.get_bytes(site.url(path), Limits(retries=0, total_s=0.6, read_s=read_s))
    assert 0.6 <= time.monotonic() - began < 2


async def test_a_shorter_silence_is_heeded_on_a_connection_that_bore_a_longer_one(
    site: HostileSite, fetcher: Fetcher
) -> None:
    async def then_nothing(writer: asyncio.StreamWriter, _request: Request) -> bool:
        await asyncio.sleep(0 if site.asked["/then-nothing"] == 1 else 30)
        return send(writer, PRODUCT)

    site.on("/then-nothing", then_nothing)
    assert (await fetcher.get_bytes(site.url("/then-nothing"), Limits(retries=0))).body == PRODUCT
    began = time.monotonic()
    with pytest.raises(PageError, match=r"silent for 0\.3 s"):
        await fetcher.get_bytes(site.url("/then-nothing"), Limits(retries=0, read_s=0.3))
    assert 0.3 <= time.monotonic() - began < 2
    assert site.connections == 1


async def test_a_body_in_the_smallest_chunks_takes_no_more_memory_than_its_cap(
    site: HostileSite, fetcher: Fetcher
) -> None:
    async def crumbs(writer: asyncio.StreamWriter, _request: Request) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(40):
            writer.write(b"2\r\nxy\r\n" * 10_000)
            await writer.drain()
        return False

    site.on("/crumbs", crumbs)
    tracemalloc.start()
    with pytest.raises(PageError, match="larger than 500000 bytes"):
        await fetcher.get_bytes(site.url("/crumbs"), Limits(retries=0, wire_bytes=500_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


async def test_bombs_of_all_encodings_stop_while_decoding(site: HostileSite, fetcher: Fetcher) -> None:
    for name, body in bombs().items():
        site.on(f"/bomb-{name}", encoded(body, name))
        tracemalloc.start()
        began = time.monotonic()
        with pytest.raises(PageError, match="too_large"):
            await fetcher.get_bytes(site.url(f"/bomb-{name}"), ONCE)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 80_000_000, name
        assert time.monotonic() - began < 5, name


async def test_what_follows_a_body_is_not_taken_for_the_next_answer(
    site: HostileSite, fetcher: Fetcher
) -> None:
    assert (await fetcher.get_bytes(site.url("/long-length"), ONCE)).body == PRODUCT
    assert (await fetcher.get_bytes(site.url("/ok"), ONCE)).body == PRODUCT


async def test_what_comes_unasked_is_not_taken_for_the_next_answer(
    site: HostileSite, fetcher: Fetcher
) -> None:
    async def and_later(writer: asyncio.StreamWriter, _request: Request) -> bool:
        send(writer, PRODUCT)
        await asyncio.sleep(0.1)
        return send(writer, b"secret")

    site.on("/and-later", and_later)
    assert (await fetcher.get_bytes(site.url("/and-later"), ONCE)).body == PRODUCT
    await asyncio.sleep(0.3)
    assert (await fetcher.get_bytes(site.url("/ok"), ONCE)).body == PRODUCT
    assert site.connections == 2


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body_is_whole_whatever_length_it_tells(
    site: HostileSite, fetcher: Fetcher, status: int
) -> None:
    async def bare(writer: asyncio.StreamWriter, _request: Request) -> bool:
        writer.write(b"HTTP/1.1 %d Whatever\r\nContent-Length: 500\r\n\r\n" % status)
        return True

    site.on("/bare", bare)
    assert (await fetcher.visit(site.url("/bare"), ONCE)).page.status == status
    assert (await fetcher.get_bytes(site.url("/ok"), ONCE)).body == PRODUCT


async def test_connections_are_kept_between_pages(site: HostileSite, fetcher: Fetcher) -> None:
    for _ in range(5):
        await fetcher.get_bytes(site.url("/ok"), ONCE)
    assert site.connections == 1


async def test_a_connection_that_lay_idle_is_closed(
    site: HostileSite, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scraping.http.wire._KEEP_ALIVE_S", 0.2)
    await fetcher.get_bytes(site.url("/ok"), ONCE)
    assert established(site.port) == 1
    await asyncio.sleep(0.5)
    assert not established(site.port)
    await fetcher.get_bytes(site.url("/ok"), ONCE)
    assert site.connections == 2


async def test_a_process_has_no_more_connections_under_way_than_it_may(site: HostileSite) -> None:
    async def slow(writer: asyncio.StreamWriter, _request: Request) -> bool:
        await asyncio.sleep(0.2)
        return send(writer, PRODUCT)

    site.on("/slow", slow)
    settings = FetcherSettings(allow_private=parse_allowed("127.0.0.1,::1"), connections=2)
    fetcher = Fetcher(settings, Pace(None))
    await asyncio.gather(*(fetcher.get_bytes(site.url("/slow"), ONCE) for _ in range(6)))
    assert site.connections == 2
    await fetcher.get_bytes(site.url("/ok", "localhost"), ONCE)
    await fetcher.get_bytes(site.url("/ok", "localhost"), ONCE)
    assert established(site.port) == 2, "as many lie idle as may be under way"
    assert site.connections == 3, "one of the other name has given way"
    busy = [asyncio.ensure_future(fetcher.get_bytes(site.url("/slow"), ONCE)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(PageError, match=r"no connection in 0\.1 s"):
        await fetcher.get_bytes(site.url("/slow"), Limits(retries=0, connect_s=0.1))
    await asyncio.gather(*busy)
    await fetcher.close()


async def test_a_kept_connection_that_the_server_closed_is_no_failure(
    site: HostileSite, fetcher: Fetcher
) -> None:
    async def once_and_close(writer: asyncio.StreamWriter, _request: Request) -> bool:
        send(writer, PRODUCT)
        return False

    site.on("/once", once_and_close)
    for _ in range(3):
        assert (await fetcher.get_bytes(site.url("/once"), ONCE)).body == PRODUCT


async def test_what_can_pass_is_asked_again(site: HostileSite, fetcher: Fetcher) -> None:
    async def third_time(writer: asyncio.StreamWriter, _request: Request) -> bool:
        return send(writer, PRODUCT, status=200 if site.asked["/flaky"] >= 3 else 503)

    site.on("/flaky", third_time)
    page = await fetcher.get_bytes(site.url("/flaky"), Limits(retries=2))
    assert page.body == PRODUCT
    with pytest.raises(PageError, match="http_404"):
        await fetcher.get_bytes(site.url("/nothing"), Limits(retries=2))
    assert site.asked["/nothing"] == 1


async def test_retry_after_is_waited_for(site: HostileSite, fetcher: Fetcher) -> None:
    async def later(writer: asyncio.StreamWriter, _request: Request) -> bool:
        first = site.asked["/later"] == 1
        return send(
            writer, PRODUCT, status=429 if first else 200, headers="Retry-After: 1\r\n" if first else ""
        )

    site.on("/later", later)
    began = time.monotonic()
    await fetcher.get_bytes(site.url("/later"), Limits(retries=2))
    assert time.monotonic() - began >= 1


async def test_headers_and_cookies_stay_with_their_origin(site: HostileSite, fetcher: Fetcher) -> None:
    async with hostile_site() as other:
        site.on("/start", redirect("/next", headers="Set-Cookie: basket=1; Path=/\r\n"))
        site.on("/next", redirect(other.url("/ok")))
        await fetcher.visit(site.url("/start"), ONCE, {"X-Api-Key": "mine", "If-None-Match": '"a"'})
        assert site.requests[1].headers["cookie"] == "basket=1"
        assert site.requests[1].headers["x-api-key"] == "mine"
        assert (
            not {"cookie", "x-api-key", "if-none-match", "authorization"} & other.requests[0].headers.keys()
        )
        await fetcher.get_bytes(site.url("/ok"), ONCE)
        assert "cookie" not in site.requests[-1].headers


async def test_the_service_names_itself(site: HostileSite) -> None:
    settings = FetcherSettings(
        user_agent="Shelfbeat/9 (+mailto:a@b.example)", allow_private=parse_allowed("127.0.0.1")
    )
    fetcher = Fetcher(settings, Pace(None))
    await fetcher.get_bytes(site.url("/ok"), ONCE)
    await fetcher.close()
    assert site.requests[0].headers["user-agent"] == "Shelfbeat/9 (+mailto:a@b.example)"


async def test_ipv6_shops_are_visited() -> None:
    async with hostile_site("::1") as site:
        fetcher = Fetcher(FetcherSettings(allow_private=parse_allowed("::1")), Pace(None))
        page = await fetcher.get_bytes(site.url("/ok", host="[::1]"), ONCE)
        await fetcher.close()
    assert page.body == PRODUCT
    assert site.requests[0].headers["host"] == f"[::1]:{site.port}"
