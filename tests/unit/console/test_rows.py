"""Rows in the terminal: what a row lacks is told whole."""

import json
from decimal import Decimal

import pytest
from rich.console import Console

from console import output
from console import rows as rows_module
from console.rows import print_failed_rows, print_json_rows, print_rows
from reports.row import Row


def test_a_reason_is_shown_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    detail = "the run's deadline came before this page's turn, and others went before it"
    print_rows([Row(url="https://shop.example/kettle", failure="not_asked", failure_detail=detail)], 5)
    assert f"Not asked, the time was up: {detail}" in " ".join(capsys.readouterr().out.split())


def test_rows_of_one_name_are_told_apart_by_place_and_address_and_uncut_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "A kettle of a name that is longer than any column of a terminal could ever be " * 2
    variants = [
        Row(
            position=at, url=f"{URL}/kettle?colour={colour}", name=name, page_type="product", price=Decimal(9)
        )
        for at, colour in enumerate(("red", "blue"))
    ]
    print_rows(variants, 5)
    _, red, blue = capsys.readouterr().out.splitlines()
    assert red.startswith(f"0  {URL}/kettle?colour=red")
    assert all(name.strip() in line for line in (red, blue))
    terminal = Console(width=80, highlight=False, force_terminal=True, color_system=None)
    for module in (output, rows_module):
        monkeypatch.setattr(module, "console", terminal)
    print_rows(variants, 5)
    said = capsys.readouterr().out
    assert all(len(line.rstrip()) <= 80 for line in said.splitlines())
    assert "name-/kettle?colour=red " in said
    assert "ame-/kettle?colour=blue " in said
    assert " ".join(said.split()).count(f"Name: {name.strip()}") == 2


URL = "https://shop.example/de/" + "a-kettle-of-a-long-name-" * 3


def test_of_rows_without_a_product_the_whole_address_and_all_that_is_known_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    detail = "Cannot connect to host shop.example:443 [Connection refused]"
    rows = [
        Row(url=URL, failure="connect", failure_detail=detail),
        Row(url=URL, failure="timeout", failure_detail="no connection in 10 s"),
        Row(url=URL, page_type="consent"),
    ]
    print_failed_rows(rows, 2)
    said = " ".join(capsys.readouterr().out.split())
    assert said.count(URL) == 2
    assert f"connect The shop could not be reached: {detail} " in said
    assert "timeout The page did not answer in time: no connection in 10 s … and 1 more" in said


def test_a_run_without_failures_says_so_instead_of_an_empty_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_failed_rows([], 2)
    assert capsys.readouterr().out == "every URL of the run has a product\n"


def test_a_row_in_json_says_its_reason_in_a_sentence_too(capsys: pytest.CaptureFixture[str]) -> None:
    print_json_rows([Row(url=URL, page_type="product"), Row(url=URL, failure="http_404")])
    product, gone = json.loads(capsys.readouterr().out)
    assert (product["reason"], gone["reason"]) == (None, "The shop has no such page any more (404)")
    assert gone["failure"] == "http_404"
