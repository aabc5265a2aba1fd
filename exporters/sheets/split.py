"""A report over several tabs, one for each value of a field: smaller tabs, and room where one would not fit.

Each tab is published as a whole and at once, one after the other; a tab whose value the report no longer has is
emptied. While a tab is written only its own rows need room twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from exporters.errors import SheetFull
from exporters.google.answers import AnswerLost, Rejected
from exporters.google.client import GoogleClient, Json
from exporters.published import Published
from exporters.sheets.batches import Target, check_room, make_plan
from exporters.sheets.grid import parse_cell
from exporters.sheets.layout import layout_digest
from exporters.sheets.publish import Patience, always, check_latest, publish_to_sheet
from exporters.sheets.staging import small
from exporters.sheets.state import FIELDS, SheetState, look, same_tab
from exporters.table import Table
from jobs.definition import Column, SheetTarget
from reports.columns import cells
from reports.errors import Unavailable
from reports.row import Row

MOST_TABS: Final = 40
_LONGEST_TITLE: Final = 100
"""Characters of a tab's name."""


def publish_split(  # noqa: PLR0913 - as publish_to_sheet
    table: Table,
    target: SheetTarget,
    *,
    job: str,
    run_id: str,
    sequence: int,
    life: int = 0,
    google: GoogleClient,
    patience: Patience | None = None,
    still_wanted: Callable[[], None] = always,
) -> list[Published]:
    """Publish one tab for each value of `target.split_by`, named `Report · value`, and return all of them.

    Raises SheetFull for more than 40 values or more cells than there is room for, before anything is written,
    and whatever publish_to_sheet does; tabs that are done by then stay, and a repeat goes on with the others.
    """
    parts = _parts(table, target)
    answer = _read(target, google)
    state = look(answer, target.tab, job)
    check_latest(state, job, run_id, sequence)
    for title in _left_over(state, target, job, parts):
        parts[title] = replace(table, total=0, rows=lambda: iter(()))
    _check_room(answer, parts, target, job, (patience or Patience()).small_bytes)
    return [
        publish_to_sheet(
            part,
            target.model_copy(update={"tab": title, "split_by": None}),
            job=job,
            run_id=run_id,
            sequence=sequence,
            life=life,
            google=google,
            patience=patience,
            still_wanted=still_wanted,
        )
        for title, part in parts.items()
    ]


def tab_title(tab: str, value: object) -> str:
    """Return the name of the tab for a value; empty cells share one."""
    text = " ".join(str(value).split()) if value is not None else ""
    return f"{tab} · {text or 'none'}"[:_LONGEST_TITLE]


def _parts(table: Table, target: SheetTarget) -> dict[str, Table]:
    """Return the part of the report for each tab, by its title. Raises SheetFull for more tabs than there may be."""
    field = Column(field=target.split_by or "")
    counts = _values(table, field, target.tab)
    if len(counts) > MOST_TABS:
        what = f"The report would need {len(counts)} tabs or more, one for each {field.field}"
        raise SheetFull(what, f"Split by a field of at most {MOST_TABS} values.")
    return {title: _part(table, field, title, total, target) for title, total in counts.items()}


def _values(table: Table, field: Column, tab: str) -> Counter[str]:
    """Count rows by tab title, in the order of appearance; one tab for what differs in case only."""
    counts: Counter[str] = Counter()
    titles: dict[str, str] = {}
    for row in table.rows():
        title = _title(row, field, tab)
        counts[titles.setdefault(title.casefold(), title)] += 1
        if len(counts) > MOST_TABS:
            break
    return counts


def _title(row: Row, field: Column, tab: str) -> str:
    (value,) = cells(row, (field,))
    return tab_title(tab, value)


def _part(table: Table, field: Column, title: str, total: int, target: SheetTarget) -> Table:
    def rows() -> Iterator[Row]:
        return (row for row in table.rows() if same_tab(_title(row, field, target.tab), title))

    return replace(table, total=total, rows=rows)


def _read(target: SheetTarget, google: GoogleClient) -> Json:
    try:
        return google.spreadsheet(target.spreadsheet, FIELDS)
    except (AnswerLost, Rejected) as error:
        raise Unavailable("Google Sheets", str(error)) from error


def _check_room(
    answer: Json, parts: Mapping[str, Table], target: SheetTarget, job: str, small_bytes: int
) -> None:
    """Raise SheetFull when not all tabs will fit, before the first of them is written."""
    start = parse_cell(target.start)
    plans = [
        make_plan(look(answer, title, job), part, Target(title, start), layout_digest(part, start))
        for title, part in parts.items()
    ]
    staged = (part.total for part in parts.values() if small(part, small_bytes) is None)
    if plans:
        check_room(plans, staged_rows=max(staged, default=0))


def _left_over(state: SheetState, target: SheetTarget, job: str, today: Iterable[str]) -> list[str]:
    """Return names of tabs that an earlier run of the job has filled and this one has no rows for."""
    prefix = tab_title(target.tab, "").removesuffix("none").casefold()
    known = {title.casefold() for title in today}
    return sorted(
        mark.tab
        for mark in state.marks
        if mark.job == job
        and mark.rows
        and mark.tab.casefold().startswith(prefix)
        and mark.tab.casefold() not in known
    )
