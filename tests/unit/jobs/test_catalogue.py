import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from jobs.catalogue import Catalogue, load_catalogue, load_definition
from jobs.definition import DEFAULT_COLUMNS, Report
from jobs.document import Document, parse_document
from jobs.errors import InvalidDefinition, Mistake
from jobs.mistakes import to_mistakes
from jobs.url_sources import FileSource, SheetSource, SitemapSource

FIELDS = frozenset({*DEFAULT_COLUMNS, "availability_raw"})
Write = Callable[..., Path]

SMALL = """\
job: acme-daily
customer: ACME GmbH
category: Reports
description: Prices and stock of ACME's own shop
schedule: "0 6 * * *"
timezone: Europe/Berlin
deadline: 1h
urls:
  - list: ["https://shop.acme.example/kettle"]
  - sitemap: https://shop.acme.example/sitemap.xml
publish:
  files: [xlsx, csv, jsonl]
  sheet: {spreadsheet: 1AbC, tab: Report}
notify: ["secret:ACME_SLACK_URL", "mailto://team@acme.example"]
"""


def load(folder: Path, previous: Catalogue | None = None, **variables: str) -> Catalogue:
    return load_catalogue(folder, known_fields=FIELDS, variables=variables, previous=previous)


def mistakes_in(text: str, **variables: str) -> list[Mistake]:
    with pytest.raises(InvalidDefinition) as caught:
        load_definition(text, known_fields=FIELDS, variables=variables)
    return list(caught.value.mistakes)


def only(text: str, **variables: str) -> Mistake:
    (mistake,) = mistakes_in(text, **variables)
    return mistake


def test_the_example_of_the_readme_is_a_report() -> None:
    report = load_definition(SMALL, known_fields=FIELDS)
    assert report.job == "acme-daily"
    assert isinstance(report.urls[1], SitemapSource)
    assert report.deadline.total_seconds() == 3600


def test_a_frozen_copy_of_a_report_reads_back_as_the_same_report() -> None:
    text = SMALL + (
        "fetch: {delay: 250ms}\nstart: 2026-12-01\nsites: {shop.example: {fields: {price: {css: .p}}}}\n"
        "gates: {min_fields: {price: 0.9}}\n"
    )
    text = text.replace("  - list", "  - {file: u.xlsx, sheet: Tab}\n  - {sheet: 1AbC}\n  - list")
    report = load_definition(text, known_fields=FIELDS)
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert isinstance(report.urls[0], FileSource)
    assert isinstance(report.urls[1], SheetSource)


def test_every_mistake_of_a_file_is_told_at_once_with_its_line() -> None:
    found = mistakes_in(
        "job: Acme\nschedule: 0 25 * * *\ntimezone: Berlin\nfetch:\n  batch_size: 0\nurls:\n  - list: [a]\n"
        "publish: {files: [pdf]}\n"
    )
    assert [(m.line, m.key) for m in found] == [
        (1, "job"),
        (2, "schedule"),
        (3, "timezone"),
        (5, "fetch.batch_size"),
        (8, "publish.files.0"),
    ]
    assert found[3].allowed == "at least 1"
    assert found[3].given == "0"
    assert found[4].allowed.startswith("one of xlsx, csv, jsonl")


def test_an_unknown_key_is_a_mistake_that_names_the_nearest() -> None:
    mistake = only(SMALL.replace("customer:", "custmer:"))
    assert (mistake.line, mistake.key) == (2, "custmer")
    assert "nearest: customer" in mistake.allowed


