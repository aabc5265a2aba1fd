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


def test_what_gives_way_is_cut_to_one_line_and_stands_below_its_row_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("nightly-shop", "ACME GmbH", "Everything that the customer sells,\nevery morning")]
    for width in (60, 25):
        monkeypatch.setattr(
            output, "console", Console(width=width, highlight=False, force_terminal=True, color_system=None)
        )
        print_table(
            ("job", "customer", "description"),
            rows,
            whole={"job"},
            giving_way=("customer", "description"),
        )
    _, wide, _, narrow, *below = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert wide == "nightly-shop  ACME GmbH  Everything that the customer sells…"
    assert narrow == "nightly-shop  ACME GmbH"
    assert (
        " ".join(" ".join(below).split()) == "description: Everything that the customer sells, every morning"
    )


def test_whole_columns_without_room_stand_below_too_and_nothing_is_cut_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [("nightly-shop-20261121T060000Z", "published with gaps", "its message did not reach everybody")]
    headings = ("run", "state", "reason")
    for terminal in (True, False):
        made = Console(width=40, highlight=False, force_terminal=terminal, color_system=None)
        monkeypatch.setattr(output, "console", made)
        print_table(headings, rows, whole=headings, giving_way=("reason",))
    _, named, *below, _, piped = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert named == rows[0][0]
    assert " ".join(" ".join(below).split()) == f"state: {rows[0][1]} · reason: {rows[0][2]}"
    assert piped == "  ".join(rows[0])
