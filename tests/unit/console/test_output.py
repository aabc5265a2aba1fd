"""What is printed is data: nothing in it is taken for markup."""

import pytest

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
