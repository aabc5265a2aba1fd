"""A1 names and ranges."""

import pytest

from exporters.sheets.grid import Place, a1_range, column_name, grid_range, parse_cell


@pytest.mark.parametrize(
    ("a1", "place"),
    [("A1", (0, 0)), ("B3", (2, 1)), ("Z1", (0, 25)), ("AA10", (9, 26)), ("ZZZ1", (0, 18277))],
)
def test_a_cell_is_read_and_named_the_same_way(a1: str, place: tuple[int, int]) -> None:
    assert parse_cell(a1) == place
    assert f"{column_name(place[1])}{place[0] + 1}" == a1


@pytest.mark.parametrize("a1", ["", "1A", "A0", "a1", "A1:B2", "ABCD1"])
def test_what_is_no_cell_is_an_error(a1: str) -> None:
    with pytest.raises(ValueError, match="no cell"):
        parse_cell(a1)


def test_a_tabs_name_is_quoted() -> None:
    assert a1_range("Bob's", Place(0, 0), Place(9, 2)) == "'Bob''s'!A1:C10"


def test_a_range_without_a_size_reaches_the_edge() -> None:
    assert grid_range(7, 1, 2) == {"sheetId": 7, "startRowIndex": 1, "startColumnIndex": 2}
    assert grid_range(7, 1, 2, rows=3, columns=4)["endRowIndex"] == 4
    assert grid_range(7, 1, 2, rows=3, columns=4)["endColumnIndex"] == 6
