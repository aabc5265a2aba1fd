"""Sources over http, from a loopback server that behaves well and badly."""

import base64
import gzip
import ipaddress
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from jobs.url_sources import FeedSource, FileSource, SitemapSource, UrlSource
from reports.errors import Unavailable
from scraping.sources.collect import Places, collect
from scraping.sources.distinct import Distinct
from scraping.sources.download import DownloadSettings
from scraping.sources.errors import UnusableSource
from scraping.sources.reader import SourceReader

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers from the server's own table of paths."""

    answers: ClassVar[dict[str, Answer]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.answers[self.path](self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing."""


def body(content: bytes, **headers: str) -> Answer:
    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def status(code: int, **headers: str) -> Answer:
    def answer(handler: Handler) -> None:
        handler.send_response(code)
        handler.send_header("Content-Length", "0")
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


def cut_short(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b"https://shop.example/a\n")
    handler.close_connection = True


class Shop:
    """A loopback server and a reader that may visit it."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        Handler.answers, Handler.asked = self.answers, self.asked

    def urls(
        self, source: UrlSource, *, allowed: bool = True, max_bytes: int = 1_000_000, secret: str = ""
    ) -> list[str]:
        settings = DownloadSettings(
            "Shelfbeat/test",
            allow_private=LOOPBACK if allowed else (),
            max_bytes=max_bytes,
            connect_s=2,
            read_s=2,
            total_s=5,
            tries=2,
        )
        places = Places(Path(), lambda _: secret)
        found = collect(
            [source], read=SourceReader(settings), read_sheet=lambda _, __: [], places=places, seen=Distinct()
        )
        return [url.url for url in found]


@pytest.fixture
def shop() -> Iterator[Shop]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield Shop(server.server_port)
        server.shutdown()
        thread.join()


def test_a_sitemap_index_is_followed_over_http(shop: Shop) -> None:
    index = f"<sitemapindex><sitemap><loc>{shop.root}/1.xml.gz</loc></sitemap></sitemapindex>"
    page = "<urlset><url><loc>https://shop.example/a</loc></url></urlset>"
    shop.answers["/sitemap.xml"] = status(301, Location="/index.xml")
    shop.answers["/index.xml"] = body(index.encode())
    shop.answers["/1.xml.gz"] = body(gzip.compress(page.encode()))
    assert shop.urls(SitemapSource(sitemap=f"{shop.root}/sitemap.xml")) == ["https://shop.example/a"]


def test_a_body_sent_gzipped_is_unpacked(shop: Shop) -> None:
    content = gzip.compress(b"link,price\nhttps://shop.example/a,1 EUR\n")
    shop.answers["/feed.csv"] = body(content, Content_Encoding="gzip")
    assert shop.urls(FeedSource(feed=f"{shop.root}/feed.csv")) == ["https://shop.example/a"]


def test_a_private_address_is_not_visited_unless_it_was_named(shop: Shop) -> None:
    shop.answers["/u.txt"] = body(b"https://shop.example/a")
    with pytest.raises(UnusableSource, match=r"refused to connect: forbidden address 127\.0\.0\.1"):
        shop.urls(FileSource(file=f"{shop.root}/u.txt"), allowed=False)
    assert shop.asked == []


def test_a_redirect_to_an_address_behind_the_door_is_refused(shop: Shop) -> None:
    shop.answers["/u.txt"] = status(302, Location="http://169.254.169.254/latest/meta-data/")
    with pytest.raises(UnusableSource, match=r"forbidden address 169\.254\.169\.254"):
        shop.urls(FileSource(file=f"{shop.root}/u.txt"))


@pytest.mark.parametrize(
    ("code", "error"), [(404, UnusableSource), (403, UnusableSource), (503, Unavailable)]
)
def test_a_status_tells_whether_a_person_or_time_helps(shop: Shop, code: int, error: type[Exception]) -> None:
    shop.answers["/u.txt"] = status(code)
    with pytest.raises(error, match=f"the server answered {code}"):
        shop.urls(FileSource(file=f"{shop.root}/u.txt"))
    assert len(shop.asked) == (2 if error is Unavailable else 1)


def test_a_login_goes_to_its_own_origin_and_nowhere_else(shop: Shop) -> None:
    heard: list[str | None] = []

    def hear(answer: Answer) -> Answer:
        def listen(handler: Handler) -> None:
            heard.append(handler.headers.get("Authorization"))
            answer(handler)

        return listen

    elsewhere = shop.root.replace("127.0.0.1", "localhost")
    shop.answers["/list"] = hear(status(302, Location="/moved"))
    shop.answers["/moved"] = hear(status(302, Location=f"{elsewhere}/other"))
    shop.answers["/other"] = hear(body(b"https://shop.example/a"))
    secret = shop.root.replace("//", "//me:s%C3%A9cret@") + "/list"
    assert shop.urls(FileSource(file="secret:URLS"), secret=secret) == ["https://shop.example/a"]
    login = "Basic " + base64.b64encode("me:sécret".encode()).decode()
    assert heard == [login, login, None]


def test_what_passes_on_the_second_try_is_read(shop: Shop) -> None:
    def first_503(handler: Handler) -> None:
        (status(503) if len(shop.asked) == 1 else body(b"https://shop.example/a"))(handler)

    shop.answers["/u.txt"] = first_503
    assert shop.urls(FileSource(file=f"{shop.root}/u.txt")) == ["https://shop.example/a"]


def test_a_body_that_is_cut_short_gives_nothing(shop: Shop) -> None:
    shop.answers["/u.txt"] = cut_short
    with pytest.raises(Unavailable, match="cut short"):
        shop.urls(FileSource(file=f"{shop.root}/u.txt"))


def test_a_body_above_the_cap_is_refused(shop: Shop) -> None:
    shop.answers["/u.txt"] = body(b"x" * 2_000)
    with pytest.raises(UnusableSource, match="larger than 1,000 bytes"):
        shop.urls(FileSource(file=f"{shop.root}/u.txt"), max_bytes=1_000)


def test_an_endless_redirect_ends(shop: Shop) -> None:
    shop.answers["/u.txt"] = status(302, Location="/u.txt")
    with pytest.raises(UnusableSource, match="more than 10 redirects"):
        shop.urls(FileSource(file=f"{shop.root}/u.txt"))


def test_a_server_that_is_not_there_may_come_back() -> None:
    settings = DownloadSettings("Shelfbeat/test", allow_private=LOOPBACK, connect_s=1, tries=1)
    source = FileSource(file="http://127.0.0.1:9/u.txt")
    with pytest.raises(Unavailable, match=r"file http://127\.0\.0\.1:9/u\.txt"):
        list(
            collect(
                [source],
                read=SourceReader(settings),
                read_sheet=lambda _, __: [],
                places=Places(Path()),
                seen=Distinct(),
            )
        )


@pytest.mark.parametrize(("name", "words"), [("none.txt", "there is no such file"), (".", "no regular file")])
def test_a_local_file_that_is_not_there_is_told(tmp_path: Path, name: str, words: str) -> None:
    reader = SourceReader(DownloadSettings("Shelfbeat/test"))
    with pytest.raises(UnusableSource, match=words):
        list(
            collect(
                [FileSource(file=name)],
                read=reader,
                read_sheet=lambda _, __: [],
                places=Places(tmp_path),
                seen=Distinct(),
            )
        )
