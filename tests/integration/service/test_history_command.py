"""`shelfbeat history`: a product's days from the command line, as a table, as JSON and as pictures."""

import functools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.app import command
from exporters.history.schema import RunStamp
from exporters.history.store import History
from reports.row import Row
from tasks.settings import settings

URL = "https://shop.example/kettle"


def _one(row: Row) -> Iterator[Row]:
    return iter([row])


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A history of two days, which the settings name."""
    history, now = History(tmp_path / "history"), datetime.now(UTC)
    for ago, price in ((2, "20.00"), (1, "18.00")):
        at = now - timedelta(days=ago)
        row = Row(url=URL, page_type="product", name="Kettle", price=Decimal(price), currency="EUR")
        history.put(RunStamp("acme", f"r{ago}", at.date(), at), functools.partial(_one, row))
    monkeypatch.setenv("SHELFBEAT_HISTORY", str(tmp_path / "history"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize(
    ("suffix", "begins"), [("png", b"\x89PNG"), ("html", b"<!doctype"), ("svg", b"<svg")]
)
def test_a_picture_is_written_beside_what_is_printed(
    kept: None, tmp_path: Path, suffix: str, begins: bytes
) -> None:
    picture = tmp_path / f"kettle.{suffix}"
    done = CliRunner().invoke(command("history"), ["history", URL, "--plot", str(picture)])
    assert done.exit_code == 0, done.output
    assert "20.00" in done.stdout
    assert "18.00" in done.stdout
    assert picture.read_bytes().startswith(begins)


def test_a_picture_of_another_kind_is_refused_with_those_there_are(kept: None, tmp_path: Path) -> None:
    done = CliRunner().invoke(command("history"), ["history", URL, "--plot", str(tmp_path / "kettle.gif")])
    assert done.exit_code == 2
    assert ".png, .html, .svg" in done.output


def test_a_product_that_was_never_seen_is_told(kept: None) -> None:
    done = CliRunner().invoke(command("history"), ["history", "NOPE"])
    assert (done.exit_code, "nothing of NOPE" in done.output) == (2, True)
