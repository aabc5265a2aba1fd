"""The host of a URL, read the short way or the long one."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.hosts import host_of

_PARTS = st.lists(
    st.sampled_from(
        (
            "http",
            "https",
            "://",
            "shop.example",
            "a-b.example.",
            "127.0.0.1",
            "[::1]",
            ":8080",
            ":",
            "@",
            "/",
            "?",
            "#",
            "Shop.EXAMPLE",
            "-",
            ".",
            "x",
            "\n",
            " ",
            "[",
            "\\",
            "%41",
            "ü",
        )
    ),
    max_size=8,
)


def slowly(url: str) -> str:
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:
        return ""


@given(_PARTS.map("".join) | _PARTS.map(lambda parts: "https://" + "".join(parts)) | st.text())
def test_the_host_is_the_one_that_the_whole_url_has(url: str) -> None:
    assert host_of(url) == slowly(url)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://shop.example/p/1", "shop.example"),
        ("https://shop.example", "shop.example"),
        ("http://shop.example:8080?x=1", "shop.example"),
        ("http://me:secret@shop.example/", "shop.example"),
        ("http://shop.example:80@evil.example/", "evil.example"),
        ("HTTPS://Shop.Example/", "shop.example"),
        ("no url", ""),
    ],
)
def test_every_form_of_a_url_has_its_host(url: str, host: str) -> None:
    assert host_of(url) == host