@pytest.mark.parametrize(
    ("source", "key", "words"),
    [
        ("{sitmap: https://x.example}", "urls.1", "one of the keys list, file, sitemap, feed, sheet"),
        ("{sitmap: https://x.example}", "urls.1", "nearest: sitemap"),
        ("{file: urls.csv, colum: url}", "urls.1.colum", "nearest: column; allowed: file, column, sheet"),
        ("{sitemap: 3}", "urls.1.sitemap", "a text"),
        ("{sitemap: s.xml, include: ['(']}", "urls.1.include.0", "a regular expression"),
        ("https://x.example", "urls.1", "one of the keys"),
        ("{sheet: '1 2'}", "urls.1.sheet", "the id of a spreadsheet, or its address"),
    ],
)
def test_a_wrong_source_is_told_once_and_for_its_own_kind(source: str, key: str, words: str) -> None:
    mistake = only(SMALL.replace("  - sitemap: https://shop.acme.example/sitemap.xml", f"  - {source}"))
    assert (mistake.line, mistake.key) == (10, key)
    assert words in mistake.allowed


@pytest.mark.parametrize(
    ("columns", "key"), [("[url, pirce]", "columns.1"), ("[{field: pirce}]", "columns.0.field")]
)
def test_a_column_of_no_row_field_names_the_nearest_field(columns: str, key: str) -> None:
    mistake = only(SMALL + f"columns: {columns}\n")
    assert (mistake.key, mistake.given) == (key, "'pirce'")
    assert "nearest: price" in mistake.allowed


def test_the_start_of_a_field_name_is_near_it() -> None:
    assert "nearest: availability" in only(SMALL + "columns: [avail]\n").allowed


def test_a_gate_on_no_row_field_is_a_mistake() -> None:
    assert only(SMALL + "gates: {min_fields: {prce: 0.5}}\n").key == "gates.min_fields.prce"


@pytest.mark.parametrize(
    ("rule", "key", "words"),
    [
        ('{css: "a["}', "css", "a CSS selector"),
        ('{xpath: "//a["}', "xpath", "an XPath 1.0 expression"),
        ('{jsonpath: "$["}', "jsonpath", "a JSONPath query"),
        ('{css: a, regex: "("}', "regex", "a regular expression"),
        ("{css: a, xpath: //a}", None, "exactly one of css, xpath, jsonpath"),
    ],
)
def test_a_selector_that_does_not_compile_is_a_mistake(rule: str, key: str | None, words: str) -> None:
    mistake = only(SMALL + f"sites:\n  shop.example:\n    fields:\n      price: {rule}\n")
    place = "sites.shop.example.fields.price"
    assert (mistake.line, mistake.key) == (18, f"{place}.{key}" if key else place)
    assert words in mistake.allowed


def test_a_rule_of_two_ways_of_which_one_does_not_compile_is_told_for_both() -> None:
    rule = '{css: "a[", xpath: //a, cents: maybe}'
    with pytest.raises(InvalidDefinition) as raised:
        load_definition(
            SMALL + f"sites:\n  shop.example:\n    fields:\n      price: {rule}\n", known_fields=FIELDS
        )
    place = "sites.shop.example.fields.price"
    told = {mistake.key: mistake.allowed for mistake in raised.value.mistakes}
    assert told.keys() == {f"{place}.css", f"{place}.cents", place}
    assert told[place] == "exactly one of css, xpath, jsonpath"


@pytest.mark.parametrize("address", ["'secret:'", "'secret:A B'", "nobody"])
def test_a_notice_address_is_an_address_or_a_secret(address: str) -> None:
    assert only(SMALL.replace('"secret:ACME_SLACK_URL"', address)).key == "notify.0"


def test_a_missing_key_stands_at_the_line_above_it() -> None:
    mistake = only("job: a\nurls:\n  - list: [x]\n")
    assert (mistake.line, mistake.key, mistake.given) == (1, "publish", "nothing")


