"""Rows in the terminal: what a row lacks is told whole."""

import pytest

from console.rows import print_rows
from reports.row import Row


def test_a_reason_is_shown_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    detail = "the run's deadline came before this page's turn, and others went before it"
    print_rows([Row(url="https://shop.example/kettle", failure="not_asked", failure_detail=detail)], 5)
    assert f"Not asked, the time was up: {detail}" in " ".join(capsys.readouterr().out.split())
