"""Collecting from sitemaps and their indexes."""

import gzip

import pytest

from reports.errors import Unavailable
from scraping.sources.errors import UnusableSource
from tests.support.sources import SITE, gather, index, sitemap, urls


def test_a_sitemap_gives_its_locs_through_the_filters() -> None:
    content = sitemap(f"{SITE}/p/a?x=1&amp;y=2", f"{SITE}/blog/b", f"{SITE}/p/old")
    source: dict[str, object] = {"sitemap": f"{SITE}/sitemap.xml", "include": ["/p/"], "exclude": ["old$"]}
    assert urls(source, content) == [f"{SITE}/p/a?x=1&y=2"]


def test_filters_that_let_nothing_through_are_told_with_the_number() -> None:
    with pytest.raises(UnusableSource, match="none of its 2 addresses passes include and exclude"):
        urls({"sitemap": f"{SITE}/s.xml", "include": ["/p/"]}, sitemap("https://a", "https://b"))


def test_an_index_is_followed_gzipped_files_and_indexes_inside_too() -> None:
    files = {
        f"{SITE}/index.xml": index(f"{SITE}/1.xml.gz", "/2.xml", f"{SITE}/index.xml"),
        f"{SITE}/1.xml.gz": gzip.compress(gzip.compress(sitemap(f"{SITE}/a"))),
        f"{SITE}/2.xml": index(f"{SITE}/3.txt"),
        f"{SITE}/3.txt": f"{SITE}/b\n".encode(),
    }
    assert [u.url for u in gather([{"sitemap": f"{SITE}/index.xml"}], files)] == [f"{SITE}/a", f"{SITE}/b"]


def test_a_local_index_finds_the_files_beside_it() -> None:
    files = {"/jobs/maps/index.xml": index("a.xml"), "/jobs/maps/a.xml": sitemap(f"{SITE}/a")}
    assert [u.url for u in gather([{"sitemap": "maps/index.xml"}], files)] == [f"{SITE}/a"]


def test_an_index_from_the_network_never_names_a_local_file() -> None:
    with pytest.raises(UnusableSource, match="no http"):
        urls({"sitemap": f"{SITE}/index.xml"}, index("file:///etc/passwd"))


def test_indexes_deeper_than_the_limit_are_refused() -> None:
    files = {f"{SITE}/{i}.xml": index(f"{SITE}/{i + 1}.xml") for i in range(8)}
    with pytest.raises(UnusableSource, match="deeper than 5"):
        gather([{"sitemap": f"{SITE}/0.xml"}], files)


def test_one_missing_file_of_an_index_makes_the_source_unavailable() -> None:
    files = {f"{SITE}/index.xml": index(f"{SITE}/1.xml")}
    with pytest.raises(
        Unavailable, match=r"sitemap https://shop\.example/index\.xml: the server answered 503"
    ):
        gather([{"sitemap": f"{SITE}/index.xml"}], files)


def test_an_entity_bomb_is_refused() -> None:
    entities = b'<!DOCTYPE u [<!ENTITY a "' + b"x" * 1_000 + b'"><!ENTITY b "' + b"&a;" * 1_000
    bomb = entities + b'"><!ENTITY c "' + b"&b;" * 1_000 + b'">]><urlset><url><loc>&c;</loc></url></urlset>'
    with pytest.raises(UnusableSource, match="amplification"):
        urls({"sitemap": f"{SITE}/s.xml"}, bomb)


def test_an_entity_that_names_a_file_is_never_read() -> None:
    head = b'<!DOCTYPE u [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    content = head + b"<urlset><url><loc>https://a/&f;</loc></url></urlset>"
    assert all("root:" not in url for url in urls({"sitemap": f"{SITE}/s.xml"}, content))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><body>Not found</body></html>", "its root is <html>"),
        (b"<urlset><url><loc>https://a</loc>", "no well-formed XML"),
        (b"<urlset></urlset>", "it holds no URL"),
        (b"", "it holds no URL"),
    ],
)
def test_what_is_no_sitemap_is_told(content: bytes, words: str) -> None:
    with pytest.raises(UnusableSource, match=words):
        urls({"sitemap": f"{SITE}/s.xml"}, content)