def test_the_address_of_a_spreadsheet_may_be_pasted() -> None:
    address = "https://docs.google.com/spreadsheets/d/1AbC-d_9/edit#gid=0"
    report = load_definition(SMALL.replace("1AbC", f'"{address}"'), known_fields=FIELDS)
    assert report.publish.sheet is not None
    assert report.publish.sheet.spreadsheet == "1AbC-d_9"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "keys and values"),
        ("- a\n", 1, "keys and values"),
        ("just words\n", 1, "keys and values"),
        ("job: a\n  urls: [\n", 2, "YAML"),
        ("job: a\nurls: [x\npublish: {}\n", 3, "YAML"),
        ("job: a\njob: b\n", 2, "the key once"),
        ("job: !!python/name:os.system a\n", 1, "without a tag"),
        ("a: &a [*a]\n", 1, "no alias inside its own anchor"),
        ("job: a\x00b\n", 1, "YAML"),
        ("? [a]\n: b\n", 1, "a plain key"),
        ("job: a\n---\njob: b\n", 2, "YAML"),
        ('job: a\ncustomer: "\\ud800"\n', 2, "whole characters"),
    ],
)
def test_what_is_no_definition_at_all_is_one_readable_mistake(text: str, line: int, words: str) -> None:
    found = mistakes_in(text)
    assert found[0].line == line or any(m.line == line and words in m.allowed for m in found)
    assert any(words in mistake.allowed for mistake in found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("job: a\nschedule: * 6 * * *\n", '2: schedule: put the schedule into quotes, "*…"'),
        ("job: a\nschedule: */5 * * * *\n", '2: schedule: put the schedule into quotes, "*…"'),
        ("job: a\nschedule: @daily\n", '2: schedule: put the schedule into quotes, "@…"'),
        ("columns:\n- *Preis", '2: (the file): put the value into quotes, "*…"'),
        ("job: a\nfetch:\n\tretries: 1\n", "3: (the file): blanks; YAML takes no tab here (given: a tab)"),
        ("job: a\nfetch:\n  retries: 1\n  \trate: 2\n", "4: (the file): blanks; YAML takes no tab here"),
        ("job: a\ncustomer: ACME: shop\n", '2: (the file): YAML: a text with ": " in it stands in quotes'),
    ],
)
def test_what_yaml_takes_otherwise_than_it_was_meant_is_told_in_words(text: str, told: str) -> None:
    (mistake,) = mistakes_in(text)
    assert f":{told}" in str(mistake)


def test_a_folder_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidDefinition) as caught:
        load_catalogue(tmp_path / "jobs.d", known_fields=frozenset())
    there_is_none = (
        f"There is no folder {tmp_path}/jobs.d. Make it, or set SHELFBEAT_JOBS to the one there is"
    )
    assert str(caught.value) == there_is_none


def test_aliases_cannot_blow_a_definition_up() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    assert any("100,000 values" in mistake.allowed for mistake in mistakes_in("\n".join(lines)))


def test_deep_nesting_is_a_mistake_and_not_a_crash() -> None:
    assert any("50 levels" in mistake.allowed for mistake in mistakes_in("a: " + "[" * 5_000 + "]" * 5_000))


def test_a_file_that_is_no_utf_8_says_where(tmp_path: Path, write: Write) -> None:
    path = write("a.yaml", b"job: a\ncustomer: M\xfcller\n")
    (mistake,) = load(tmp_path).broken[str(path)]
    assert (mistake.line, mistake.allowed, mistake.given) == (2, "UTF-8 text", "byte 0xfc")


def test_a_huge_file_is_refused_unread(tmp_path: Path, write: Write) -> None:
    write("a.yaml", "#" * 1_000_001)
    assert "1,000,000 bytes" in load(tmp_path).mistakes[0].allowed


def test_a_broken_file_does_not_stop_the_other_jobs(tmp_path: Path, write: Write) -> None:
    write("good.yaml")
    bad = write("bad.yaml", "job: bad\n")
    catalogue = load(tmp_path)
    assert list(catalogue.jobs) == ["good"]
    assert list(catalogue.broken) == [str(bad)]


def test_only_visible_yaml_files_are_definitions(tmp_path: Path, write: Write) -> None:
    write("a.yaml")
    write("b.yml")
    write(".c.yaml")
    write("d.yaml.bak")
    (tmp_path / "e.yaml").mkdir()
    (tmp_path / "f.yaml").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "g.yaml")
    assert list(load(tmp_path).jobs) == ["a", "b"]


