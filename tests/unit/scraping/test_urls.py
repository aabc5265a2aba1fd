"""URLs that may be asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from reports.errors import PageError
from reports.hosts import host_of
from scraping.urls import _parse_any, join, parse_target


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("https://shop.example/kettle?id=1&c=a+b", "https://shop.example/kettle?id=1&c=a+b"),
        ("  https://shop.example/kettle#reviews ", "https://shop.example/kettle"),
        ("https://Shop.Example/Kettle", "https://shop.example/Kettle"),
        ("https://shop.example", "https://shop.example/"),
        ("http://shop.example:80/a", "http://shop.example/a"),
        ("http://shop.example:8080/a", "http://shop.example:8080/a"),
        ("https://shop.example/küche/a b", "https://shop.example/k%C3%BCche/a%20b"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://shop.example/a/../b/./c", "https://shop.example/b/c"),
        ("http://[::1]/a", "http://[::1]/a"),
    ],
)
def test_a_url_is_asked_for_in_its_encoded_form(text: str, asked: str) -> None:
    target = parse_target(text)
    assert target.url == asked
    assert target.text == text


@given(
    st.from_regex(
        r"https?://[a-z0-9][a-z0-9.-]{0,20}(:[1-9][0-9]{0,3})?/[A-Za-z0-9._~!$&'()*+,;=:@/-]{0,30}(\?[a-z=&+]{0,9})?",
        fullmatch=True,
    )
)
def test_the_short_way_reads_a_url_as_the_long_way_does(text: str) -> None:
    try:
        slow = _parse_any(text)
    except PageError:
        return  # a host that is no host: the short way leaves it to the resolver
    assert parse_target(text) == slow


@pytest.mark.parametrize(
    "text", ["", "kettle", "ftp://a/b", "http://", "http://u:p@a/", "http://u@a/", "http://a:0/"]
)
def test_what_is_no_http_url_says_so(text: str) -> None:
    with pytest.raises(PageError, match="bad_url"):
        parse_target(text)


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_a_bad_url(text: str) -> None:
    try:
        target = parse_target(text)
    except PageError as error:
        outcome = error.failure
    else:
        outcome = URL(target.url).scheme
        assert not set("\r\n ") & set(target.path + target.authority)
    assert outcome in {"bad_url", "http", "https"}


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/b", "https://shop.example/b"),
        ("c?d=1", "https://shop.example/a/c?d=1"),
        ("//other.example/x", "https://other.example/x"),
        ("http://other.example/x#y", "http://other.example/x"),
    ],
)
def test_a_redirect_is_joined_to_where_it_came_from(location: str, leads_to: str) -> None:
    assert join(parse_target("https://shop.example/a/b"), location).url == leads_to


@pytest.mark.parametrize(
    "location", ["ftp://other.example/", "javascript:alert(1)", "http://u:p@other.example/"]
)
def test_a_redirect_to_no_http_url_is_refused(location: str) -> None:
    with pytest.raises(PageError, match="bad_url"):
        join(parse_target("https://shop.example/a"), location)


def test_the_host_of_what_is_no_url_is_empty() -> None:
    assert host_of("kettle") == host_of("http://[::1") == ""
    assert host_of("https://Shop.Example:8080/a") == "shop.example"
