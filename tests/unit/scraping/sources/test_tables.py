"""Collecting from text, CSV and XLSX files."""

import gzip
import io
import zipfile

import pytest

from reports.errors import Unavailable
from scraping.sources.collect import Places, collect
from scraping.sources.distinct import Distinct
from scraping.sources.errors import UnusableSource
from tests.support.sources import BASE, SITE, SOURCE, Memory, no_sheet, urls, xlsx


def test_a_text_file_has_one_url_a_line_and_comments() -> None:
    assert urls({"file": "u.txt"}, f"\ufeff# ours\r\n\r\n{SITE}/ä\r\n  {SITE}/b".encode()) == [
        f"{SITE}/ä",
        f"{SITE}/b",
    ]


def test_a_page_that_came_instead_of_a_list_is_told() -> None:
    with pytest.raises(UnusableSource, match="a page of HTML or XML, not a list of URLs"):
        urls({"file": f"{SITE}/u.txt"}, b"\n<!DOCTYPE html><p>Please log in</p>")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_csv_file_gives_its_named_column_in_any_usual_form(separator: str, encoding: str) -> None:
    lines = [["Größe, x", "URL"], ["a", f"{SITE}/a,1"], ["b", ""], ["c"], ['"d"', f"{SITE}/d"]]
    quoted = "\r\n".join(separator.join('"' + c.replace('"', '""') + '"' for c in line) for line in lines)
    assert urls({"file": "u.csv", "column": "url"}, quoted.encode(encoding)) == [f"{SITE}/a,1", f"{SITE}/d"]


def test_a_missing_column_is_told_with_the_columns_there_are() -> None:
    with pytest.raises(UnusableSource) as caught:
        urls({"file": "u.csv", "column": "link"}, b"id,address\n1,x\n")
    assert (
        str(caught.value) == "the first list of URLs (file u.csv): no column 'link'; it has 'id', 'address'"
    )


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


def test_a_gzip_bomb_stops_at_the_cap() -> None:
    reader = Memory({"/jobs/u.txt": gzip.compress(b"x\n" * 10_000_000)}, cap=1_000_000)
    with pytest.raises(UnusableSource, match="more than 1,000,000 bytes when unpacked"):
        list(
            collect(
                [SOURCE.validate_python({"file": "u.txt"})],
                read=reader,
                read_sheet=no_sheet,
                places=Places(BASE),
                seen=Distinct(),
            )
        )


def test_a_gzip_file_that_is_cut_short_may_be_whole_later() -> None:
    whole = gzip.compress("".join(f"{SITE}/{i * 7919}\n" for i in range(9_999)).encode())
    with pytest.raises(Unavailable, match="ends early"):
        urls({"file": "u.txt.gz"}, whole[:-2_000])
