"""Collecting from every kind of source; files come out of memory."""

import gzip
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from openpyxl import Workbook
from pydantic import TypeAdapter

from jobs.url_sources import UrlSource
from reports.errors import Unavailable
from reports.row import FeedClaim, ProductUrl
from scraping.sources.collect import collect, describe
from scraping.sources.distinct import Distinct
from scraping.sources.errors import Unreachable, UnusableContent, UnusableSource, shown_address
from scraping.sources.reader import decoded

BASE = Path("/jobs")
SITE = "https://shop.example"
SOURCE: TypeAdapter[UrlSource] = TypeAdapter(UrlSource)


class Memory:
    """A reader of files that are in memory; what is not there is unreachable."""

    def __init__(self, files: dict[str, bytes], cap: int = 10_000_000) -> None:
        self._files = files
        self._cap = cap
        self.opened: list[str] = []

    @contextmanager
    def open(self, address: str) -> Iterator[BinaryIO]:
        self.opened.append(address)
        if address not in self._files:
            message = "the server answered 503"
            raise Unreachable(message)
        yield decoded(cast("BinaryIO", io.BytesIO(self._files[address])), self._cap)


def no_sheet(spreadsheet: str, cells: str) -> Iterable[Sequence[str]]:
    raise AssertionError((spreadsheet, cells))


def gather(sources: list[dict[str, object]], files: dict[str, bytes] | None = None) -> list[ProductUrl]:
    reader = Memory(files or {})
    parsed = [SOURCE.validate_python(source) for source in sources]
    return list(collect(parsed, read=reader, read_sheet=no_sheet, base=BASE))


def urls(source: dict[str, object], content: bytes) -> list[str]:
    (address,) = [value for key, value in source.items() if key in {"file", "sitemap", "feed"}]
    assert isinstance(address, str)
    place = address if "://" in address else str(BASE / address)
    return [found.url for found in gather([source], {place: content})]


def xlsx(*tabs: tuple[str, list[list[object]]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in tabs:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def sitemap(*locs: str) -> bytes:
    body = "".join(f"<url><loc>{loc}</loc><lastmod>2026-01-01</lastmod></url>" for loc in locs)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</urlset>'.encode()


def index(*locs: str) -> bytes:
    body = "".join(f"<sitemap><loc> {loc} </loc></sitemap>" for loc in locs)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{body}</sitemapindex>'.encode()


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


def test_what_is_no_url_is_yielded_to_become_a_row() -> None:
    assert [found.url for found in gather([{"list": ["ftp://x", "kettle", f"{SITE}/a"]}])] == [
        "ftp://x",
        "kettle",
        f"{SITE}/a",
    ]


def test_a_text_file_has_one_url_a_line_and_comments() -> None:
    assert urls({"file": "u.txt"}, f"\ufeff# ours\r\n\r\n{SITE}/ä\r\n  {SITE}/b".encode()) == [
        f"{SITE}/ä",
        f"{SITE}/b",
    ]


def test_a_page_that_came_instead_of_a_list_is_told() -> None:
    with pytest.raises(UnusableSource, match="a page of HTML or XML, not a list of URLs"):
        urls({"file": f"{SITE}/u.txt"}, b"\n<!DOCTYPE html><p>Please log in</p>")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_feed_may_be_in_any_usual_encoding(encoding: str) -> None:
    assert urls({"feed": "f.xml"}, RSS.replace("?>", f' encoding="{encoding}"?>', 1).encode(encoding)) == [
        f"{SITE}/a",
        f"{SITE}/b",
    ]
    assert urls({"feed": "f.tsv"}, TSV.encode(encoding)) == [f"{SITE}/a"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_csv_file_gives_its_named_column_in_any_usual_form(separator: str, encoding: str) -> None:
    lines = [["Größe, x", "URL"], ["a", f"{SITE}/a,1"], ["b", ""], ["c"], ['"d"', f"{SITE}/d"]]
    quoted = "\r\n".join(separator.join('"' + c.replace('"', '""') + '"' for c in line) for line in lines)
    assert urls({"file": "u.csv", "column": "url"}, quoted.encode(encoding)) == [f"{SITE}/a,1", f"{SITE}/d"]


def test_a_missing_column_is_told_with_the_columns_there_are() -> None:
    with pytest.raises(UnusableSource) as caught:
        urls({"file": "u.csv", "column": "link"}, b"id,address\n1,x\n")
    assert str(caught.value) == "urls.0 (file u.csv): no column 'link'; it has 'id', 'address'"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"https://shop.example/a\nhttps://shop.example/b\n", ["/a", "/b"]),
        (b"address\nhttps://shop.example/b\n", ["/b"]),
        (b"id,Url\n1,https://shop.example/c\n", ["/c"]),
    ],
)
def test_a_csv_file_without_a_named_column_is_read_where_it_is_plain(
    content: bytes, expected: list[str]
) -> None:
    assert urls({"file": "u.csv"}, content) == [SITE + path for path in expected]


def test_an_xlsx_file_gives_the_column_of_a_tab() -> None:
    content = xlsx(("One", [["x"], ["y"]]), ("Two", [[None, "Link"], [1, f"{SITE}/a"], [2, None]]))
    assert urls({"file": "u.xlsx", "sheet": "Two", "column": "Link"}, content) == [f"{SITE}/a"]
    with pytest.raises(UnusableSource, match="no tab 'Three'; it has 'One', 'Two'"):
        urls({"file": "u.xlsx", "sheet": "Three"}, content)


