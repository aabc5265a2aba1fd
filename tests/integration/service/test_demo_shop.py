"""The demo shop over real connections."""

import asyncio
import gzip
import subprocess
import sys
from collections.abc import AsyncIterator

import aiohttp
import pytest

from console.demo.catalogue import Day
from console.demo.expected import ExpectedPage, expected
from console.demo.shop import RETRY_AFTER_S, SLOW_S, DemoShop, demo_shop

STATUS = {
    "not_found": 404,
    "error_500": 500,
    "forbidden": 403,
    "rate_limited": 429,
}


def page_that(answer: str, day: Day = 1) -> ExpectedPage:
    return next(page for page in expected(day) if page.answer == answer)


@pytest.fixture
async def shop() -> AsyncIterator[DemoShop]:
    shop = DemoShop()
    await shop.start()
    yield shop
    await shop.stop()


@pytest.mark.parametrize("day", [1, 2])
async def test_every_page_of_a_day_answers_as_the_truth_says(shop: DemoShop, day: Day) -> None:
    shop.day = day
    async with aiohttp.ClientSession() as session:

        async def status(page: ExpectedPage) -> int:
            async with session.get(shop.url(page.path)) as response:
                text = await response.text()
                assert page.sku is None or response.status == 429 or page.sku in text
                return response.status

        pages = expected(day)
        found = await asyncio.gather(*map(status, pages))
    assert found == [STATUS.get(page.answer, 200) for page in pages]
    assert shop.urls() == [shop.url(page.path) for page in pages]


async def test_a_429_says_when_to_come_back_and_is_over_after_one_request_a_day(shop: DemoShop) -> None:
    url = shop.url(page_that("rate_limited").path)
    answers = []
    async with aiohttp.ClientSession() as session:
        for shop.day in (1, 1, 2, 2):
            async with session.get(url) as response:
                answers.append((response.status, response.headers.get("Retry-After")))
    refusal = (429, str(RETRY_AFTER_S))
    assert answers == [refusal, (200, None), refusal, (200, None)]
    assert shop.visits[page_that("rate_limited").path] == 4


async def test_the_slow_page_takes_its_time_and_the_others_do_not_wait_for_it(shop: DemoShop) -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    async with aiohttp.ClientSession() as session:
        slow = asyncio.create_task(session.get(shop.url(page_that("slow").path)))
        async with session.get(shop.url(page_that("page").path)) as quick:
            assert quick.status == 200
        assert loop.time() - start < SLOW_S
        async with await slow as response:
            assert response.status == 200
    assert loop.time() - start >= SLOW_S


async def test_a_moved_page_is_reached_through_a_redirect(shop: DemoShop) -> None:
    path = page_that("moved").path
    async with aiohttp.ClientSession() as session, session.get(shop.url(path)) as response:
        assert [answer.status for answer in response.history] == [301]
        assert response.url.path == f"{path}/"


async def test_pages_are_compressed_for_those_who_ask(shop: DemoShop) -> None:
    headers = {"Accept-Encoding": "gzip"}
    async with aiohttp.ClientSession(auto_decompress=False, headers=headers) as session:
        page = await session.get(shop.url("/"))
        assert page.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(await page.read()).startswith(b"<!doctype html>")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/robots.txt", "text/plain"),
        ("/sitemap.xml", "application/xml"),
        ("/sitemap_index.xml", "application/xml"),
        ("/sitemap-3.xml.gz", "application/gzip"),
        ("/feed.xml", "application/rss+xml"),
        ("/feed.csv", "text/csv"),
        ("/shop.css", "text/css"),
        ("/img/N-10000.svg", "image/svg+xml"),
    ],
)
async def test_the_shop_has_what_shops_have_beside_products(shop: DemoShop, path: str, kind: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(shop.url(path)) as response:
        assert response.status == 200
        assert response.content_type == kind
        assert await response.read()


async def test_an_address_that_never_was_is_a_404(shop: DemoShop) -> None:
    async with aiohttp.ClientSession() as session, session.get(shop.url("/sitemap-9.xml.gz")) as response:
        assert response.status == 404


def test_the_shop_runs_in_a_thread_for_callers_that_are_not_async() -> None:
    async def ask(url: str) -> int:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return response.status

    with demo_shop() as shop:
        url = shop.url("/robots.txt")
        assert asyncio.run(ask(url)) == 200
    with pytest.raises(aiohttp.ClientConnectorError):
        asyncio.run(ask(url))


def test_a_taken_port_is_said_at_once() -> None:
    with demo_shop() as shop:
        port = int(shop.url().split(":")[2].rstrip("/"))
        with pytest.raises(OSError, match="address already in use"), demo_shop(port=port):
            pass


def test_the_module_serves_the_shop_to_a_person_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "console.demo.shop", "--port", "0", "--day", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.terminate()
    assert "day 2: http://127.0.0.1:" in first
