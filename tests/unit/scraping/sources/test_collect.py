"""Collecting over several sources; files come out of memory."""

from collections.abc import Iterable, Sequence

import pytest

from reports.errors import Unavailable
from scraping.sources.collect import Places, collect, describe
from scraping.sources.distinct import Distinct
from scraping.sources.errors import UnusableContent, UnusableSource, shown_address
from tests.support.sources import BASE, SITE, SOURCE, Memory, gather, no_sheet


def test_urls_come_once_in_first_seen_order_over_all_sources() -> None:
    found = gather(
        [{"list": [f"{SITE}/b", f"{SITE}/a", f" {SITE}/b "]}, {"file": "more.txt"}],
        {"/jobs/more.txt": f"{SITE}/a\n{SITE}/c\n".encode()},
    )
    assert [(url.position, url.url) for url in found] == [
        (0, f"{SITE}/b"),
        (1, f"{SITE}/a"),
        (2, f"{SITE}/c"),
    ]


@pytest.mark.parametrize(
    "again", ["#reviews", "#!/kettle", "#/1-size-s"], ids=["place", "hashbang", "single page"]
)
def test_a_fragment_that_the_server_never_sees_makes_no_second_url(again: str) -> None:
    found = gather([{"list": [f"{SITE}/a{again}", f"{SITE}/a"]}])
    assert [url.url for url in found] == [f"{SITE}/a{again}"]


def test_a_fragment_that_names_the_variant_to_read_makes_a_url_of_its_own() -> None:
    listed = [f"{SITE}/a", f"{SITE}/a#variant=4711", f"{SITE}/a#variant=4712"]
    assert [url.url for url in gather([{"list": listed}])] == listed


def test_scheme_and_host_are_told_apart_without_case_and_the_path_with_it() -> None:
    listed = ["HTTPS://Shop.Example/a?q=B", "https://shop.example/a?q=B", "https://SHOP.EXAMPLE/A?q=b"]
    assert [url.url for url in gather([{"list": listed}])] == [listed[0], listed[2]]


def test_what_is_no_url_is_told_apart_as_it_is_written() -> None:
    listed = ["Kettle #1", "Kettle #2", "kettle #1"]
    assert [url.url for url in gather([{"list": listed}])] == listed


def test_what_is_no_url_is_yielded_to_become_a_row() -> None:
    assert [found.url for found in gather([{"list": ["ftp://x", "kettle", f"{SITE}/a"]}])] == [
        "ftp://x",
        "kettle",
        f"{SITE}/a",
    ]


def test_a_sheet_gives_the_first_filled_cell_of_each_row() -> None:
    asked = []

    def read_sheet(spreadsheet: str, cells: str) -> Iterable[Sequence[str]]:
        asked.append((spreadsheet, cells))
        return [[f"{SITE}/a"], [], [""], ["", f"{SITE}/b"]]

    source = SOURCE.validate_python({"sheet": "1AbC", "range": "URLs!B2:B"})
    found = list(
        collect([source], read=Memory({}), read_sheet=read_sheet, places=Places(BASE), seen=Distinct())
    )
    assert [url.url for url in found] == [f"{SITE}/a", f"{SITE}/b"]
    assert asked == [("1AbC", "URLs!B2:B")]


def test_an_empty_source_says_which_it_is() -> None:
    with pytest.raises(UnusableSource) as caught:
        gather([{"list": [f"{SITE}/a"]}, {"file": "empty.txt"}], {"/jobs/empty.txt": b"# nothing\n"})
    assert (caught.value.key, caught.value.detail) == ("urls.1", "it holds no URL")
    assert caught.value.mistakes[0].key == "urls.1"


def test_a_source_is_only_opened_when_its_turn_comes() -> None:
    reader = Memory({"/jobs/a.txt": b"https://a"})
    sources = [SOURCE.validate_python(source) for source in ({"list": ["https://x"]}, {"file": "a.txt"})]
    stream = collect(sources, read=reader, read_sheet=no_sheet, places=Places(BASE), seen=Distinct())
    next(stream)
    assert reader.opened == []
    next(stream)
    assert reader.opened == ["/jobs/a.txt"]


def test_messages_show_no_credentials_and_no_tokens() -> None:
    assert shown_address("https://user:pw@shop.example/f.xml?token=1") == "https://shop.example/f.xml?…"
    source = SOURCE.validate_python({"feed": "https://shop.example/f.xml?token=1"})
    assert describe(source) == "feed https://shop.example/f.xml?…"


def test_distinct_tells_new_from_seen_also_for_broken_text() -> None:
    seen = Distinct()
    assert [seen.add(text) for text in ("a", "b", "a", "\ud800", "\ud800")] == [
        True,
        True,
        False,
        True,
        False,
    ]
    assert (len(seen), seen.repeats) == (3, 2)


def test_an_error_keeps_what_it_says_when_it_crosses_processes() -> None:
    error = UnusableSource("urls.0", "file u.csv", "it holds no URL")
    again = UnusableSource(*error.args)
    assert str(again) == str(error) == "the first list of URLs (file u.csv): it holds no URL"
    assert str(UnusableSource("urls.10", "list", "x")).startswith("the list number 11 of URLs (list)")
    assert isinstance(UnusableContent("x"), Exception)


def test_a_secret_address_is_looked_up_when_its_turn_comes_and_never_told() -> None:
    address = "https://feeds.example/t0ken/urls.txt"
    asked: list[str] = []

    def resolve(reference: str) -> str:
        asked.append(reference)
        return address

    sources = [SOURCE.validate_python(source) for source in ({"list": [SITE]}, {"file": "secret:URLS"})]
    reader = Memory({address: f"{SITE}/a".encode()})
    stream = collect(sources, read=reader, read_sheet=no_sheet, places=Places(BASE, resolve), seen=Distinct())
    assert (next(stream).url, asked) == (SITE, [])
    assert (next(stream).url, asked) == (f"{SITE}/a", ["secret:URLS"])
    with pytest.raises(Unavailable) as caught:
        list(
            collect(
                sources[1:],
                read=Memory({}),
                read_sheet=no_sheet,
                places=Places(BASE, resolve),
                seen=Distinct(),
            )
        )
    assert str(caught.value) == "file secret:URLS: the server answered 503"


def test_a_secret_that_is_no_web_address_opens_no_local_file() -> None:
    source = SOURCE.validate_python({"feed": "secret:FEED"})
    places = Places(BASE, lambda _: "/etc/passwd")
    with pytest.raises(UnusableSource, match="no http"):
        list(collect([source], read=Memory({}), read_sheet=no_sheet, places=places, seen=Distinct()))


def test_a_login_in_a_listed_url_is_left_out_of_its_row() -> None:
    (found,) = gather([{"file": "u.txt"}], {"/jobs/u.txt": b"https://me:s3cret@shop.example/a"})
    assert found.url == "https://…@shop.example/a"