def test_cells_of_every_kind_keep_their_column_and_text() -> None:
    long = f"{SITE}/" + "x" * 5_000
    content = xlsx(("T", [["a", None, "url", "n"], [None, None, long, 7], [True, 1.5, f"{SITE}/_x005F_ü\n"]]))
    assert urls({"file": "u.xlsx", "column": "url"}, content) == [long, f"{SITE}/_ü"]  # as Excel shows it
    assert urls({"file": "u.xlsx", "column": "n"}, content) == ["7"]


def test_an_old_or_encrypted_excel_file_is_told_apart() -> None:
    with pytest.raises(UnusableSource, match=r"save it as \.xlsx"):
        urls({"file": "u.xlsx", "column": "Link"}, bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 512)


def test_an_encrypted_part_of_an_xlsx_file_is_told() -> None:
    content = bytearray(xlsx(("One", [["url"], ["https://a"]])))
    place = -1
    while (place := content.find(b"PK\x01\x02", place + 1)) >= 0:
        content[place + 8] |= 1  # the flag of encryption in the directory
    with pytest.raises(UnusableSource, match=r"xl/workbook\.xml cannot be read"):
        urls({"file": "u.xlsx"}, bytes(content))


def test_a_zip_that_is_no_xlsx_is_told() -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as parts:
        parts.writestr("readme.txt", "x")
    with pytest.raises(UnusableSource, match=r"no XLSX file: xl/workbook\.xml is missing"):
        urls({"file": "u.zip"}, other.getvalue())
    with pytest.raises(UnusableSource, match="damaged or not of its kind"):
        urls({"file": "u.xlsx"}, b"PK\x03\x04 broken")


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


def test_a_gzip_bomb_stops_at_the_cap() -> None:
    reader = Memory({"/jobs/u.txt": gzip.compress(b"x\n" * 10_000_000)}, cap=1_000_000)
    with pytest.raises(UnusableSource, match="more than 1,000,000 bytes when unpacked"):
        list(
            collect([SOURCE.validate_python({"file": "u.txt"})], read=reader, read_sheet=no_sheet, base=BASE)
        )


def test_a_gzip_file_that_is_cut_short_may_be_whole_later() -> None:
    whole = gzip.compress("".join(f"{SITE}/{i * 7919}\n" for i in range(9_999)).encode())
    with pytest.raises(Unavailable, match="ends early"):
        urls({"file": "u.txt.gz"}, whole[:-2_000])


RSS = """<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>
<title>Shop</title><link>https://shop.example</link>
<item><g:id>7</g:id><title><![CDATA[Kettle]]></title><link><![CDATA[ https://shop.example/a ]]></link>
<g:gtin>4006381333931</g:gtin><g:price>29.90 EUR</g:price><g:sale_price>19.90 EUR</g:sale_price>
<g:availability>in_stock</g:availability></item>
<item><g:id>8</g:id><g:link>https://shop.example/b</g:link></item><item><g:id>9</g:id></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<link rel="self" href="https://shop.example/feed"/>
<entry><g:id>7</g:id><link rel="enclosure" href="https://shop.example/a.jpg"/>
<link href="https://shop.example/a"/><g:price>29.90 EUR</g:price></entry></feed>"""
TSV = (
    "id\tTitle\tlink\tSale price\tg:price\r\n7\tKettle\thttps://shop.example/a\t\t29.90 EUR\r\n8\tx\t\t\t\r\n"
)


def test_an_rss_feed_gives_links_and_what_it_claims() -> None:
    found = gather([{"feed": "f.xml"}], {"/jobs/f.xml": RSS.encode()})
    assert [product.url for product in found] == [f"{SITE}/a", f"{SITE}/b"]
    assert found[0].feed == FeedClaim(
        id="7", gtin="4006381333931", price="29.90 EUR", sale_price="19.90 EUR", availability="in_stock"
    )
    assert found[1].feed == FeedClaim(id="8")


@pytest.mark.parametrize("content", [ATOM, TSV])
def test_atom_and_tsv_feeds_say_the_same(content: str) -> None:
    (found,) = gather([{"feed": "f"}], {"/jobs/f": content.encode()})
    assert found == ProductUrl(0, f"{SITE}/a", FeedClaim(id="7", price="29.90 EUR"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><item/></html>", "its root is <html>"),
        (b"id,url\n1,x\n", "no column 'link'; it has 'id', 'url'"),
        (b"", "it holds no URL"),
    ],
)
def test_what_is_no_feed_is_told(content: bytes, words: str) -> None:
    with pytest.raises(UnusableSource, match=words):
        urls({"feed": "f"}, content)


def test_a_sheet_gives_the_first_filled_cell_of_each_row() -> None:
    asked = []

    def read_sheet(spreadsheet: str, cells: str) -> Iterable[Sequence[str]]:
        asked.append((spreadsheet, cells))
        return [[f"{SITE}/a"], [], [""], ["", f"{SITE}/b"]]

    source = SOURCE.validate_python({"sheet": "1AbC", "range": "URLs!B2:B"})
    found = list(collect([source], read=Memory({}), read_sheet=read_sheet, base=BASE))
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
    stream = collect(sources, read=reader, read_sheet=no_sheet, base=BASE)
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


def test_an_error_keeps_what_it_says_when_it_crosses_processes() -> None:
    error = UnusableSource("urls.0", "file u.csv", "it holds no URL")
    again = UnusableSource(*error.args)
    assert str(again) == str(error)
    assert isinstance(UnusableContent("x"), Exception)
