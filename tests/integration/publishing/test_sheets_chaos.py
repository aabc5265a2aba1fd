"""Random faults, deaths, two runs and repeats at once, with no lock between them: no reader ever sees half a report.

`SHELFBEAT_SCHEDULES=400 pytest tests/integration/publishing/test_sheets_chaos.py` runs more schedules than `make test`.
"""

import json
import os
import random
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import pytest

from exporters.errors import StaleRun
from exporters.google.client import GoogleClient, Json
from exporters.google.pace import Limits
from exporters.published import Published
from exporters.sheets.publish import Patience, publish_to_sheet
from exporters.table import Table
from jobs.definition import Column, SheetTarget
from reports.errors import Unavailable
from reports.row import Row
from tests.support.sheet_tab import Formula
from tests.support.sheets_api import FakeSheets, Fault, Kind

SHEET = "1AbC"
SCHEDULES = int(os.environ.get("SHELFBEAT_SCHEDULES", "16"))
NO_WAITS = Limits(0, 0, 0, after_429_s=(0.0,) * 6)
COLUMNS = (Column(field="url"), Column(field="sku"), Column(field="price"))
KINDS: tuple[Kind, ...] = ("500", "503", "html502", "429", "403quota", "drop", "half_body", "slow", "hang")
ATTEMPTS = 60


class Told(NamedTuple):
    """What is published: a run, in one of its lives. Later ones are greater."""

    sequence: int
    life: int = 0

    @property
    def price(self) -> float:
        return self.sequence + self.life / 2


TOLD = (Told(0), Told(1), Told(2), Told(2, life=1))


class Killed(BaseException):
    """The process is gone."""


class MortalClient(GoogleClient):
    """A client whose process may die before a request leaves or after its answer has come."""

    def dies_by(self, chance: Callable[[], bool]) -> "MortalClient":
        self._chance = chance
        return self

    def _maybe(self) -> None:
        if self._chance():
            raise Killed

    def batch_update(self, spreadsheet: str, requests_: list[Json]) -> Json:
        self._maybe()
        answer = super().batch_update(spreadsheet, requests_)
        self._maybe()
        return answer

    def write_raw(self, spreadsheet: str, a1_range: str, rows: list[bytes]) -> Json:
        self._maybe()
        return super().write_raw(spreadsheet, a1_range, rows)


def table(told: Told, total: int) -> Table:
    def row(position: int) -> Row:
        return Row(
            position=position,
            url=f"https://shop.example/{told.sequence}/{position}",
            sku=f"00{position}",
            price=Decimal(told.price),
        )

    return Table(COLUMNS, total, lambda: map(row, range(total)))


def shown(told: Told, total: int) -> list[list[object]]:
    head: list[list[object]] = [["URL", "SKU", "Price"]]
    return head + [
        [f"https://shop.example/{told.sequence}/{position}", f"00{position}", told.price]
        for position in range(total)
    ]