def test_a_name_that_two_files_claim_is_a_mistake_in_both(tmp_path: Path, write: Write) -> None:
    first = write("a.yaml")
    second = write("b.yaml", first.read_text())
    catalogue = load(tmp_path)
    assert catalogue.jobs == {}
    assert f"{second}:1 has it too" in catalogue.broken[str(first)][0].allowed
    assert f"{first}:1 has it too" in catalogue.broken[str(second)][0].allowed


def test_a_copy_under_a_used_name_does_not_take_the_job_away(tmp_path: Path, write: Write) -> None:
    original = write("b.yaml")
    before = load(tmp_path)
    copy = write("a.yaml", original.read_text())
    after = load(tmp_path, before)
    assert after.files["b"] == original
    assert list(after.broken) == [str(copy)]


def test_a_report_that_breaks_keeps_its_last_good_version(tmp_path: Path, write: Write) -> None:
    path = write("a.yaml")
    good = load(tmp_path)
    write("a.yaml", "job: a\nurls: []\n")
    broken = load(tmp_path, good)
    assert broken.jobs["a"] == good.jobs["a"]
    assert broken.last_good == {"a"}
    assert str(path) in broken.broken
    still = load(tmp_path, broken)
    assert still.last_good == {"a"}
    write("a.yaml")
    mended = load(tmp_path, still)
    assert mended.last_good == frozenset()
    assert mended.broken == {}


def test_a_changed_file_is_read_again_and_a_deleted_one_is_gone(tmp_path: Path, write: Write) -> None:
    write("a.yaml")
    path = write("b.yaml")
    first = load(tmp_path)
    write("a.yaml", path.read_text().replace("job: b", "job: c"))
    path.unlink()
    assert list(load(tmp_path, first).jobs) == ["c"]


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, write: Write) -> None:
    write("a.yaml")
    first = load(tmp_path)
    assert load(tmp_path, first).jobs["a"] is first.jobs["a"]


def test_a_changed_variable_reads_only_the_files_that_use_it(tmp_path: Path, write: Write) -> None:
    write("a.yaml")
    write("b.yaml", (tmp_path / "a.yaml").read_text().replace("job: a", "job: b\nschedule: ${NIGHTLY}"))
    first = load(tmp_path, NIGHTLY="0 1 * * *")
    second = load(tmp_path, first, NIGHTLY="0 2 * * *")
    assert second.jobs["b"].schedule == "0 2 * * *"
    assert second.jobs["a"] is first.jobs["a"]
    assert load(tmp_path, second).last_good == {"b"}  # the Variable was removed


def test_a_file_is_loaded_by_its_path(write: Write) -> None:
    assert load_definition(write("a.yaml"), known_fields=FIELDS).job == "a"
    with pytest.raises(InvalidDefinition, match=r"none\.yaml:1"):
        load_definition(Path("none.yaml"), known_fields=FIELDS)


def test_a_mistake_in_data_without_lines_still_names_its_key() -> None:
    data = {"job": "a", "urls": [{"list": ["x"]}], "publish": {"files": ["pdf"]}, "fetch": {"delay": "soon"}}
    with pytest.raises(ValidationError) as caught:
        Report.model_validate(data)
    document = parse_document(json.dumps(data), "run")[0]
    found = to_mistakes(caught.value.errors(), Document("run", document.data, {}))
    assert [(mistake.line, mistake.key) for mistake in found] == [(1, "fetch.delay"), (1, "publish.files.0")]


def test_a_report_from_a_feed_shows_the_feeds_claims_unless_it_names_its_columns() -> None:
    start = "job: a\npublish: {files: [csv]}\nurls: [{feed: f.xml}]\n"
    shown = load_definition(start, known_fields=frozenset())
    named = load_definition(start + "columns: [url]\n", known_fields=frozenset())
    assert isinstance(shown, Report)
    assert isinstance(named, Report)
    fields = [column.field for column in shown.columns]
    assert fields == [*DEFAULT_COLUMNS, "feed_price", "feed_sale_price", "feed_availability", "feed_verdict"]
    assert [column.field for column in named.columns] == ["url"]
