"""What is printed is data: nothing in it is taken for markup."""

import pytest
from rich.console import Console

from console import output
from console.output import console, errors, print_table

WORDS = ("Shirt [blue]", "Cable USB [/3m]", "[bold]Sale[/bold] :smile:", "a[/]b")


def test_brackets_in_a_products_name_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "[x]"), [(words, "1") for words in WORDS], title="Report [/3m]")
    for words in WORDS:
        console.print(words, style="bold")
        errors.print(words)
    out, err = capsys.readouterr()
    assert all(out.count(words) == 2 and err.count(words) == 1 for words in WORDS)
    assert "Report [/3m]" in out
    assert "[x]" in out


def test_what_gives_way_is_cut_to_one_line_and_left_out_where_nothing_of_it_is_seen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("nightly-shop", "ACME GmbH", "Everything that the customer sells,\nevery morning")]
    for width in (60, 25):
        monkeypatch.setattr(output, "console", Console(width=width, highlight=False))
        print_table(
            ("job", "customer", "description"),
            rows,
            whole={"job"},
            giving_way=("customer", "description"),
        )
    wide, narrow = capsys.readouterr().out.splitlines()[1::2]
    assert wide.rstrip() == "nightly-shop  ACME GmbH  Everything that the customer sells…"
    assert narrow.rstrip() == "nightly-shop  ACME GmbH"