class Schedule:
    """One seed: how long the reports are, how they are sent, what fails when and who dies."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.guard = threading.Lock()
        self.totals = {told: self.dice.choice([1, 3, 8, 8, 20]) for told in TOLD}
        if self.dice.random() < 0.1:
            self.totals[TOLD[2]] = 0
        self.fault_rate = self.dice.choice([0.0, 0.1, 0.3, 0.5])
        self.death_rate = self.dice.choice([0.0, 0.05, 0.2])

    def roll(self, rate: float) -> bool:
        with self.guard:
            return self.dice.random() < rate

    def fault(self, method: str, _path: str) -> Fault | None:
        if not self.roll(self.fault_rate):
            return None
        with self.guard:
            kind = self.dice.choices(KINDS, weights=[4, 4, 4, 3, 1, 6, 4, 3, 1])[0]
            if kind in {"429", "403quota"}:
                return Fault(kind)  # these promise that nothing was done
            commit = self.dice.choice([False, True, "late"]) if method == "POST" else False
            return Fault(kind, commit=commit, late_s=self.dice.choice([0.0, 0.01, 0.05]))  # type: ignore[arg-type]

    def patience(self) -> Patience:
        with self.guard:
            small = self.dice.choice([0, 1_900_000])
            return Patience(
                small_bytes=small, chunk_bytes=self.dice.choice([100, 400, 5000]), pauses_s=(0.0,)
            )


def keep_trying(fake: FakeSheets, schedule: Schedule, told: Told) -> Published | StaleRun:
    """Publish as the task does: again after a death or Unavailable, with a new client each time."""
    for _ in range(ATTEMPTS):
        google = MortalClient(
            sheets_api_root=fake.root, drive_api_root=fake.root, limits=NO_WAITS, timeouts_s=(1.0, 0.12)
        ).dies_by(lambda: schedule.roll(schedule.death_rate))
        try:
            return publish_to_sheet(
                table(told, schedule.totals[told]),
                SheetTarget(spreadsheet=SHEET),
                job="acme",
                run_id=f"run-{told.sequence}",
                sequence=told.sequence,
                life=told.life,
                google=google,
                patience=schedule.patience(),
            )
        except (Unavailable, Killed):
            continue
        except StaleRun as stale:
            return stale
        finally:
            google.close()
    message = f"{told} did not end in {ATTEMPTS} attempts"
    raise AssertionError(message)


def calmly(fake: FakeSheets, told: Told, total: int) -> None:
    """Publish without faults."""
    publish_to_sheet(
        table(told, total),
        SheetTarget(spreadsheet=SHEET),
        job="acme",
        run_id=f"run-{told.sequence}",
        sequence=told.sequence,
        google=GoogleClient(sheets_api_root=fake.root, limits=NO_WAITS),
    )


def generations(fake: FakeSheets) -> set[tuple[str, int]]:
    """Return which run, in which life, made which generation."""
    marks = [json.loads(value) for commit in fake.commits for value in commit.metadata.get("Report", [])]
    return {(f"{mark['run']} {mark['life']}", mark["generation"]) for mark in marks}


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_every_state_that_a_reader_can_see_is_one_whole_report_and_never_an_older_one(seed: int) -> None:
    schedule = Schedule(seed)
    ended: dict[Told, Published | StaleRun] = {}
    with FakeSheets() as fake:
        spreadsheet = fake.add(SHEET)
        calmly(fake, TOLD[0], schedule.totals[TOLD[0]])  # yesterday's report
        live = spreadsheet.titled("Report")
        spreadsheet.tabs[0].put(0, 0, (Formula(live.id, slice(1, None), slice(2, 3)),))  # a customer's sum
        fake.chooses = schedule.fault
        threads = [
            threading.Thread(target=lambda told=told: ended.update({told: keep_trying(fake, schedule, told)}))
            # The third: the same run once more, as a queue delivers it. The last: done again by a person, while an
            # attempt of before is still at it.
            for told in (TOLD[1], TOLD[2], TOLD[2], TOLD[3])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        fake.chooses = None
        fake.settle()

        whole = {told: shown(told, total) for told, total in schedule.totals.items()}
        seen = []
        for commit in fake.commits:
            report = commit.tabs.get("Report")
            if report is None:
                continue  # before the first report
            told = next((told for told, expected in whole.items() if report == expected), None)
            assert told is not None, f"half a report: {report}"
            seen.append(told)
            if commit.tabs["Sheet1"]:  # bound to the live tab, so it must add up in every state
                assert commit.tabs["Sheet1"] == [[float(told.price * schedule.totals[told])]]
        assert seen == sorted(seen)
        assert len(generations(fake)) == len({run for run, _ in generations(fake)}), (
            "a run was published twice"
        )
        assert isinstance(ended[TOLD[2]], Published)
        assert isinstance(ended[TOLD[3]], Published)
        assert fake.shown(SHEET) == whole[TOLD[3]]
        assert spreadsheet.titled("Report").id == live.id

        # The next publish removes what the dead have left.
        calmly(fake, Told(3), 5)
        assert fake.shown(SHEET) == shown(Told(3), 5)
        assert [tab.title for tab in spreadsheet.tabs.values() if tab.hidden] == [
            f"_shelfbeat generation {live.id}"
        ]
